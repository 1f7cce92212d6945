//! Values against the `values.schema.json` of their charts.
//!
//! Source: `ValidateAgainstSchema` of `helm.sh/helm/v4/pkg/chart/common/util`.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tidegate_schema::{Invalid, JsonSchema, SchemaError};
use tidegate_source::SourceFile;
use tidegate_yaml::{Node, ScalarKind, SmolStr, Value};

use crate::Chart;
use crate::prepare::{Member, Prepared};

/// Schemas that were read, for all releases: equal ones are read once.
#[derive(Debug, Default)]
pub struct Schemas {
    read: Mutex<Vec<Arc<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    file: Arc<SourceFile>,
    schema: OnceLock<Result<JsonSchema, SchemaError>>,
}

impl Entry {
    fn schema(&self) -> &Result<JsonSchema, SchemaError> {
        let read = || JsonSchema::read(self.file.bytes());
        self.schema.get_or_init(read)
    }
}

impl Schemas {
    /// Whether the schema of a chart itself names the keys of a path.
    pub(super) fn names(&self, chart: &Chart, path: &[SmolStr]) -> bool {
        let Some(file) = &chart.schema else {
            return false;
        };
        let entry = self.entry(&file.source);
        let schema = entry.schema();
        schema.as_ref().is_ok_and(|schema| schema.names(path))
    }

    fn entry(&self, file: &Arc<SourceFile>) -> Arc<Entry> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &&Arc<Entry>| {
            Arc::ptr_eq(&known.file, file) || known.file.bytes() == file.bytes()
        };
        if let Some(known) = read.iter().find(same) {
            return Arc::clone(known);
        }
        let entry = Arc::new(Entry {
            file: Arc::clone(file),
            schema: OnceLock::new(),
        });
        read.push(Arc::clone(&entry));
        entry
    }
}

/// A chart whose values are not as they have to be. It is displayed in Helm's words, which end with a line
/// break unless the schema itself is wrong.
#[derive(Clone, Debug)]
pub struct BadValues {
    /// The name of the chart in this release: its own, or the alias.
    pub chart: SmolStr,
    /// The keys that lead to its values from those of the outermost chart.
    pub path: Vec<SmolStr>,
    /// The file with the schema, where there is one.
    pub schema: Option<Arc<SourceFile>>,
    /// What is wrong.
    pub why: WhyBad,
}

/// What is wrong with the values of a chart.
#[derive(Clone, Debug)]
pub enum WhyBad {
    /// They do not fit the schema.
    Invalid(Invalid),
    /// The schema cannot be used.
    Schema(SchemaError),
    /// They are no map but this, of a type of Go.
    NotAMap(Node, &'static str),
}

/// Holds the values of all charts of a release against their schemas.
pub fn check_schemas(prepared: &Prepared<'_>, schemas: &Schemas) -> Vec<BadValues> {
    let mut bad = Vec::new();
    if has_schema(&prepared.root) {
        let values = prepared.values.to_node();
        check(&prepared.root, &values, &mut Vec::new(), schemas, &mut bad);
    }
    bad
}

fn has_schema(member: &Member<'_>) -> bool {
    member.chart.schema.is_some() || member.dependencies.iter().any(has_schema)
}

fn check(
    member: &Member<'_>,
    values: &Node,
    path: &mut Vec<SmolStr>,
    schemas: &Schemas,
    bad: &mut Vec<BadValues>,
) {
    if let Some(file) = &member.chart.schema {
        let entry = schemas.entry(&file.source);
        let why = match entry.schema() {
            Ok(schema) => schema.validate(values).err().map(WhyBad::Invalid),
            Err(error) => Some(WhyBad::Schema(error.clone())),
        };
        bad.extend(why.map(|why| BadValues {
            chart: member.name.clone(),
            path: path.clone(),
            schema: Some(Arc::clone(&file.source)),
            why,
        }));
    }
    for inner in &member.dependencies {
        let Some(values) = values.get(&inner.name).filter(|values| !values.is_null()) else {
            continue;
        };
        path.push(inner.name.clone());
        match go_type(values) {
            None => check(inner, values, path, schemas, bad),
            Some(found) => bad.push(BadValues {
                chart: inner.name.clone(),
                path: path.clone(),
                schema: None,
                why: WhyBad::NotAMap(values.clone(), found),
            }),
        }
        path.pop();
    }
}

/// What Go calls a value; none for a map.
fn go_type(node: &Node) -> Option<&'static str> {
    Some(match &node.value {
        Value::Map(_) => return None,
        Value::Seq(_) => "[]interface {}",
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Float => "float64",
            ScalarKind::Int => "int64",
            ScalarKind::Bool => "bool",
            _ => "string",
        },
    })
}

impl fmt::Display for BadValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chart = &self.chart;
        match &self.why {
            WhyBad::Invalid(invalid) => writeln!(f, "{chart}:\n{invalid}"),
            WhyBad::Schema(error) => write!(f, "{chart}:\n{error}"),
            WhyBad::NotAMap(_, found) => writeln!(
                f,
                "{chart}:\ninvalid type for values: expected object (map), got {found}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::Place;

    use super::*;
    use crate::{load, prepare};

    /// What Helm says of a chart with a sub-chart, both with a schema.
    fn check(parent: &str, child: &str, values: &str, expected: &str) {
        let system = MemorySystem::new()
            .with(
                "c/Chart.yaml",
                "{apiVersion: v2, name: parent, version: 1.0.0}",
            )
            .with("c/values.yaml", values)
            .with("c/values.schema.json", parent)
            .with(
                "c/charts/kid/Chart.yaml",
                "{apiVersion: v2, name: kid, version: 1.0.0}",
            )
            .with("c/charts/kid/values.schema.json", child);
        let sources = Sources::new(Arc::new(system));
        let chart = load::folder(&sources, &TreePath::new("c").unwrap()).unwrap();
        let given = Node::map(Vec::new(), Place::default());
        let prepared = prepare(&chart, &given).unwrap();
        let bad = check_schemas(&prepared, &Schemas::default());
        let text: Vec<String> = bad.iter().map(BadValues::to_string).collect();
        assert_eq!(text.concat(), expected);
    }

    const INTEGER: &str = r#"{"properties": {"size": {"type": "integer"}}}"#;

    #[test]
    fn sub_charts_have_their_part_of_the_values() {
        check(INTEGER, INTEGER, "{size: 1, kid: {size: 2}}", "");
        check(
            INTEGER,
            INTEGER,
            "{size: a, kid: {size: b}}",
            "parent:\n- at '/size': got string, want integer\nkid:\n- at '/size': got string, want integer\n",
        );
        check("{", INTEGER, "{kid: {size: 1}}", "parent:\nit is not JSON");
    }
}
