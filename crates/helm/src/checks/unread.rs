//! Values that nothing reads.

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_gotemplate::{Origin, PlaceId};
use tidegate_source::nearest;
use tidegate_yaml::{Node, Place, ScalarKind, SmolStr, Value, is_yes};

use super::defaults::{Defaults, sub_chart};
use super::{NamedValues, Schemas};
use crate::Chart;
use crate::render::Rendered;

/// A value of a release that no template can read.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The keys and indices that lead to it. What is in it is not told of.
    pub path: Vec<SmolStr>,
    /// Where its key is written.
    pub place: Place,
    /// The path that was likely meant.
    pub nearest: Option<Vec<SmolStr>>,
    /// Whether the values or the schema of the chart have the path: then it is the chart that does not use it.
    pub is_in_chart: bool,
    /// The switch beside it that is off: templates name the value, but do not come to it.
    pub switch: Option<Vec<SmolStr>>,
}

/// Keys that switch what is beside them on and off.
const SWITCHES: [&str; 4] = ["enabled", "enable", "create", "install"];

/// The values of a release that no template of its charts names and that none looked up when they were
/// rendered. `rendered` must have kept track.
pub fn unread(
    chart: &Chart,
    named: &NamedValues,
    values: &Node,
    rendered: &Rendered,
    schemas: &Schemas,
) -> Vec<Unread> {
    let mut search = Search {
        chart,
        named,
        schemas,
        seen: Seen::of(rendered),
        path: Vec::new(),
        found: Vec::new(),
    };
    let at = At {
        named: vec![named.root],
        seen: (!rendered.values.is_empty()).then_some(0),
    };
    search.map(values, &at, &Defaults::of(chart));
    search.found
}

/// What is known of a place in the values.
struct At {
    /// What templates name.
    named: Vec<PlaceId>,
    /// Its index among the values that templates saw.
    seen: Option<usize>,
}

struct Search<'s> {
    chart: &'s Chart,
    schemas: &'s Schemas,
    named: &'s NamedValues,
    seen: Seen<'s>,
    path: Vec<SmolStr>,
    found: Vec<Unread>,
}

impl Search<'_> {
    fn map(&mut self, values: &Node, at: &At, defaults: &Defaults<'_>) {
        let Some(map) = values.as_map() else {
            return;
        };
        let switch = SWITCHES.into_iter().find(|name| {
            let given = map.get(name);
            let value = given.or_else(|| defaults.below(name).nodes.first().copied());
            value.is_some_and(is_false)
        });
        for entry in map {
            let Some(key) = entry.key.text() else {
                continue;
            };
            let key = SmolStr::from(key);
            let below = self.below(at, &key);
            self.path.push(key.clone());
            let used = below.seen.is_some_and(|index| self.seen.is_used(index));
            let switch = switch.filter(|name| *name != key && !used);
            if let (Some(switch), false) = (switch, below.named.is_empty()) {
                let above = &self.path[..self.path.len() - 1];
                self.found.push(Unread {
                    path: self.path.clone(),
                    place: entry.key.place.clone(),
                    nearest: None,
                    is_in_chart: false,
                    switch: Some([above, &[switch.into()]].concat()),
                });
            } else if !below.named.is_empty() {
                self.value(&entry.value, &below, &defaults.below(&key));
            } else if !used {
                let taken = |name: &str| map.get(name).is_some();
                self.found.push(Unread {
                    path: self.path.clone(),
                    place: entry.key.place.clone(),
                    switch: None,
                    nearest: self.nearest(at, &key, defaults, taken),
                    is_in_chart: !defaults.below(&key).nodes.is_empty() || self.is_in_schema(),
                });
            }
            self.path.pop();
        }
    }

    fn value(&mut self, value: &Node, at: &At, defaults: &Defaults<'_>) {
        let lookups = &self.named.lookups;
        if at.named.iter().any(|place| lookups.is_whole(*place)) {
            return;
        }
        match &value.value {
            Value::Scalar(_) => {}
            Value::Map(_) => self.map(value, at, defaults),
            Value::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    let index = SmolStr::from(index.to_string());
                    let below = self.below(at, &index);
                    // Nothing may be said of items that are not known to be looked into.
                    if !below.named.is_empty() {
                        self.path.push(index);
                        self.value(item, &below, &Defaults::default());
                        self.path.pop();
                    }
                }
            }
        }
    }

    /// Whether a schema names the path: that of the chart, or of the sub-chart whose values it is in.
    fn is_in_schema(&self) -> bool {
        let mut chart = self.chart;
        let mut path = self.path.as_slice();
        loop {
            if self.schemas.names(chart, path) {
                return true;
            }
            let Some((first, rest)) = path.split_first() else {
                return false;
            };
            let Some(inner) = sub_chart(chart, first).filter(|_| !rest.is_empty()) else {
                return false;
            };
            (chart, path) = (inner, rest);
        }
    }

    fn below(&self, at: &At, key: &SmolStr) -> At {
        let lookups = &self.named.lookups;
        let named = at.named.iter().flat_map(|place| lookups.at(*place, key));
        At {
            named: named.collect(),
            seen: at.seen.and_then(|index| self.seen.below(index, key)),
        }
    }

    /// The path that was likely meant by a key: a similar one beside it that is not given yet.
    fn nearest(
        &self,
        at: &At,
        key: &str,
        defaults: &Defaults<'_>,
        taken: impl Fn(&str) -> bool,
    ) -> Option<Vec<SmolStr>> {
        let lookups = &self.named.lookups;
        let mut names: Vec<&str> = at
            .named
            .iter()
            .flat_map(|place| lookups.keys(*place))
            .map(|(name, _)| name)
            .filter(|name| !taken(name))
            .collect();
        names.sort_unstable();
        names.dedup();
        let known = defaults.keys();
        let known = known.filter(|name| names.binary_search(name).is_ok());
        let found = nearest(key, known).or_else(|| nearest(key, names.iter().copied()))?;
        let mut path = self.path.clone();
        path.pop();
        path.push(found.into());
        Some(path)
    }
}

fn is_false(node: &Node) -> bool {
    let scalar = node.as_scalar();
    scalar.is_some_and(|scalar| scalar.kind == ScalarKind::Bool && !is_yes(&scalar.text))
}

/// The values that templates saw, by where they are.
struct Seen<'r> {
    below: FxHashMap<(usize, &'r str), usize>,
    /// Whether the value, or one in it, was looked up or printed.
    used: Vec<bool>,
}

impl<'r> Seen<'r> {
    fn of(rendered: &'r Rendered) -> Seen<'r> {
        let printed = printed(rendered);
        let mut below = FxHashMap::default();
        let mut used = Vec::with_capacity(rendered.values.len());
        for (index, value) in rendered.values.iter().enumerate() {
            if let Some(parent) = value.parent {
                below.insert((parent, value.key.as_str()), index);
            }
            used.push(value.read || printed.contains(&value.origin));
        }
        // Parents stand before what is in them.
        for index in (0..used.len()).rev() {
            if let Some(parent) = rendered.values[index].parent
                && used[index]
            {
                used[parent] = true;
            }
        }
        Seen { below, used }
    }

    fn below(&self, index: usize, key: &str) -> Option<usize> {
        self.below.get(&(index, key)).copied()
    }

    fn is_used(&self, index: usize) -> bool {
        self.used[index]
    }
}

/// The values that are in the output.
fn printed(rendered: &Rendered) -> FxHashSet<Origin> {
    let mut sets = FxHashSet::default();
    let all = rendered.manifests.iter().chain(&rendered.hooks);
    let texts = all.map(|manifest| &manifest.printed).chain(&rendered.notes);
    for text in texts {
        sets.extend(text.pieces.iter().map(|piece| piece.origin));
    }
    let mut single = FxHashSet::default();
    #[allow(clippy::iter_over_hash_type, reason = "a set is made of a set")]
    for origin in sets {
        single.extend(rendered.origins.members(origin).iter().copied());
    }
    single
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};

    use super::*;
    use crate::{Capabilities, Given, Options, Release, Templates, load, render};

    /// The paths that nothing reads, each with what was likely meant.
    fn check(template: &str, defaults: &str, values: &str, expected: &[&str]) {
        let system = MemorySystem::new()
            .with(
                "c/Chart.yaml",
                "{apiVersion: v2, name: web, version: 1.0.0}",
            )
            .with("c/values.yaml", defaults)
            .with("c/values.schema.json", r#"{"properties": {"noted": {}}}"#)
            .with("c/templates/a.yaml", template)
            .with(
                "c/charts/kid/Chart.yaml",
                "{apiVersion: v2, name: kid, version: 1.0.0}",
            )
            .with(
                "c/charts/kid/templates/b.yaml",
                "a: {{ .Values.size }}{{ .Values.global.zone }}",
            )
            .with("values.yaml", values);
        let sources = Sources::new(Arc::new(system));
        let chart = load::folder(&sources, &TreePath::new("c").unwrap()).unwrap();
        let file = sources
            .load(&TreePath::new("values.yaml").unwrap())
            .unwrap();
        let mut given = Given::default();
        given.file("values.yaml", &file).unwrap();
        let values = given.into_node();
        let (templates, schemas) = (Templates::default(), Schemas::default());
        let options = Options {
            track: true,
            ..Options::new(&templates)
        };
        let release = Release::new("r", "default");
        let rendered = render(
            &chart,
            &release,
            &values,
            &Capabilities::default(),
            &options,
        );
        let named = NamedValues::of(&chart, &templates);
        let found = unread(&chart, &named, &values, &rendered.unwrap(), &schemas);
        let found = found.iter().map(|one| {
            let nearest = one
                .nearest
                .iter()
                .map(|path| format!(" ({})", path.join(".")));
            let chart = if one.is_in_chart { " [chart]" } else { "" };
            let switch = one.switch.iter();
            let switch = switch.map(|path| format!(" while {}", path.join(".")));
            let rest: String = nearest.chain(switch).collect();
            format!("{}{rest}{chart}", one.path.join("."))
        });
        assert_eq!(found.collect::<Vec<String>>(), expected);
    }

    #[test]
    fn misspelt_keys() {
        check(
            "a: {{ .Values.image.tag }}{{ if .Values.on }}{{ .Values.image.repository }}{{ end }}",
            "image: {tag: '1'}",
            "{image: {tga: '2', repository: x}, onn: true, other: {a: 1}}",
            &["image.tga (image.tag)", "onn (on)", "other"],
        );
    }

    #[test]
    fn what_is_passed_on() {
        check(
            "a: {{ toYaml .Values.labels | nindent 2 }}{{ range .Values.list }}{{ .name }}{{ end }}",
            "",
            "{labels: {x: {y: 1}}, list: [{nme: b}]}",
            &["list.0.nme (list.0.name)"],
        );
        // What a text of the values looks up is known once it is rendered.
        check(
            "a: {{ tpl .Values.text . }}",
            "",
            "{text: '{{ .Values.own.host }}', own: {host: a}}",
            &[],
        );
    }

    #[test]
    fn values_of_sub_charts() {
        check(
            "",
            "",
            "{kid: {sise: 2}, global: {zon: b}}",
            &["global.zon (global.zone)", "kid.sise (kid.size)"],
        );
    }

    #[test]
    fn what_is_switched_off() {
        check(
            "a: {{ if .Values.ingress.enabled }}{{ .Values.ingress.host }}{{ end }}",
            "ingress: {enabled: false}",
            "{ingress: {host: a, hots: b}}",
            &["ingress.host while ingress.enabled", "ingress.hots"],
        );
    }

    #[test]
    fn what_the_chart_itself_does_not_use() {
        check(
            "",
            "old: 1",
            "{old: 2, noted: 3}",
            &["noted [chart]", "old [chart]"],
        );
    }
}
