use std::collections::BTreeSet;

use tidegate_yaml::SmolStr;

/// What the templates of a release asked of the APIs of the cluster: with other APIs that give the same answers it
/// renders the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedApis {
    /// Whether they did something else with the list than ask whether it has an API of a name.
    anything: bool,
    names: BTreeSet<SmolStr>,
}

impl AskedApis {
    /// Nothing is known of what is asked.
    pub fn anything() -> AskedApis {
        AskedApis {
            anything: true,
            ..AskedApis::default()
        }
    }

    pub(crate) fn add(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.into());
        }
    }

    /// Whether an answer could be another one with other APIs. Both lists are sorted.
    pub fn differ(&self, before: &[String], now: &[String]) -> bool {
        let has = |apis: &[String], name: &SmolStr| {
            let found = apis.binary_search_by(|api| api.as_str().cmp(name));
            found.is_ok()
        };
        let mut names = self.names.iter();
        self.anything && before != now || names.any(|name| has(before, name) != has(now, name))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Node, Place};

    use crate::{Capabilities, Options, Release, Templates, load, render};

    fn check(template: &str, before: &[&str], now: &[&str], expected: bool) {
        let system = MemorySystem::new()
            .with("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n")
            .with("templates/a.yaml", template);
        let sources = Sources::new(Arc::new(system));
        let chart = load::folder(&sources, &TreePath::root()).unwrap();
        let templates = Templates::default();
        let rendered = render(
            &chart,
            &Release::new("a", "b"),
            &Node::map(Vec::new(), Place::default()),
            &Capabilities::default(),
            &Options::new(&templates),
        );
        let list =
            |apis: &[&str]| -> Vec<String> { apis.iter().map(|api| (*api).to_owned()).collect() };
        let asked = rendered.unwrap().asked_apis;
        assert_eq!(
            asked.differ(&list(before), &list(now)),
            expected,
            "{template}"
        );
    }

    #[test]
    fn only_what_is_asked_for_makes_a_difference() {
        let has = r#"a: {{ .Capabilities.APIVersions.Has "a/v1" }}"#;
        check("a: text", &[], &["a/v1"], false);
        check(has, &[], &["a/v1"], true);
        check(has, &["a/v1"], &["a/v1", "b/v1"], false);
        let made =
            r#"{{ $kind := "W" }}a: {{ .Capabilities.APIVersions.Has (printf "a/v1/%s" $kind) }}"#;
        check(made, &[], &["a/v1/W"], true);
        check(made, &[], &["a/v1/V"], false);
        let not_reached = format!("{{{{ if false }}}}{has}{{{{ end }}}}");
        check(&not_reached, &[], &["a/v1"], false);
        let by_tpl = format!("{{{{ tpl {:?} . }}}}", has);
        check(&by_tpl, &[], &["a/v1"], true);
    }

    #[test]
    fn whoever_takes_the_list_asks_for_all_of_it() {
        for template in [
            "a: {{ .Capabilities.APIVersions | len }}",
            r#"{{ $all := .Capabilities.APIVersions }}a: {{ $all.Has "x" }}"#,
            "a: {{ .Capabilities | toYaml | sha256sum }}",
            "a: {{ .Capabilities | toString | sha256sum }}",
            "a: {{ toYaml . | sha256sum }}",
        ] {
            check(template, &["b/v1"], &["c/v1"], true);
            check(template, &["b/v1"], &["b/v1"], false);
        }
    }
}
