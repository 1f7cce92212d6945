//! What a benchmark found, as a table for people and as JSON.

use serde_json::{Value, json};

use crate::Outcome;
use crate::measure::Cost;

/// The rows of a report.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

enum Row {
    /// What a program cost, in the median.
    Cost { name: String, cost: Cost },
    /// A figure that follows from costs, perhaps with the bar that it must meet.
    Figure {
        name: String,
        value: f64,
        unit: &'static str,
        bar: Option<Bar>,
    },
}

/// What a figure must be.
#[derive(Clone, Copy)]
pub(super) enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    fn is_met(self, value: f64) -> bool {
        match self {
            Bar::AtLeast(bar) => value >= bar,
            Bar::AtMost(bar) => value <= bar,
        }
    }
}

impl Table {
    pub(super) fn cost(&mut self, name: impl Into<String>, cost: Cost) {
        let name = name.into();
        self.rows.push(Row::Cost { name, cost });
    }

    pub(super) fn figure(
        &mut self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        bar: Option<Bar>,
    ) {
        self.rows.push(Row::Figure {
            name: name.into(),
            value,
            unit,
            bar,
        });
    }

    /// How many bars are missed.
    pub(super) fn missed(&self) -> usize {
        let met = |row: &&Row| match row {
            Row::Figure {
                value,
                bar: Some(bar),
                ..
            } => !bar.is_met(*value),
            _ => false,
        };
        self.rows.iter().filter(met).count()
    }

    pub(super) fn print(&self) {
        println!(
            "{:52} {:>11} {:>11} {:>9}",
            "median of each", "CPU ms", "wall ms", "peak MiB"
        );
        for row in &self.rows {
            match row {
                Row::Cost { name, cost } => println!(
                    "{name:52} {:>11.1} {:>11.1} {:>9.1}",
                    cost.cpu.as_secs_f64() * 1e3,
                    cost.wall.as_secs_f64() * 1e3,
                    cost.peak as f64 / f64::from(1 << 20),
                ),
                Row::Figure {
                    name,
                    value,
                    unit,
                    bar,
                } => {
                    let verdict = match bar {
                        None => String::new(),
                        Some(bar) => {
                            let word = if bar.is_met(*value) { "met" } else { "MISSED" };
                            match bar {
                                Bar::AtLeast(bar) => format!("at least {bar}: {word}"),
                                Bar::AtMost(bar) => format!("at most {bar:.1}: {word}"),
                            }
                        }
                    };
                    println!("  {name:50} {value:>11.1} {unit:5} {verdict}");
                }
            }
        }
    }

    pub(super) fn to_json(&self) -> Outcome<String> {
        let rows: Vec<Value> = self.rows.iter().map(Row::to_json).collect();
        let mut text = serde_json::to_string_pretty(&json!({ "version": 1, "rows": rows }))?;
        text.push('\n');
        Ok(text)
    }
}

impl Row {
    fn to_json(&self) -> Value {
        match self {
            Row::Cost { name, cost } => json!({
                "name": name,
                "cpu_seconds": cost.cpu.as_secs_f64(),
                "wall_seconds": cost.wall.as_secs_f64(),
                "peak_bytes": cost.peak,
                "written_bytes": cost.written,
            }),
            Row::Figure {
                name,
                value,
                unit,
                bar,
            } => {
                let mut row = json!({ "name": name, "value": value, "unit": unit });
                if let Some(bar) = bar {
                    let (key, number) = match bar {
                        Bar::AtLeast(number) => ("at_least", number),
                        Bar::AtMost(number) => ("at_most", number),
                    };
                    row[key] = json!(number);
                    row["met"] = json!(bar.is_met(*value));
                }
                row
            }
        }
    }
}
