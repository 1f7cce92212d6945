use std::cell::RefCell;
use std::rc::Rc;

use tidegate_yaml::{Node, SmolStr};

use crate::coalesce::Coalescer;
use crate::dependencies;
use crate::import;
use crate::metadata::Dependency;
use crate::values::Table;
use crate::{Chart, ChartError, CrdFile};

/// A chart and its values, ready to be rendered for one release.
#[derive(Clone, Debug)]
pub struct Prepared<'c> {
    /// The chart, with those of its sub-charts that take part.
    pub root: Member<'c>,
    /// The values: those of a sub-chart lie below its name. Maps can be in more than one place, and
    /// then what a template changes in one is changed in the other.
    pub values: Table,
}

/// A chart that takes part in a release.
#[derive(Clone, Debug)]
pub struct Member<'c> {
    /// The chart.
    pub chart: &'c Chart,
    /// Its name in this release: that of the chart, or the alias.
    pub name: SmolStr,
    /// Its path from the outermost chart on, such as `parent/charts/child`, which is in front of the names
    /// of its files. Where a chart within one that has an alias is named by no `Chart.yaml`, Helm gives
    /// those below it the path that they would have without the alias; then two can have the same.
    pub path: SmolStr,
    /// The sub-charts that take part.
    pub dependencies: Vec<Member<'c>>,
    /// What is left of the dependencies of `Chart.yaml`, under their aliases.
    pub requirements: Option<Vec<Dependency>>,
    /// The values of the chart itself.
    pub(crate) defaults: Defaults<'c>,
    /// The dependencies while they are processed.
    pub(crate) shared: SharedRequirements,
    /// The path without aliases.
    pub(crate) plain_path: SmolStr,
    /// Whether that is its path.
    pub(crate) is_plain: bool,
}

/// The dependencies that `Chart.yaml` names. A sub-chart that no `Chart.yaml` names, of a chart that is
/// there under two aliases, is there twice, and what is done to its dependencies is done to both.
pub(crate) type SharedRequirements = Rc<RefCell<Option<Vec<Dependency>>>>;

/// The values of a chart.
#[derive(Clone, Debug)]
pub(crate) enum Defaults<'c> {
    /// As they were loaded.
    Loaded(&'c Node),
    /// With those of sub-charts in them.
    Imported(Table),
}

/// Decides which sub-charts take part when a release has these values, and puts the values of all charts
/// together. `values` are decoded: see [`crate::values::decode_node`].
pub fn prepare<'c>(chart: &'c Chart, values: &Node) -> Result<Prepared<'c>, ChartError> {
    if chart.metadata.chart_type == "library" {
        return Err(ChartError::chart("library charts are not installable").at(chart.metadata.span));
    }
    dependencies::check(chart)?;
    let mut root = Member::new(chart, chart.name().clone());
    let mut coalescer = Coalescer::new();
    let processing =
        |error: ChartError| error.during(format_args!("chart dependencies processing failed"));
    let given = coalescer.budget.read(values)?;
    dependencies::enable(&mut root, &given, &mut coalescer).map_err(processing)?;
    import::import_values(&mut root, &mut coalescer).map_err(processing)?;
    root.finish();
    let values = coalescer.budget.read(values)?;
    coalescer.coalesce(&root, &values)?;
    coalescer.budget.check(&values)?;
    Ok(Prepared { root, values })
}

impl<'c> Member<'c> {
    fn new(chart: &'c Chart, plain_path: SmolStr) -> Member<'c> {
        let below = |inner: &'c Chart| {
            let path = format!("{plain_path}/charts/{}", inner.name());
            Member::new(inner, path.into())
        };
        Member {
            chart,
            name: chart.name().clone(),
            path: plain_path.clone(),
            dependencies: chart.dependencies.iter().map(below).collect(),
            requirements: None,
            defaults: Defaults::Loaded(&chart.values),
            shared: Rc::new(RefCell::new(chart.metadata.dependencies.clone())),
            plain_path,
            is_plain: false,
        }
    }

    /// A copy for a dependency that `Chart.yaml` names. It has dependencies of its own; those of the
    /// charts below are shared.
    pub(crate) fn named(&self) -> Member<'c> {
        let mut copy = self.clone();
        copy.is_plain = false;
        copy.shared = Rc::new(RefCell::new(self.shared.borrow().clone()));
        for inner in &mut copy.dependencies {
            inner.is_plain = false;
            for inmost in &mut inner.dependencies {
                inmost.is_plain = true;
            }
        }
        copy
    }

    /// Sets what depends on all that was done before.
    fn finish(&mut self) {
        self.requirements = self.shared.borrow().clone();
        for inner in &mut self.dependencies {
            inner.path = match inner.is_plain {
                true => inner.plain_path.clone(),
                false => format!("{}/charts/{}", self.path, inner.name).into(),
            };
            inner.finish();
        }
    }

    /// The CRDs of this chart and then of those below.
    pub fn crds(&self) -> Vec<CrdFile<'c>> {
        let mut crds = Vec::new();
        self.add_crds(&mut crds);
        crds
    }

    fn add_crds(&self, crds: &mut Vec<CrdFile<'c>>) {
        crds.extend(self.chart.crds().map(|file| CrdFile {
            path: format!("{}/{}", self.path, file.name),
            file,
        }));
        for inner in &self.dependencies {
            inner.add_crds(crds);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{StepKind, to_json};

    use super::*;
    use crate::Given;
    use crate::strvals::Reading;

    /// What `f` sees of the chart of these files, prepared with what is set.
    fn with<T>(
        files: &[(&str, &str)],
        set: &str,
        f: impl FnOnce(Result<Prepared<'_>, ChartError>) -> T,
    ) -> T {
        let mut system = MemorySystem::new();
        for (name, text) in files {
            system = system.with(&format!("c/{name}"), text);
        }
        let sources = Sources::new(Arc::new(system));
        let chart = crate::load::folder(&sources, &TreePath::new("c").unwrap()).unwrap();
        let mut given = Given::default();
        given.set(set, Reading::Typed).unwrap();
        f(prepare(&chart, &given.into_node()))
    }

    fn check(files: &[(&str, &str)], set: &str, expected: &str) {
        let values = with(files, set, |prepared| {
            to_json(&prepared.unwrap().values.to_node()).unwrap()
        });
        assert_eq!(values, expected);
    }

    fn check_error(files: &[(&str, &str)], set: &str, expected: &str) {
        let message = with(files, set, |prepared| prepared.unwrap_err().message);
        assert_eq!(message, expected);
    }

    const CHART: &str = "{apiVersion: v2, name: c, version: 1.0.0}";

    fn parent(dependencies: &str) -> String {
        format!("{{apiVersion: v2, name: c, version: 1.0.0, dependencies: [{dependencies}]}}")
    }

    const A: (&str, &str) = (
        "charts/a/Chart.yaml",
        "{apiVersion: v2, name: a, version: 1.2.0}",
    );

    #[test]
    fn nulls_take_defaults_away() {
        let values = ("values.yaml", "{a: {b: 1, c: ~}, d: ~, e: 2}");
        let files = [("Chart.yaml", CHART), values];
        check(&files, "", r#"{"a":{"b":1},"e":2}"#);
        check(&files, "a.b=null,e=null,new=null", r#"{"a":{},"new":null}"#);
    }

    #[test]
    fn globals_go_down_and_are_shared_below_the_first_level() {
        let files = [
            ("Chart.yaml", CHART),
            ("values.yaml", "global: {x: {k: {own: 1}}}"),
            A,
            ("charts/a/values.yaml", "global: {x: {k: {z: 2}, only: 3}}"),
        ];
        // Helm's: what the sub-chart adds below the first level is seen above.
        let own = r#"{"k":{"own":1,"z":2}}"#;
        let inner = r#"{"k":{"own":1,"z":2},"only":3}"#;
        let expected = format!(r#"{{"a":{{"global":{{"x":{inner}}}}},"global":{{"x":{own}}}}}"#);
        check(&files, "", &expected);
    }

    #[test]
    fn conditions_tags_and_aliases() {
        let chart = parent("{name: a, version: 1.x, alias: b, condition: b.on, tags: [t]}");
        let files = [("Chart.yaml", chart.as_str()), A];
        check(&files, "", r#"{"b":{"global":{}}}"#);
        check(&files, "tags.t=false", r#"{"tags":{"t":false}}"#);
        check(&files, "b.on=false", r#"{"b":{"on":false}}"#);
        // The condition has the last word; what is no boolean has none.
        let both = r#"{"b":{"global":{},"on":true},"tags":{"t":false}}"#;
        check(&files, "b.on=true,tags.t=false", both);
        check(&files, "b.on=yes", r#"{"b":{"global":{},"on":"yes"}}"#);
    }

    #[test]
    fn a_chart_out_of_its_range_keeps_its_name() {
        let chart = parent("{name: a, version: ^2, alias: b, condition: b.on}");
        let files = [("Chart.yaml", chart.as_str()), A];
        check(
            &files,
            "b.on=false",
            r#"{"a":{"global":{}},"b":{"on":false}}"#,
        );
    }

    #[test]
    fn imported_values_know_who_imported_them() {
        let chart = parent("{name: a, version: 1.x, import-values: [{child: x, parent: k}]}");
        let files = [
            ("Chart.yaml", chart.as_str()),
            ("values.yaml", "k: {own: 1}"),
            A,
            ("charts/a/values.yaml", "x: {own: 2, new: 3}"),
        ];
        let expected = r#"{"a":{"global":{},"x":{"new":3,"own":2}},"k":{"new":3,"own":1}}"#;
        check(&files, "", expected);
        with(&files, "", |prepared| {
            let values = prepared.unwrap().values.to_node();
            let steps = |path: &[&str]| values.at(path).unwrap().place.steps();
            assert_eq!(steps(&["k", "new"])[0].kind, StepKind::ImportValues);
            assert_eq!(steps(&["k", "own"]), []);
        });
    }

    #[test]
    fn what_is_missing_or_no_map_is_an_error() {
        let chart = parent("{name: gone}, {name: a}, {name: gone2}");
        let files = [("Chart.yaml", chart.as_str()), A];
        check_error(
            &files,
            "",
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency \
             build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: gone, \
             gone2",
        );
        check_error(
            &[("Chart.yaml", CHART), A],
            "a=5",
            "type mismatch on a: the values of a sub-chart are not a map",
        );
    }

    #[test]
    fn values_that_would_hold_themselves_are_refused() {
        let imports = "import-values: [{child: x.k, parent: p}, {child: x, parent: p.q}]";
        let chart = parent(&format!("{{name: a, version: 1.x, {imports}}}"));
        let files = [
            ("Chart.yaml", chart.as_str()),
            A,
            ("charts/a/values.yaml", "x: {k: {z: 1}}"),
        ];
        check_error(
            &files,
            "",
            "chart dependencies processing failed: values are nested more than 300 deep, or in themselves",
        );
    }

    #[test]
    fn a_chart_that_is_not_named_keeps_the_path_without_an_alias() {
        let chart = parent("{name: a, version: 1.x, alias: b}");
        let files = [
            ("Chart.yaml", chart.as_str()),
            A,
            ("charts/a/charts/m/Chart.yaml", "{name: m, version: 1.0.0}"),
            (
                "charts/a/charts/m/charts/o/Chart.yaml",
                "{name: o, version: 1.0.0}",
            ),
        ];
        with(&files, "", |prepared| {
            let root = prepared.unwrap().root;
            let m = &root.dependencies[0].dependencies[0];
            assert_eq!(m.path, "c/charts/b/charts/m");
            assert_eq!(m.dependencies[0].path, "c/charts/a/charts/m/charts/o");
        });
    }
}
