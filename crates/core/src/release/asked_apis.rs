//! Which APIs the templates of a chart ask for: with others in the cluster it gives the same objects.

use memchr::memmem;
use tidegate_helm::Chart;

/// What templates ask of the APIs of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AskedApis {
    /// Whether a template does something else with them than ask for one by its name.
    anything: bool,
    /// The names, or what they start with.
    names: Vec<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Whole(String),
    /// What comes before the part that is put in.
    Start(String),
}

impl AskedApis {
    /// Those of a chart and its sub-charts, as far as their text tells.
    pub(crate) fn of(chart: &Chart) -> AskedApis {
        let mut asked = AskedApis::default();
        asked.add(chart);
        asked.names.sort_unstable();
        asked.names.dedup();
        asked
    }

    /// Nothing is known of what is asked.
    pub(crate) fn anything() -> AskedApis {
        AskedApis {
            anything: true,
            ..AskedApis::default()
        }
    }

    fn add(&mut self, chart: &Chart) {
        const FIELD: &[u8] = b".APIVersions";
        for file in &chart.templates {
            let text = file.source.bytes();
            for at in memmem::find_iter(text, FIELD) {
                let behind = str::from_utf8(text.get(at + FIELD.len()..).unwrap_or_default());
                match behind.ok().and_then(name) {
                    Some(name) => self.names.push(name),
                    None => self.anything = true,
                }
            }
        }
        chart.dependencies.iter().for_each(|chart| self.add(chart));
    }

    /// Whether the answers could be others with other APIs. Both lists are sorted.
    pub(crate) fn differ(&self, before: &[String], now: &[String]) -> bool {
        let starting = |apis: &'_ [String], start: &str| -> Vec<String> {
            let from = apis.partition_point(|api| api.as_str() < start);
            let with = apis[from..].iter().take_while(|api| api.starts_with(start));
            with.cloned().collect()
        };
        let has = |apis: &[String], name: &String| apis.binary_search(name).is_ok();
        self.anything && before != now
            || self.names.iter().any(|name| match name {
                Name::Whole(name) => has(before, name) != has(now, name),
                Name::Start(start) => starting(before, start) != starting(now, start),
            })
    }
}

/// The name that a template asks for, from what stands behind `.APIVersions`.
fn name(behind: &str) -> Option<Name> {
    let argument = behind.strip_prefix(".Has")?.trim_start();
    let (argument, is_printf) = match argument.strip_prefix('(') {
        Some(call) => (call.trim_start().strip_prefix("printf")?.trim_start(), true),
        None => (argument, false),
    };
    let (text, _) = argument.strip_prefix('"')?.split_once('"')?;
    if text.contains('\\') {
        return None;
    }
    match text.split_once('%').filter(|_| is_printf) {
        Some((start, _)) => Some(Name::Start(start.to_owned())),
        None => Some(Name::Whole(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};

    fn check(template: &str, before: &[&str], now: &[&str], expected: bool) {
        let system = MemorySystem::new()
            .with("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n")
            .with("templates/a.yaml", template);
        let sources = Sources::new(Arc::new(system));
        let chart = tidegate_helm::load::folder(&sources, &TreePath::root()).unwrap();
        let list =
            |apis: &[&str]| -> Vec<String> { apis.iter().map(|api| (*api).to_owned()).collect() };
        let asked = AskedApis::of(&chart);
        assert_eq!(
            asked.differ(&list(before), &list(now)),
            expected,
            "{template}"
        );
    }

    #[test]
    fn only_what_is_asked_for_makes_a_difference() {
        let has = r#"{{ .Capabilities.APIVersions.Has "a/v1" }}"#;
        check("text", &[], &["a/v1"], false);
        check(has, &[], &["a/v1"], true);
        check(has, &["a/v1"], &["a/v1", "b/v1"], false);
        let start = r#"{{ .Capabilities.APIVersions.Has (printf "a/v1/%s" $kind) }}"#;
        check(start, &[], &["a/v1/Widget"], true);
        check(start, &["b/v1"], &["c/v1"], false);
        let variable = "{{ .Capabilities.APIVersions.Has $api }}";
        check(variable, &["b/v1"], &["c/v1"], true);
        check("{{ .Capabilities.APIVersions }}", &[], &["c/v1"], true);
    }
}
