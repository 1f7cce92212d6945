//! `import-values`: values of sub-charts that become values of the chart above.
//!
//! Source: `processImportValues` of `helm.sh/helm/v4/pkg/chart/v2/util`.

use std::collections::HashMap;
use std::rc::Rc;

use tidegate_source::Span;
use tidegate_yaml::{Entry, Node, Place, StepKind};

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
    let shared = Rc::clone(&member.shared);
    let mut requirements = shared.borrow_mut();
    let Some(requirements) = requirements.as_mut() else {
        return Ok(());
    };
    let values = Table::new(Place::default());
    coalescer.merge(member, &values)?;
    let imported = Table::new(Place::default());
    let mut because = Vec::new();
    for requirement in requirements {
        let imports = std::mem::take(&mut requirement.import_values);
        // A copy of the chart that shares them finds none.
        if std::mem::replace(&mut requirement.is_imported, true) {
            continue;
        }
        for import in &imports {
            let Some((child, parent)) = path_of(import) else {
                continue;
            };
            let place = &import.place;
            let path = format!("{}.{child}", requirement.name);
            let done = [("child", child), ("parent", parent.clone())];
            let done = done.map(|(key, path)| Entry {
                key: Node::str(key, place.clone()),
                value: Node::str(path, place.clone()),
            });
            requirement
                .import_values
                .push(Node::map(done.into(), place.clone()));
            let Some(Value::Map(found)) = values.at(path.split('.')) else {
                continue;
            };
            because.push(place.span());
            let found = match found.is_empty() {
                true => Table::new(found.place().clone()),
                false => found,
            };
            // What several imports share is changed for all of them.
            coalescer.merge_tables(&imported, &below(&parent, found))?;
        }
    }
    let values = coalescer.budget.copy(&values)?;
    let imported = Explainer::new(&because).table(&imported);
    coalescer.merge_tables(&values, &imported)?;
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

/// Makes copies in which each value knows the imports that may have brought it here. What is shared stays
/// so.
struct Explainer<'b> {
    because: &'b [Span],
    /// The copies, by the addresses of what they were made of, which lives on.
    copies: HashMap<usize, Table>,
}

impl Explainer<'_> {
    fn new(because: &[Span]) -> Explainer<'_> {
        Explainer {
            because,
            copies: HashMap::new(),
        }
    }

    fn place(&self, place: &Place) -> Place {
        let spans = self.because.iter();
        spans.fold(place.clone(), |place, span| {
            place.then(StepKind::ImportValues, *span)
        })
    }

    fn table(&mut self, table: &Table) -> Table {
        if let Some(copy) = self.copies.get(&table.address()) {
            return copy.clone();
        }
        let copy = Table::new(self.place(table.place()));
        self.copies.insert(table.address(), copy.clone());
        for (key, value) in table.entries() {
            copy.insert(&key, self.value(&value));
        }
        copy
    }

    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::Map(table) => Value::Map(self.table(table)),
            Value::List(list) => {
                let items = list.items().iter().map(|item| self.value(item)).collect();
                Value::List(List::new(items, self.place(list.place())))
            }
            Value::Leaf(node) => {
                let mut node = node.clone();
                node.place = self.place(&node.place);
                Value::Leaf(node)
            }
        }
    }
}
