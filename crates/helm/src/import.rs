//! `import-values`: values of sub-charts that become values of the chart above.
//!
//! Source: `processImportValues` of `helm.sh/helm/v4/pkg/chart/v2/util`.

use tidegate_source::Span;
use tidegate_yaml::{Node, Place, StepKind};

use crate::ChartError;
use crate::coalesce::Coalescer;
use crate::prepare::{Defaults, Member};
use crate::values::{List, Table, Value};

/// Takes the values over, from the innermost charts on.
pub(crate) fn import_values(
    member: &mut Member<'_>,
    coalescer: &mut Coalescer,
) -> Result<(), ChartError> {
    for inner in &mut member.dependencies {
        import_values(inner, coalescer)?;
    }
    let Some(requirements) = &member.requirements else {
        return Ok(());
    };
    let values = Table::new(Place::default());
    coalescer.merge(member, &values)?;
    let imported = Table::new(Place::default());
    let mut because = Vec::new();
    for requirement in requirements {
        for import in &requirement.import_values {
            let Some((child, parent)) = path_of(import) else {
                continue;
            };
            let path = format!("{}.{child}", requirement.name);
            let Some(Value::Map(found)) = values.at(path.split('.')) else {
                continue;
            };
            because.push(import.place.span());
            // What several imports share is changed for all of them.
            coalescer.merge_tables(&imported, &below(&parent, found))?;
        }
    }
    let values = coalescer.budget.copy(&values)?;
    // A copy, in which each value can be told what brought it here.
    let imported = coalescer.budget.copy(&imported)?;
    coalescer.merge_tables(&values, &explained(&imported, &because))?;
    member.defaults = Defaults::Imported(values);
    Ok(())
}

/// The path in the sub-chart, and the one in the chart above.
fn path_of(import: &Node) -> Option<(String, String)> {
    if let Some(name) = import.as_str() {
        return Some((format!("exports.{name}"), ".".to_owned()));
    }
    import.as_map()?;
    let path = |key| match import.get(key) {
        Some(node) if node.is_null() => "<nil>".to_owned(),
        Some(node) => node.text().unwrap_or_default().to_owned(),
        None => "<nil>".to_owned(),
    };
    Some((path("child"), path("parent")))
}

/// A table with this one at a path.
fn below(path: &str, table: Table) -> Table {
    if path == "." {
        return table;
    }
    path.split('.').rev().fold(table, |inner, key| {
        let outer = Table::new(Place::default());
        outer.insert(key, Value::Map(inner));
        outer
    })
}

/// The same values, each of which knows the imports that may have brought it here.
fn explained(table: &Table, because: &[Span]) -> Table {
    let place = |place: &Place| {
        let steps = because.iter();
        steps.fold(place.clone(), |place, span| {
            place.then(StepKind::ImportValues, *span)
        })
    };
    let copy = Table::new(place(table.place()));
    for (key, value) in table.entries() {
        copy.insert(&key, explained_value(&value, because, &place));
    }
    copy
}

fn explained_value(value: &Value, because: &[Span], place: &dyn Fn(&Place) -> Place) -> Value {
    match value {
        Value::Map(table) => Value::Map(explained(table, because)),
        Value::List(list) => {
            let items = list.items();
            let items = items
                .iter()
                .map(|item| explained_value(item, because, place));
            Value::List(List::new(items.collect(), place(value.place())))
        }
        Value::Leaf(node) => {
            let mut node = node.clone();
            node.place = place(&node.place);
            Value::Leaf(node)
        }
    }
}
