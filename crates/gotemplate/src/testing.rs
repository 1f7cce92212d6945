//! What the tests of several modules use.

use std::sync::Arc;

use tidegate_source::FileId;

use crate::{Error, Fixed, Functions, Limits, Options, Origins, Output, Set, Value};

/// Executes a template with Helm's functions, with nil as dot.
pub(crate) fn run(template: &str) -> Result<Output, Box<Error>> {
    let mut set = Set::new(
        Arc::new(Functions::helm()),
        Options {
            hide_no_value: true,
            ..Options::default()
        },
    );
    set.parse("t", template.as_bytes(), FileId::NONE)?;
    let mut host = Fixed::default();
    set.execute(
        "t",
        &Value::NIL,
        &mut host,
        &mut Origins::off(),
        &Limits::default(),
    )
}

/// Executes a template and compares what it prints.
#[track_caller]
pub(crate) fn check(template: &str, expected: &str) {
    let output = run(template).unwrap();
    assert_eq!(
        String::from_utf8(output.text).unwrap(),
        expected,
        "{template}"
    );
}
