use jiff::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};

use super::{NotAValidation, Validation, ValidationVerdict, only};

/// The most attributes of an element.
const MOST_ATTRIBUTES: usize = 256;
/// The most namespaces of a file.
const MOST_NAMESPACES: usize = 64;
/// The most elements, attributes and texts of a file.
const MOST_NODES: u32 = 2_000_000;

pub(super) fn read(text: &str) -> Result<Validation, NotAValidation> {
    let refused = |why: String| NotAValidation::Junit(why);
    if is_costly(text) {
        return Err(refused(format!(
            "an element has more than {MOST_ATTRIBUTES} attributes, or the file more than {MOST_NAMESPACES} namespaces"
        )));
    }
    // Without a document type there are no entities to unfold.
    let options = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document =
        Document::parse_with_options(text, options).map_err(|error| refused(error.to_string()))?;
    let root = document.root_element();
    let name = root.tag_name().name();
    if !matches!(name, "testsuites" | "testsuite") {
        let name = name.escape_debug();
        return Err(refused(format!(
            "its root is `{name}`, not `testsuites` or `testsuite`"
        )));
    }
    let properties = root
        .descendants()
        .filter(|node| node.has_tag_name("property") && node.attribute("name") == Some("digest"));
    let digests = properties.map(|property| {
        let text = property.attribute("value").or_else(|| property.text());
        text.unwrap_or_default()
    });
    let mut validation = Validation {
        digest: only(digests)?,
        verdict: ValidationVerdict::Failed,
        time: newest(root),
        url: None,
        passed: Vec::new(),
        warned: Vec::new(),
        failed: Vec::new(),
    };
    for case in root
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
    {
        let has = |name: &str| case.children().any(|child| child.has_tag_name(name));
        if has("failure") || has("error") {
            validation.failed.push(title(case));
        } else if !has("skipped") && case.attribute("status") != Some("skipped") {
            validation.passed.push(title(case));
        }
    }
    // A suite may fail outside of its tests, and say so in numbers alone.
    let counts = |node: &Node<'_, '_>, name: &str| {
        let count = node
            .attribute(name)
            .and_then(|text| text.trim().parse::<u64>().ok());
        count.is_some_and(|count| count > 0)
    };
    let suites = root.descendants();
    let mut suites =
        suites.filter(|node| matches!(node.tag_name().name(), "testsuites" | "testsuite"));
    let fails = suites.any(|suite| counts(&suite, "failures") || counts(&suite, "errors"));
    validation.judged(fails.then_some(ValidationVerdict::Failed));
    Ok(validation)
}

/// Whether the parser would take long: it compares each attribute of an element with all others of it, and
/// each namespace with those around it.
fn is_costly(text: &str) -> bool {
    let mut rest = text;
    let mut namespaces = 0;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let passed_over = [("![CDATA[", "]]>"), ("!--", "-->"), ("?", "?>"), ("!", ">")];
        let other = passed_over
            .iter()
            .find(|(start, _)| rest.starts_with(start));
        if let Some((_, end)) = other {
            rest = rest.find(end).map_or("", |at| &rest[at..]);
            continue;
        }
        let (mut attributes, mut quote) = (0, None);
        let bytes = rest.as_bytes();
        let end = bytes.iter().position(|byte| {
            match (quote, byte) {
                (Some(open), byte) if open == byte => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'=') => attributes += 1,
                _ => {}
            }
            *byte == b'<' || quote.is_none() && *byte == b'>'
        });
        let end = end.unwrap_or(rest.len());
        namespaces += rest[..end].matches("xmlns").count();
        if attributes > MOST_ATTRIBUTES || namespaces > MOST_NAMESPACES {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

fn title(case: Node<'_, '_>) -> String {
    let name = case.attribute("name").unwrap_or("a test without a name");
    match case
        .attribute("classname")
        .filter(|class| !class.is_empty())
    {
        Some(class) => format!("{class}.{name}"),
        None => name.to_owned(),
    }
}

/// The newest time of the suites that have one with its zone.
fn newest(root: Node<'_, '_>) -> Option<Timestamp> {
    let times = root.descendants();
    let times = times.filter_map(|node| node.attribute("timestamp"));
    times.filter_map(|time| time.parse().ok()).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;

    fn check(suites: &str, expected: &str) {
        let digest = Digest::of(b"a");
        let text = suites.replace(
            "{digest}",
            &format!("<properties><property name=\"digest\" value=\"{digest}\"/></properties>"),
        );
        let came = match Validation::read(&text) {
            Ok(validation) => {
                assert_eq!(validation.digest, digest);
                let (passed, failed) = (validation.passed, validation.failed);
                format!("{:?} {passed:?} {failed:?}", validation.verdict)
            }
            Err(why) => why.to_string(),
        };
        assert_eq!(came, expected, "{suites}");
    }

    #[test]
    fn suites_pass_where_a_test_does_and_none_fails() {
        check(
            "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"s\">{digest}<testcase classname=\"s\" \
             name=\"a\"/><testcase name=\"b\"><skipped/></testcase></testsuite></testsuites>",
            "Passed [\"s.a\"] []",
        );
        check(
            "<testsuite>{digest}<testcase name=\"a\"/><testcase name=\"b\"><failure>x</failure></testcase>\
             <testcase name=\"c\"><error/></testcase></testsuite>",
            "Failed [\"a\"] [\"b\", \"c\"]",
        );
        let open = "Inconclusive(\"no test was executed\") [] []";
        check("<testsuite tests=\"3\">{digest}</testsuite>", open);
        check(
            "<testsuite>{digest}<testcase name=\"a\"><skipped/></testcase></testsuite>",
            open,
        );
        // What a test has printed is no tag.
        let printed = "<![CDATA[<init> <a b=c> xmlns ]]><!-- <x -->".repeat(1000);
        check(
            &format!(
                "<testsuite>{{digest}}<testcase name='a'/><system-out>{printed}</system-out></testsuite>"
            ),
            "Passed [\"a\"] []",
        );
        check(
            "<testsuite errors=\"1\">{digest}<testcase name=\"a\"/></testsuite>",
            "Failed [\"a\"] []",
        );
    }

    #[test]
    fn the_newest_time_with_a_zone_counts() {
        let digest = Digest::of(b"a");
        let text = format!(
            "<testsuites><testsuite timestamp='2026-11-24T12:00:00Z'><properties><property name='digest' \
             value='{digest}'/></properties></testsuite><testsuite timestamp='2026-11-24T14:00:00+01:00'/>\
             <testsuite timestamp='2026-11-24T23:00:00'/></testsuites>"
        );
        let time = Validation::read(&text).unwrap().time.unwrap();
        assert_eq!(time.to_string(), "2026-11-24T13:00:00Z");
    }

    #[test]
    fn what_is_no_result() {
        check(
            "<testsuite><testcase name=\"a\"/></testsuite>",
            "it does not name the artifact",
        );
        let other = Digest::of(b"b");
        let first = Digest::of(b"a");
        check(
            &format!(
                "<testsuites><testsuite>{{digest}}</testsuite><testsuite><properties><property name='digest'>\
                 {other}</property></properties></testsuite></testsuites>"
            ),
            &format!("it names more than one artifact: {first} and {other}"),
        );
        let none = "it is no XML of JUnit: ";
        check(
            "<html/>",
            &format!("{none}its root is `html`, not `testsuites` or `testsuite`"),
        );
        let read = |text: &str| Validation::read(text).unwrap_err().to_string();
        assert!(read("<testsuite>").starts_with(none));
        let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite>&b;</testsuite>";
        assert!(read(bomb).starts_with(none));
        assert!(read(&"<testsuite>".repeat(500_000)).starts_with(none));
        let many: String = (0..500_000).map(|i| format!(" a{i}='>'")).collect();
        assert!(read(&format!("<testsuite{many}/>")).contains("more than 256 attributes"));
        let nested: String = (0..10_000)
            .map(|i| format!("<a xmlns:n{i}='{i}'>"))
            .collect();
        assert!(read(&nested).contains("more than 64 namespaces"));
        assert!(read(&"<".repeat(1_000_000)).starts_with(none));
        assert!(read(&"<a ".repeat(300_000)).starts_with(none));
    }
}
