//! The paths of values that a chart and its sub-charts name.

use tidegate_gotemplate::{Lookups, PlaceId, Set, Shape};
use tidegate_yaml::{Node, SmolStr};

use crate::Chart;
use crate::engine::Templates;
use crate::metadata::Dependency;

/// What of the values of a chart its templates may look up, whatever the values are, those of its
/// sub-charts too. It belongs to the chart, not to a release.
#[derive(Debug)]
pub struct NamedValues {
    pub(super) lookups: Lookups,
    pub(super) root: PlaceId,
}

impl NamedValues {
    /// Walks through all templates of a chart. Those that cannot be read are left out.
    pub fn of(chart: &Chart, templates: &Templates) -> NamedValues {
        let mut lookups = Lookups::default();
        let root = lookups.root();
        let global = lookups.below(root, GLOBAL);
        let mut walk = Walk {
            templates,
            set: templates.set(),
            lookups,
            global,
            calls: Vec::new(),
        };
        walk.chart(chart, root, chart.name());
        let Walk {
            set,
            mut lookups,
            calls,
            ..
        } = walk;
        let calls: Vec<(&str, Shape)> = calls
            .iter()
            .map(|(name, dot)| (name.as_str(), dot.clone()))
            .collect();
        lookups.add(&set, &calls);
        NamedValues { lookups, root }
    }

    /// Whether any key at a path counts as named: what it is in is passed on as a whole, or all keys of it
    /// are looked at.
    pub fn is_open(&self, path: &[SmolStr]) -> bool {
        let mut places = vec![self.root];
        for key in path {
            let is_whole = |place: &PlaceId| self.lookups.is_whole(*place);
            if places.iter().any(is_whole) {
                return true;
            }
            let below = places.iter().flat_map(|place| self.lookups.at(*place, key));
            places = below.collect();
        }
        !places.is_empty()
    }
}

/// The values that every chart gets.
const GLOBAL: &str = "global";

struct Walk<'t> {
    templates: &'t Templates,
    set: Set,
    lookups: Lookups,
    global: PlaceId,
    /// The templates that print something, with their data.
    calls: Vec<(SmolStr, Shape)>,
}

impl Walk<'_> {
    /// Adds a chart whose values are at a place; `path` is where it is, such as `parent/charts/child`.
    fn chart(&mut self, chart: &Chart, values: PlaceId, path: &str) -> Shape {
        let wanted = chart.metadata.dependencies.as_deref().unwrap_or_default();
        for dependency in wanted {
            self.dependency(dependency, values);
        }
        let mut inner_dots = Vec::new();
        for inner in &chart.dependencies {
            let named = wanted.iter().filter(|one| one.name == *inner.name());
            let mut names: Vec<&SmolStr> = named.map(name_in_values).collect();
            if names.is_empty() {
                names.push(inner.name());
            }
            for name in names {
                let place = self.lookups.below(values, name);
                self.lookups.join(place, GLOBAL, self.global);
                let dot = self.chart(inner, place, &format!("{path}/charts/{name}"));
                inner_dots.push((name.clone(), dot));
            }
        }
        let inner_dots = inner_dots.iter();
        let inner_dots = inner_dots.map(|(name, dot)| (name.as_str(), dot.clone()));
        let dot = Shape::map([
            ("Values", Shape::place(values)),
            ("Subcharts", Shape::map(inner_dots)),
        ]);
        let is_library = chart.metadata.chart_type.eq_ignore_ascii_case("library");
        for file in &chart.templates {
            let name = SmolStr::from(format!("{path}/{}", file.name));
            let is_partial = file
                .name
                .rsplit('/')
                .next()
                .is_some_and(|last| last.starts_with('_'));
            if is_library && !is_partial {
                continue;
            }
            let added = self.templates.add(&mut self.set, &name, &file.source);
            if added.is_ok() && !is_partial {
                self.calls.push((name, dot.clone()));
            }
        }
        dot
    }

    /// What `Chart.yaml` itself looks up for a dependency.
    fn dependency(&mut self, dependency: &Dependency, values: PlaceId) {
        for condition in dependency.condition.split(',') {
            let place = self.path(values, condition.trim());
            self.lookups.take_whole(place);
        }
        if !dependency.tags.is_empty() {
            let place = self.lookups.below(values, "tags");
            self.lookups.take_whole(place);
        }
        let inner = self.lookups.below(values, name_in_values(dependency));
        for import in &dependency.import_values {
            let path = match import.as_str() {
                Some(export) => format!("exports.{export}"),
                None => match import.get("child").and_then(Node::as_str) {
                    Some(child) => child.to_owned(),
                    None => continue,
                },
            };
            let place = self.path(inner, &path);
            self.lookups.take_whole(place);
        }
    }

    fn path(&mut self, from: PlaceId, path: &str) -> PlaceId {
        let keys = path.split('.').filter(|key| !key.is_empty());
        keys.fold(from, |place, key| self.lookups.below(place, key))
    }
}

fn name_in_values(dependency: &Dependency) -> &SmolStr {
    match dependency.alias.is_empty() {
        true => &dependency.name,
        false => &dependency.alias,
    }
}
