use super::*;

/// A value of JSON.
fn value(text: &str) -> Node {
    json::read(text).unwrap()
}

/// What Helm says of a value. The words are those of Helm 4.3.1.
fn check(schema: &str, instance: &str, expected: &[&str]) {
    let schema = JsonSchema::read(schema.as_bytes()).unwrap();
    let text = match schema.validate(&value(instance)) {
        Ok(()) => String::new(),
        Err(invalid) => invalid.to_string(),
    };
    assert_eq!(text, expected.join("\n"), "{instance}");
}

const DRAFT7: &str = "http://json-schema.org/draft-07/schema#";

#[test]
fn types() {
    let schema = r#"{"properties": {"n": {"type": ["integer", "null"]}}}"#;
    check(schema, r#"{"n": 2.0}"#, &[]);
    check(schema, r#"{"n": null}"#, &[]);
    check(
        schema,
        r#"{"n": 2.5}"#,
        &["- at '/n': got number, want null or integer"],
    );
}

#[test]
fn objects() {
    let schema = r#"{"required": ["a", "b"], "properties": {"a": {"minLength": 2}},
        "patternProperties": {"^x": {"maximum": 1000}}, "additionalProperties": false,
        "propertyNames": {"maxLength": 3}}"#;
    check(
        schema,
        r#"{"a": "xy", "b": 1}"#,
        &["- at '': additional properties 'b' not allowed"],
    );
    check(
        schema,
        r#"{"xlong": 70000}"#,
        &[
            "- at '': missing properties 'a', 'b'",
            "- at '/xlong': maximum: got 70,000, want 1,000",
            "- at '': invalid propertyName 'xlong'",
            "  - at '': maxLength: got 5, want 3",
        ],
    );
}

#[test]
fn arrays() {
    let schema = r#"{"prefixItems": [{"const": 1}], "items": {"enum": ["a", 2]},
        "contains": {"type": "string"}, "maxContains": 1, "uniqueItems": true}"#;
    check(schema, r#"[1, "a", 2]"#, &[]);
    check(
        schema,
        r#"[2, "a", "a"]"#,
        &[
            "- at '': items at 1 and 2 are equal",
            "- at '/0': value must be 1",
            "- at '': max 1 items required to match contains schema, but matched 2 items at 1 2",
        ],
    );
}

#[test]
fn references_and_alternatives() {
    let schema = format!(
        r##"{{"$schema": "{DRAFT7}", "definitions": {{"port": {{"anyOf": [{{"type": "integer"}},
            {{"allOf": [{{"type": "string"}}, {{"format": "ipv4"}}]}}]}}}},
            "properties": {{"port": {{"$ref": "#/definitions/port"}}}}}}"##
    );
    check(&schema, r#"{"port": 1}"#, &[]);
    check(
        &schema,
        r#"{"port": "x"}"#,
        &[
            "- at '/port': 'anyOf' failed",
            "  - at '/port': got string, want integer",
            "  - at '/port': 'allOf' failed",
            "    - at '/port': 'x' is not valid ipv4: expected four decimals",
        ],
    );
}

#[test]
fn formats_count_up_to_draft_7() {
    let schema = r#"{"format": "ipv4"}"#;
    check(schema, r#""x""#, &[]);
    let schema = format!(r#"{{"$schema": "{DRAFT7}", "format": "ipv4"}}"#);
    check(
        &schema,
        r#""x""#,
        &["- at '': 'x' is not valid ipv4: expected four decimals"],
    );
}

#[test]
fn what_nobody_evaluated() {
    let schema = r#"{"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}"#;
    check(schema, r#"{"a": 1}"#, &[]);
    check(schema, r#"{"b": 1}"#, &["- at '/b': false schema"]);
}

#[test]
fn recursion() {
    let schema = r##"{"properties": {"next": {"$ref": "#"}}, "required": ["v"]}"##;
    check(
        schema,
        r#"{"v": 1, "next": {}}"#,
        &["- at '/next': missing property 'v'"],
    );
    let schema =
        r##"{"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"$ref": "#/$defs/x"}}}"##;
    check(
        schema,
        r#"{"a": 1}"#,
        &[
            "- at '/a': both /properties/a/$ref/$ref and /properties/a/$ref resolve to \
           \"file:///values.schema.json#/$defs/x\" causing reference cycle",
        ],
    );
}

#[test]
fn what_is_no_schema() {
    let refused = |text: &str, expected: &str| {
        let error = JsonSchema::read(text.as_bytes()).unwrap_err();
        assert_eq!(error, SchemaError::Refused(expected.to_owned()));
    };
    refused("{", "it is not JSON");
    refused(
        r##"{"$ref": "#/definitions/x"}"##,
        "json-pointer in \"file:///values.schema.json#/definitions/x\" not found",
    );
    refused(
        r#"{"$ref": "other.json"}"#,
        "failing loading \"file:///other.json\": open /other.json: no such file or directory",
    );
    refused(
        &format!(r#"{{"$schema": "{DRAFT7}", "properties": {{"a": {{"minLength": -1}}}}}}"#),
        "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed \
         with 'http://json-schema.org/draft-07/schema#'\n\
         - at '/properties/a/minLength': 'allOf' failed\n  \
         - at '/properties/a/minLength': minimum: got -1, want 0",
    );
    let remote = JsonSchema::read(br#"{"$ref": "https://example.com/a.json#/x"}"#);
    assert_eq!(
        remote.unwrap_err(),
        SchemaError::Remote("https://example.com/a.json".into())
    );
    assert!(JsonSchema::read(br#"{"$ref": "urn:example:a"}"#).is_ok());
}

#[test]
fn every_draft_has_its_schema() {
    for draft in [
        "draft-04",
        "draft-06",
        "draft-07",
        "draft/2019-09",
        "draft/2020-12",
    ] {
        let schema =
            format!(r#"{{"$schema": "http://json-schema.org/{draft}/schema#", "type": "object"}}"#);
        check(&schema, "1", &["- at '': got number, want object"]);
    }
}

#[test]
fn costs_are_bounded() {
    // Each schema tries the next one twice.
    let mut defs = String::new();
    for i in 0..60 {
        let next = format!(r##"{{"$ref": "#/$defs/d{}"}}"##, i + 1);
        defs.push_str(&format!(r#""d{i}": {{"anyOf": [{next}, {next}]}}, "#));
    }
    let schema = format!(r##"{{"$ref": "#/$defs/d0", "$defs": {{{defs}"d60": false}}}}"##);
    let schema = JsonSchema::read(schema.as_bytes()).unwrap();
    assert!(schema.validate(&value("1")).is_err());

    // A chain that is as long as the document.
    let mut defs = String::new();
    for i in 0..5000 {
        defs.push_str(&format!(r##""d{i}": {{"$ref": "#/$defs/d{}"}}, "##, i + 1));
    }
    let schema = format!(r##"{{"$ref": "#/$defs/d0", "$defs": {{{defs}"d5000": true}}}}"##);
    let schema = JsonSchema::read(schema.as_bytes()).unwrap();
    let text = schema.validate(&value("1")).unwrap_err().to_string();
    assert!(text.contains("too deep or too costly"), "{text}");
}

fn violations(schema: &str, instance: &str) -> Vec<String> {
    let schema = JsonSchema::read(schema.as_bytes()).unwrap();
    let invalid = schema.validate(&value(instance)).unwrap_err();
    let all = invalid.violations().into_iter().map(|one| {
        let nearest = one
            .nearest
            .map(|name| format!(" ({name})"))
            .unwrap_or_default();
        format!("{} {}{nearest}", one.path.join("."), one.problem)
    });
    all.collect()
}

#[test]
fn findings() {
    let schema = r#"{"properties": {
        "image": {"additionalProperties": false, "properties": {"tag": {"type": "string"}, "pullPolicy": {}}},
        "port": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "env": {"oneOf": [{"type": "array"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
    }}"#;
    assert_eq!(
        violations(
            schema,
            r#"{"image": {"tag": 1, "pulPolicy": "x"}, "port": true, "env": {"A": 1}}"#
        ),
        [
            "image.tag is a number, and must be a string",
            "image.pulPolicy is not a value that the schema of the chart knows (pullPolicy)",
            "port is a boolean, and must be an integer or a string",
            "env.A is a number, and must be a string",
        ]
    );
}

#[test]
fn named_keys() {
    let schema = r##"{"allOf": [{"$ref": "#/$defs/a"}], "properties": {"list": {"items": {"properties": {"x": {}}}}},
        "$defs": {"a": {"properties": {"image": {"additionalProperties": true, "properties": {"tag": {}}}}}}}"##;
    let schema = JsonSchema::read(schema.as_bytes()).unwrap();
    let check = |path: &str, expected: bool| {
        let path: Vec<SmolStr> = path.split('.').map(SmolStr::from).collect();
        assert_eq!(schema.names(&path), expected, "{path:?}");
    };
    check("image.tag", true);
    check("image.tga", false);
    check("list.0.x", true);
    check("other", false);
}
