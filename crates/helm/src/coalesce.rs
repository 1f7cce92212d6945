//! Values that are given over the values of charts.
//!
//! Source: `helm.sh/helm/v4/pkg/chart/common/util`.

use std::collections::BTreeSet;

use tidegate_yaml::Place;

use crate::ChartError;
use crate::budget::Budget;
use crate::prepare::{Defaults, Member};
use crate::values::{Table, Value};

const GLOBAL: &str = "global";

/// How nulls are treated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// A null takes a key of the chart's own values away.
    Remove,
    /// They stay, for those who look at the values later.
    Keep,
}

/// Puts values together. Where given values do not fit the chart's own, those that are given count.
pub(crate) struct Coalescer {
    pub(crate) budget: Budget,
}

impl Coalescer {
    pub(crate) fn new() -> Coalescer {
        Coalescer {
            budget: Budget::new(),
        }
    }

    /// Fills `values` up with those of the chart and the ones below; nulls take keys away.
    pub(crate) fn coalesce(&mut self, root: &Member<'_>, values: &Table) -> Result<(), ChartError> {
        self.chart(root, values, Nulls::Remove)
    }

    /// The same, but nulls stay.
    pub(crate) fn merge(&mut self, root: &Member<'_>, values: &Table) -> Result<(), ChartError> {
        self.chart(root, values, Nulls::Keep)
    }

    fn chart(
        &mut self,
        member: &Member<'_>,
        values: &Table,
        nulls: Nulls,
    ) -> Result<(), ChartError> {
        self.own_values(member, values, nulls)?;
        for inner in &member.dependencies {
            let inner_values = match values.get(&inner.name) {
                None => {
                    let table = Table::new(Place::default());
                    values.insert(&inner.name, Value::Map(table.clone()));
                    table
                }
                Some(Value::Map(table)) => table,
                Some(other) => {
                    let message = format!(
                        "type mismatch on {}: the values of a sub-chart are not a map",
                        inner.name
                    );
                    return Err(ChartError::values(message).at(other.place().span()));
                }
            };
            self.globals(&inner_values, values)?;
            self.chart(inner, &inner_values, nulls)?;
        }
        Ok(())
    }

    /// Puts the chart's own values under those that are given.
    fn own_values(
        &mut self,
        member: &Member<'_>,
        values: &Table,
        nulls: Nulls,
    ) -> Result<(), ChartError> {
        let defaults = match &member.defaults {
            Defaults::Loaded(node) => self.budget.read(node)?,
            Defaults::Imported(table) => self.budget.copy(table)?,
        };
        for (key, default) in defaults.entries() {
            match (values.get(&key), default) {
                (None, default) => {
                    if nulls == Nulls::Remove {
                        if default.is_null() {
                            continue;
                        }
                        if let Value::Map(default) = &default {
                            without_nulls(default);
                        }
                    }
                    values.insert(&key, default);
                }
                (Some(given), _) if given.is_null() => {
                    if nulls == Nulls::Remove {
                        values.remove(&key);
                    }
                }
                (Some(Value::Map(given)), Value::Map(default)) => {
                    let is_chart = member.dependencies.iter().any(|inner| inner.name == key);
                    let nulls = if is_chart { Nulls::Keep } else { nulls };
                    if nulls == Nulls::Remove {
                        without_nulls(&default);
                    }
                    self.tables(&given, &default, nulls, 0)?;
                }
                (Some(_), _) => {}
            }
        }
        Ok(())
    }

    /// Hands the globals of a chart to one below. Globals that are no map stay where they are.
    fn globals(&mut self, inner: &Table, outer: &Table) -> Result<(), ChartError> {
        let of = |values: &Table| match values.get(GLOBAL) {
            None => Some(Table::new(Place::default())),
            Some(value) => value.as_table().cloned(),
        };
        let (Some(mine), Some(given)) = (of(inner), of(outer)) else {
            return Ok(());
        };
        for (key, value) in given.entries() {
            match (value, mine.get(&key)) {
                (Value::Map(value), None) => mine.insert(&key, Value::Map(value.shallow_copy())),
                (Value::Map(value), Some(Value::Map(own))) => {
                    // The other way round: what comes from above wins.
                    let value = value.shallow_copy();
                    self.tables(&value, &own, Nulls::Keep, 0)?;
                    mine.insert(&key, Value::Map(value));
                }
                (Value::Map(_), Some(_)) | (_, Some(Value::Map(_))) => {}
                (value, _) => mine.insert(&key, value),
            }
        }
        inner.insert(GLOBAL, Value::Map(mine));
        Ok(())
    }

    /// Fills `given` up with what only `default` has; that is shared from then on.
    fn tables(
        &mut self,
        given: &Table,
        default: &Table,
        nulls: Nulls,
        depth: usize,
    ) -> Result<(), ChartError> {
        self.budget.spend(depth, given.place().span())?;
        // A null that is given becomes one of the defaults, for all who share them; it takes away what the
        // defaults had before.
        let mut taken = BTreeSet::new();
        for (key, value) in given.entries() {
            if value.is_null() {
                let had = default.get(&key).is_some_and(|value| !value.is_null());
                default.insert(&key, value);
                if had && nulls == Nulls::Remove {
                    given.remove(&key);
                    taken.insert(key);
                }
            }
        }
        for (key, default) in default.entries() {
            match (given.get(&key), default) {
                (None, _) if taken.contains(&key) => {}
                (None, default) => given.insert(&key, default),
                (Some(Value::Map(given)), Value::Map(default)) => {
                    self.tables(&given, &default, nulls, depth + 1)?;
                }
                (Some(_), _) => {}
            }
        }
        Ok(())
    }

    /// Fills `given` up with what only `default` has, nulls included.
    pub(crate) fn merge_tables(
        &mut self,
        given: &Table,
        default: &Table,
    ) -> Result<(), ChartError> {
        self.tables(given, default, Nulls::Keep, 0)
    }
}

/// Takes out keys that are null, in maps within maps too.
fn without_nulls(table: &Table) {
    for (key, value) in table.entries() {
        match value {
            value if value.is_null() => table.remove(&key),
            Value::Map(inner) => without_nulls(&inner),
            _ => {}
        }
    }
}
