use super::*;
use std::sync::Arc;
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, ParseOptions, parse, to_json};

fn table(yaml: &str) -> Table {
    let system = MemorySystem::new().with("values.yaml", yaml);
    let sources = Sources::new(Arc::new(system));
    let file = sources
        .load(&TreePath::new("values.yaml").unwrap())
        .unwrap();
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let root = parsed.documents[0].root.as_ref().unwrap();
    match Value::decode(root).unwrap() {
        Value::Map(table) => table,
        other => panic!("{other:?}"),
    }
}

fn run(line: &str, into: &Table, reading: Reading) -> Result<(), Error> {
    set(line, into, reading, &Place::default())
}

fn check(line: &str, expected: &str) {
    let into = table("{m: {k: 1}, l: [{k: 1}, [2]]}");
    let before = to_json(&into.to_node()).unwrap();
    run(line, &into, Reading::Typed).unwrap();
    let after = to_json(&into.to_node()).unwrap();
    let expected = match expected {
        "" => before,
        expected => expected.to_owned(),
    };
    assert_eq!(after, expected, "{line}");
}

fn check_error(line: &str, offset: usize, message: &str) {
    let into = table("{m: {k: 1}, l: [1], s: x}");
    let error = run(line, &into, Reading::Typed).unwrap_err();
    assert_eq!(error.to_string(), message, "{line}");
    assert_eq!(error.offset, offset, "{line}");
}

#[test]
fn paths() {
    check(
        "m.a.b=x,m.k=2",
        r#"{"l":[{"k":1},[2]],"m":{"a":{"b":"x"},"k":2}}"#,
    );
    check(
        "l[0].k=x,l[1][2]=y,l[2].z=",
        r#"{"l":[{"k":"x"},[2,null,"y"]],"m":{"k":1}}"#,
    );
    check(
        r"a\.b=c\,d,e={1, 2,x\}y}",
        r#"{"a.b":"c,d","e":[1," 2","x}y"],"l":[{"k":1},[2]],"m":{"k":1}}"#,
    );
    check("l[3]=x", r#"{"l":[{"k":1},[2],null,"x"],"m":{"k":1}}"#);
}

#[test]
fn lines_that_end_early_set_less() {
    check("", "");
    check("a.", "");
    check("a[", "");
    check(".a=1", "");
    check("=x", "");
    check("a[0]", r#"{"a":[],"l":[{"k":1},[2]],"m":{"k":1}}"#);
    check("a=", r#"{"a":"","l":[{"k":1},[2]],"m":{"k":1}}"#);
}

#[test]
fn values() {
    let check = |value: &str, expected: &str| {
        let into = table("{}");
        run(&format!("a={value}"), &into, Reading::Typed).unwrap();
        let json = to_json(&into.to_node()).unwrap();
        assert_eq!(json, format!(r#"{{"a":{expected}}}"#), "{value}");
    };
    check("TRUE", "true");
    check("Null", "null");
    check("0", "0");
    check("-0", "0");
    check("+12", "12");
    check("012", r#""012""#);
    check("1.5", r#""1.5""#);
    check("9223372036854775808", r#""9223372036854775808""#);
    check("9223372036854775807", "9223372036854775807");
    let into = table("{}");
    run("a=true,b={1}", &into, Reading::Text).unwrap();
    assert_eq!(
        to_json(&into.to_node()).unwrap(),
        r#"{"a":"true","b":["1"]}"#
    );
}

#[test]
fn a_value_that_is_set_as_it_is() {
    let into = table("{}");
    let value = Value::Leaf(Node::str("{a},b=1", Place::default()));
    set_at("l[0].k", &into, value.clone()).unwrap();
    set_at(r"m.a\.b", &into, value).unwrap();
    assert_eq!(
        to_json(&into.to_node()).unwrap(),
        r#"{"l":[{"k":"{a},b=1"}],"m":{"a.b":"{a},b=1"}}"#
    );
}

#[test]
fn errors() {
    check_error("a", 1, "`a` has no value");
    check_error("a,b=1", 2, "`a` has no value");
    check_error("a.=1", 4, "no name follows `a.`");
    check_error("s.a=1", 2, "`s` is not a map");
    check_error("m[0]=1", 4, "`m` is not a list");
    check_error("l[0][1]=1", 7, "`[0]` is not a list");
    check_error("l[x]=1", 4, "the index `x` is not a whole number");
    check_error("l[-1]=1", 5, "the index -1 is below 0");
    check_error(
        "l[65537]=1",
        10,
        "the index 65537 is above the limit of 65536",
    );
    check_error("l[0]x=1", 6, "`x` follows the index of a list");
    check_error("a={1,2", 6, "the list does not end with `}`");
    check_error(&"a.".repeat(40), 62, "the path is nested too deeply");
    let lists = format!("l{}=1", "[1]".repeat(5000));
    check_error(&lists, 305, "the path is nested too deeply");
}
