//! The suite `envsubst`: a text, its variables, and what Flux makes of it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tidegate_core::envsubst::{Mode, Variables, is_disabled, substitute};
use tidegate_source::{MemorySystem, Severity, Sources, TreePath};
use tidegate_yaml::{Dialect, Emitted, Node, ParseOptions, emit_go_yaml2, parse, to_json};

/// Why a case fails; none where it passes.
pub(crate) fn verdict(case: &Value) -> Option<String> {
    let expected = match (&case["output"], &case["output_base64"]) {
        (Value::String(text), _) => Some(text.clone().into_bytes()),
        (_, Value::String(text)) => Some(STANDARD.decode(text).unwrap()),
        _ => None,
    };
    match (run(case), expected) {
        (Ok(output), Some(expected)) if output == expected => None,
        (Ok(output), Some(_)) => Some(format!("printed {:?}", String::from_utf8_lossy(&output))),
        (Ok(_), None) => Some("not refused".to_owned()),
        (Err(error), Some(_)) => Some(format!("refused: {error}")),
        (Err(_), None) => None,
    }
}

fn run(case: &Value) -> Result<Vec<u8>, String> {
    let input = case["input"].as_str().unwrap();
    let mode = match case["strict"].as_bool().unwrap() {
        true => Mode::Strict,
        false => Mode::Lenient,
    };
    let vars = case["vars"].as_object().unwrap();
    if case["mode"] == "text" {
        let value = |name: &str| vars.get(name)?.as_str().map(str::as_bytes);
        let substituted = substitute(input.as_bytes(), &value, mode);
        return Ok(substituted.map_err(|error| error.to_string())?.text);
    }
    if is_disabled(&object(input)?) {
        return Ok(input.as_bytes().to_vec());
    }
    let mut variables = Variables::default();
    for (name, value) in vars {
        variables.insert(name, value.as_str().unwrap())?;
    }
    let value = |name: &str| variables.get(name);
    let substituted = substitute(input.as_bytes(), &value, mode);
    let text = substituted.map_err(|error| error.to_string())?.text;
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    // As the controllers read it: by way of JSON, which has one notation for each number.
    let json = to_json(&object(&text)?).map_err(|error| error.to_string())?;
    let mut out = Emitted::default();
    emit_go_yaml2(&object(&json)?, &mut out, false).map_err(|error| error.to_string())?;
    Ok(out.text.into_bytes())
}

/// The only document of a text.
fn object(text: &str) -> Result<Node, String> {
    let sources = Sources::new(Arc::new(MemorySystem::new().with("object.yaml", text)));
    let path = TreePath::new("object.yaml").unwrap();
    let file = sources.load(&path).map_err(|error| error.to_string())?;
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let mut findings = parsed.findings.into_iter();
    if let Some(error) = findings.find(|finding| finding.severity == Severity::Error) {
        return Err(error.message);
    }
    let mut roots = parsed.documents.into_iter().filter_map(|one| one.root);
    roots.next().ok_or_else(|| "no document".to_owned())
}
