//! Values of another kind than the chart's own.

use tidegate_yaml::{Node, Place, SmolStr};

use super::defaults::Defaults;
use crate::Chart;

/// A map that is given where the chart has something else, or the other way around.
#[derive(Clone, Debug)]
pub struct Clash {
    /// The keys that lead to it.
    pub path: Vec<SmolStr>,
    /// Where it is written.
    pub place: Place,
    /// Where the chart's own value is.
    pub default: Place,
    /// Whether a map is given.
    pub is_map: bool,
}

/// The values that clash with those of the charts. Helm warns of them and goes on; most templates that read them
/// fail.
pub fn clashes(chart: &Chart, values: &Node) -> Vec<Clash> {
    let mut found = Vec::new();
    compare(&Defaults::of(chart), values, &mut Vec::new(), &mut found);
    found
}

fn compare(
    defaults: &Defaults<'_>,
    values: &Node,
    path: &mut Vec<SmolStr>,
    found: &mut Vec<Clash>,
) {
    for entry in values.as_map().into_iter().flatten() {
        let Some(key) = entry.key.text() else {
            continue;
        };
        let value = &entry.value;
        let below = defaults.below(key);
        path.push(key.into());
        // What a parent has for its sub-chart counts before that chart's own.
        let default = below.nodes.iter().find(|node| !node.is_null());
        if let Some(default) = default.filter(|default| !is_empty(default) && !is_empty(value)) {
            let is_map = value.as_map().is_some();
            if is_map != default.as_map().is_some() {
                found.push(Clash {
                    path: path.clone(),
                    place: value.place.clone(),
                    default: default.place.clone(),
                    is_map,
                });
            }
        }
        compare(&below, value, path, found);
        path.pop();
    }
}

/// Nothing, `""`, `[]` and `{}` stand for whatever may come.
fn is_empty(node: &Node) -> bool {
    node.is_null()
        || node.as_map().is_some_and(|map| map.is_empty())
        || node.as_seq().is_some_and(|items| items.is_empty())
        || node.as_str() == Some("")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};

    use super::*;
    use crate::{Given, load};

    fn check(defaults: &str, kid: &str, values: &str, expected: &[&str]) {
        let system = MemorySystem::new()
            .with(
                "c/Chart.yaml",
                "{apiVersion: v2, name: web, version: 1.0.0}",
            )
            .with("c/values.yaml", defaults)
            .with(
                "c/charts/kid/Chart.yaml",
                "{apiVersion: v2, name: kid, version: 1.0.0}",
            )
            .with("c/charts/kid/values.yaml", kid)
            .with("values.yaml", values);
        let sources = Sources::new(Arc::new(system));
        let chart = load::folder(&sources, &TreePath::new("c").unwrap()).unwrap();
        let file = sources
            .load(&TreePath::new("values.yaml").unwrap())
            .unwrap();
        let mut given = Given::default();
        given.file("values.yaml", &file).unwrap();
        let found = clashes(&chart, &given.into_node());
        let found: Vec<String> = found.iter().map(|one| one.path.join(".")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn kinds() {
        check("a: {b: 1}", "", "a: x", &["a"]);
        check("a: x", "", "a: {b: 1}", &["a"]);
        check("a: {b: 1}", "", "a: null", &[]);
        check(
            "{a: {}, b: [], c: '', d: null}",
            "",
            "{a: 1, b: {x: 1}, c: {x: 1}, d: {x: 1}}",
            &[],
        );
        check("", "{a: {b: 1}}", "kid: {a: x}", &["kid.a"]);
        check("kid: {a: x}", "{a: {b: 1}}", "kid: {a: y}", &[]);
    }
}
