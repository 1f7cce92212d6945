//! Whatever a template is made of, it is read and executed, or refused: nothing panics.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test of its own")]

use std::sync::Arc;

use tidegate_gotemplate::{Fixed, Functions, Kind, Limits, List, Options, Origins, Set, Value};
use tidegate_source::FileId;

/// What templates are made of here.
const PARTS: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    "-}}",
    " ",
    "\n",
    "|",
    "(",
    ")",
    ":=",
    "=",
    ",",
    ".",
    "$",
    "$x",
    ".a",
    ".b.c",
    "\"",
    "`",
    "'x'",
    "\"a\"",
    "\"%5.2q\"",
    "\"[a-z\"",
    "1",
    "-1",
    "0x1p4",
    "1i",
    "9223372036854775807",
    "nil",
    "true",
    "if",
    "else",
    "end",
    "range",
    "with",
    "define",
    "block",
    "template",
    "break",
    "continue",
    "/*",
    "*/",
    "\u{e9}",
    "\u{1f600}",
    "\u{0}",
    "text",
];

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn run(template: &str) {
    let limits = Limits {
        steps: 10_000,
        output: 1 << 16,
        memory: 1 << 22,
        ..Limits::default()
    };
    let mut set = Set::new(Arc::new(Functions::helm()), Options::default());
    if set.parse("t", template.as_bytes(), FileId::NONE).is_err() {
        return;
    }
    let list = List::grown(vec![
        Kind::Int(1).into(),
        "b".into(),
        Value::NIL,
        Value::from(2.5),
    ]);
    let data = Value::map([("a".into(), list.into()), ("b".into(), "\u{e9}x".into())].into());
    for mut origins in [Origins::off(), Origins::tracking()] {
        let mut host = Fixed::default();
        let _ = set.execute("t", &data, &mut host, &mut origins, &limits);
    }
}

#[test]
fn any_text_is_read_or_refused() {
    let mut random = Random(1);
    for _ in 0..5000 {
        let count = 1 + random.below(14);
        let template: String = (0..count)
            .map(|_| PARTS[random.below(PARTS.len())])
            .collect();
        run(&template);
    }
}

#[test]
fn any_call_gives_a_value_or_an_error() {
    let functions = Functions::helm();
    // Slow by design.
    let slow = ["bcrypt", "htpasswd", "derivePassword"];
    let names: Vec<&str> = functions
        .names()
        .into_iter()
        .filter(|name| !slow.contains(name))
        .collect();
    let values = [
        "1",
        "-1",
        "0",
        "1.5",
        "9223372036854775807",
        "-9223372036854775808",
        "1e300",
        "\"\"",
        "\"a,b\"",
        "\"\\xff\\x00\"",
        "\"h\u{e9}llo w\u{f6}rld\"",
        "\"{\\\"a\\\":[1]}\"",
        "\"a: [1, b]\"",
        "\"1.2.3-a+b\"",
        "\"2006-01-02\"",
        "\"(a|b)*\"",
        "\"1h\"",
        "nil",
        "true",
        ".",
        ".a",
        ".b",
        "(list 1 2)",
        "(list)",
        "(dict \"a\" (dict))",
        "(now)",
        "(semver \"1.2.3\")",
        "(split \",\" \"a,b\")",
    ];
    let mut random = Random(7);
    for _ in 0..8000 {
        let name = names[random.below(names.len())];
        let args: Vec<&str> = (0..random.below(5))
            .map(|_| values[random.below(values.len())])
            .collect();
        run(&format!(
            "{{{{ {name} {} | printf \"%#v\" }}}}",
            args.join(" ")
        ));
    }
}
