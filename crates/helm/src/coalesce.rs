//! Values that are given over the values of charts.
//!
//! Source: `helm.sh/helm/v4/pkg/chart/common/util`.

use std::collections::BTreeSet;
use std::fmt;

use tidegate_yaml::Place;

use crate::ChartError;
use crate::budget::Budget;
use crate::prepare::{Defaults, Member};
use crate::values::{Table, Value};

const GLOBAL: &str = "global";

/// A given value that does not fit the chart's own: Helm prints a warning, and goes on.
#[derive(Clone, Debug)]
pub struct Warning {
    /// The path in the values of the outermost chart, with the names of charts in it.
    pub path: String,
    /// What does not fit.
    pub problem: Misfit,
    /// The value that is used.
    pub place: Place,
    /// The chart's own value.
    pub default: Place,
}

/// How a given value does not fit the chart's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// A map is given where the chart has none.
    MapGiven,
    /// The chart has a map, and something else is given.
    NoMapGiven,
    /// `global` is no map, so that sub-charts get nothing of it.
    GlobalNoMap,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.problem {
            Misfit::MapGiven => write!(f, "`{path}` is a map, and in the chart it is not"),
            Misfit::NoMapGiven => write!(f, "`{path}` is not a map, and in the chart it is"),
            Misfit::GlobalNoMap => write!(f, "`{path}` is not a map, and reaches no sub-chart"),
        }
    }
}

/// How nulls are treated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// A null takes a key of the chart's own values away.
    Remove,
    /// They stay, for those who look at the values later.
    Keep,
}

/// Puts values together, and keeps what is odd about them.
pub(crate) struct Coalescer {
    pub(crate) warnings: Vec<Warning>,
    pub(crate) budget: Budget,
}

impl Coalescer {
    pub(crate) fn new() -> Coalescer {
        Coalescer {
            warnings: Vec::new(),
            budget: Budget::new(),
        }
    }

    /// Fills `values` up with those of the chart and the ones below; nulls take keys away.
    pub(crate) fn coalesce(&mut self, root: &Member<'_>, values: &Table) -> Result<(), ChartError> {
        self.chart(root, values, "", Nulls::Remove)
    }

    /// The same, but nulls stay.
    pub(crate) fn merge(&mut self, root: &Member<'_>, values: &Table) -> Result<(), ChartError> {
        self.chart(root, values, "", Nulls::Keep)
    }

    fn chart(
        &mut self,
        member: &Member<'_>,
        values: &Table,
        prefix: &str,
        nulls: Nulls,
    ) -> Result<(), ChartError> {
        self.own_values(member, values, prefix, nulls)?;
        let prefix = joined(prefix, &member.name);
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
            self.globals(&inner_values, values, &prefix)?;
            self.chart(inner, &inner_values, &prefix, nulls)?;
        }
        Ok(())
    }

    /// Puts the chart's own values under those that are given.
    fn own_values(
        &mut self,
        member: &Member<'_>,
        values: &Table,
        prefix: &str,
        nulls: Nulls,
    ) -> Result<(), ChartError> {
        let prefix = joined(prefix, &member.name);
        let defaults = match &member.defaults {
            Defaults::Loaded(node) => self.budget.read(node)?,
            Defaults::Imported(table) => self.budget.copy(table)?,
        };
        for (key, default) in defaults.entries() {
            let Some(given) = values.get(&key) else {
                if nulls == Nulls::Remove {
                    if default.is_null() {
                        continue;
                    }
                    if let Value::Map(default) = &default {
                        without_nulls(default);
                    }
                }
                values.insert(&key, default);
                continue;
            };
            if given.is_null() {
                if nulls == Nulls::Remove {
                    values.remove(&key);
                }
                continue;
            }
            let Value::Map(given) = given else { continue };
            let path = joined(&prefix, &key);
            match &default {
                Value::Map(default) => {
                    let is_chart = member.dependencies.iter().any(|inner| inner.name == key);
                    let nulls = if is_chart { Nulls::Keep } else { nulls };
                    if nulls == Nulls::Remove {
                        without_nulls(default);
                    }
                    self.tables(&given, default, &path, nulls, 0)?;
                }
                default if default.is_null() => {}
                default => self.warn(path, Misfit::MapGiven, given.place(), default.place()),
            }
        }
        Ok(())
    }

    /// Hands the globals of a chart to one below.
    fn globals(&mut self, inner: &Table, outer: &Table, prefix: &str) -> Result<(), ChartError> {
        let of = |values: &Table| match values.get(GLOBAL) {
            None => Ok(Table::new(Place::default())),
            Some(Value::Map(table)) => Ok(table),
            Some(other) => Err(other.place().clone()),
        };
        let (mine, given) = match (of(inner), of(outer)) {
            (Ok(mine), Ok(given)) => (mine, given),
            (Err(place), _) | (_, Err(place)) => {
                let path = joined(prefix, GLOBAL);
                self.warn(path, Misfit::GlobalNoMap, &place, &place);
                return Ok(());
            }
        };
        for (key, value) in given.entries() {
            match (value, mine.get(&key)) {
                (Value::Map(value), None) => mine.insert(&key, Value::Map(value.shallow_copy())),
                (Value::Map(value), Some(Value::Map(own))) => {
                    // The other way round: what comes from above wins.
                    let value = value.shallow_copy();
                    self.tables(&value, &own, &joined(prefix, &key), Nulls::Keep, 0)?;
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
        prefix: &str,
        nulls: Nulls,
        depth: usize,
    ) -> Result<(), ChartError> {
        self.budget.spend(depth, given.place().span())?;
        let defaults = default.entries();
        let is_set: BTreeSet<&str> = defaults
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, _)| key.as_str())
            .collect();
        let mut defaults_now = defaults.clone();
        for (key, value) in given.entries() {
            if value.is_null() {
                default.insert(&key, value.clone());
                match defaults_now.binary_search_by(|(known, _)| known.cmp(&key)) {
                    Ok(at) => defaults_now[at].1 = value,
                    Err(at) => defaults_now.insert(at, (key, value)),
                }
            }
        }
        for (key, default) in defaults_now {
            match (given.get(&key), default) {
                (None, default) => given.insert(&key, default),
                (Some(value), _)
                    if nulls == Nulls::Remove
                        && value.is_null()
                        && is_set.contains(key.as_str()) =>
                {
                    given.remove(&key);
                }
                (Some(Value::Map(given)), Value::Map(default)) => {
                    let path = joined(prefix, &key);
                    self.tables(&given, &default, &path, nulls, depth + 1)?;
                }
                (Some(given), Value::Map(default)) => {
                    let path = joined(prefix, &key);
                    self.warn(path, Misfit::NoMapGiven, given.place(), default.place());
                }
                (Some(Value::Map(given)), default) if !default.is_null() => {
                    let path = joined(prefix, &key);
                    self.warn(path, Misfit::MapGiven, given.place(), default.place());
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
        self.tables(given, default, "", Nulls::Keep, 0)
    }

    fn warn(&mut self, path: String, problem: Misfit, place: &Place, default: &Place) {
        self.warnings.push(Warning {
            path,
            problem,
            place: place.clone(),
            default: default.clone(),
        });
    }
}

fn joined(prefix: &str, key: &str) -> String {
    match prefix.is_empty() {
        true => key.to_owned(),
        false => format!("{prefix}.{key}"),
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
