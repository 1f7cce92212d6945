//! The values that charts have of their own.

use tidegate_yaml::{Node, SmolStr};

use crate::Chart;

/// What the values of charts have at a path: those of a chart, and those of its parents for it.
#[derive(Default)]
pub(super) struct Defaults<'c> {
    pub(super) nodes: Vec<&'c Node>,
    /// The chart whose values these are.
    chart: Option<&'c Chart>,
}

impl<'c> Defaults<'c> {
    pub(super) fn of(chart: &'c Chart) -> Defaults<'c> {
        Defaults {
            nodes: vec![&chart.values],
            chart: Some(chart),
        }
    }

    pub(super) fn below(&self, key: &str) -> Defaults<'c> {
        let mut nodes: Vec<&Node> = self.nodes.iter().filter_map(|node| node.get(key)).collect();
        let chart = self.chart.and_then(|chart| sub_chart(chart, key));
        nodes.extend(chart.map(|chart| &chart.values));
        Defaults { nodes, chart }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'c str> {
        let maps = self.nodes.iter().filter_map(|node| node.as_map());
        maps.flatten().filter_map(|entry| entry.key.text())
    }
}

/// The sub-chart whose values are below a key.
pub(super) fn sub_chart<'c>(chart: &'c Chart, key: &str) -> Option<&'c Chart> {
    let wanted = chart.metadata.dependencies.iter().flatten();
    let mut aliased = wanted.filter(|one| one.alias == key).map(|one| &one.name);
    let name = aliased.next_back().map_or(key, SmolStr::as_str);
    chart.dependencies.iter().find(|one| one.name() == name)
}
