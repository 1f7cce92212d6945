//! What bounds the work of putting values together.

use tidegate_source::Span;
use tidegate_yaml::{Node, Value as Yaml};

use crate::ChartError;
use crate::values::{List, Table, Value};

/// How many values are made or looked at for one release. Large charts need some ten thousand.
const MOST_VALUES: usize = 4_000_000;

/// How deep values are nested: files are read to a depth of 200, and below that charts are nested.
const DEEPEST: usize = 300;

/// Values can end up within themselves: by `import-values`, and where a sub-chart is called `global`. Helm
/// then ends with a stack overflow. Far fewer are needed to double a value many times.
pub(crate) struct Budget {
    left: usize,
}

type Bounded<T> = Result<T, ChartError>;

impl Budget {
    pub(crate) fn new() -> Budget {
        Budget { left: MOST_VALUES }
    }

    /// One more value is made or looked at.
    pub(crate) fn spend(&mut self, depth: usize, span: Span) -> Bounded<()> {
        if depth > DEEPEST {
            let message = format!("values are nested more than {DEEPEST} deep, or in themselves");
            return Err(ChartError::values(message).at(span));
        }
        let left = self.left.checked_sub(1);
        self.left = left.ok_or_else(|| {
            let message =
                format!("the charts and their values make more than {MOST_VALUES} values");
            ChartError::values(message).at(span)
        })?;
        Ok(())
    }

    /// The map of a node that is decoded.
    pub(crate) fn read(&mut self, node: &Node) -> Bounded<Table> {
        self.read_table(node, 0)
    }

    fn read_table(&mut self, node: &Node, depth: usize) -> Bounded<Table> {
        let mut entries = Vec::new();
        for entry in node.as_map().into_iter().flatten() {
            if let Some(key) = entry.key.as_scalar() {
                let value = self.read_value(&entry.value, depth + 1)?;
                entries.push((key.text.clone(), value));
            }
        }
        Ok(Table::of(entries, node.place.clone()))
    }

    fn read_value(&mut self, node: &Node, depth: usize) -> Bounded<Value> {
        self.spend(depth, node.place.span())?;
        Ok(match &node.value {
            Yaml::Scalar(_) => Value::Leaf(node.clone()),
            Yaml::Map(_) => Value::Map(self.read_table(node, depth)?),
            Yaml::Seq(seq) => {
                let items: Bounded<_> = seq
                    .iter()
                    .map(|item| self.read_value(item, depth + 1))
                    .collect();
                Value::List(List::new(items?, node.place.clone()))
            }
        })
    }

    /// A map that shares nothing with this one.
    pub(crate) fn copy(&mut self, table: &Table) -> Bounded<Table> {
        self.copy_table(table, 0)
    }

    fn copy_table(&mut self, table: &Table, depth: usize) -> Bounded<Table> {
        let mut entries = Vec::new();
        for (key, value) in table.entries() {
            entries.push((key, self.copy_value(&value, depth + 1)?));
        }
        Ok(Table::of(entries, table.place().clone()))
    }

    fn copy_value(&mut self, value: &Value, depth: usize) -> Bounded<Value> {
        self.spend(depth, value.place().span())?;
        Ok(match value {
            Value::Leaf(_) => value.clone(),
            Value::Map(table) => Value::Map(self.copy_table(table, depth)?),
            Value::List(list) => {
                let items = list.items();
                let items: Bounded<_> = items
                    .iter()
                    .map(|item| self.copy_value(item, depth + 1))
                    .collect();
                Value::List(List::new(items?, list.place().clone()))
            }
        })
    }

    /// Fails where following the values would not end.
    pub(crate) fn check(&mut self, table: &Table) -> Bounded<()> {
        self.check_table(table, 0)
    }

    fn check_table(&mut self, table: &Table, depth: usize) -> Bounded<()> {
        let mut checked = Ok(());
        table.each(|_, value| {
            if checked.is_ok() {
                checked = self.check_value(value, depth + 1);
            }
        });
        checked
    }

    fn check_value(&mut self, value: &Value, depth: usize) -> Bounded<()> {
        self.spend(depth, value.place().span())?;
        match value {
            Value::Map(table) => self.check_table(table, depth),
            Value::List(list) => {
                let mut items = list.items().into_iter();
                items.try_for_each(|item| self.check_value(&item, depth + 1))
            }
            Value::Leaf(_) => Ok(()),
        }
    }
}
