use tidegate_yaml::{Node, Place, SmolStr};

use crate::coalesce::{Coalescer, Warning};
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
    /// Where given values do not fit the chart's own.
    pub warnings: Vec<Warning>,
}

/// A chart that takes part in a release.
#[derive(Clone, Debug)]
pub struct Member<'c> {
    /// The chart.
    pub chart: &'c Chart,
    /// Its name in this release: that of the chart, or the alias.
    pub name: SmolStr,
    /// The sub-charts that take part.
    pub dependencies: Vec<Member<'c>>,
    /// What is left of the dependencies of `Chart.yaml`, under their aliases.
    pub requirements: Option<Vec<Dependency>>,
    /// The values of the conditions and tags that let it take part.
    pub enabled_by: Vec<Place>,
    /// The values of the chart itself.
    pub(crate) defaults: Defaults<'c>,
}

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
    let mut root = Member::new(chart);
    let mut coalescer = Coalescer::new();
    let processing =
        |error: ChartError| error.during(format_args!("chart dependencies processing failed"));
    let given = coalescer.budget.read(values)?;
    dependencies::enable(&mut root, &given, &mut coalescer).map_err(processing)?;
    import::import_values(&mut root, &mut coalescer).map_err(processing)?;
    // Whatever was found before is found again.
    let mut coalescer = Coalescer::new();
    let values = coalescer.budget.read(values)?;
    coalescer.coalesce(&root, &values)?;
    coalescer.budget.check(&values)?;
    Ok(Prepared {
        root,
        values,
        warnings: coalescer.warnings,
    })
}

impl<'c> Member<'c> {
    pub(crate) fn new(chart: &'c Chart) -> Member<'c> {
        Member {
            chart,
            name: chart.name().clone(),
            dependencies: chart.dependencies.iter().map(Member::new).collect(),
            requirements: chart.metadata.dependencies.clone(),
            enabled_by: Vec::new(),
            defaults: Defaults::Loaded(&chart.values),
        }
    }

    /// The CRDs of this chart and then of those below; `path` is that of the chart, such as
    /// `parent/charts/child`.
    pub fn crds(&self, path: &str) -> Vec<CrdFile<'c>> {
        let own = self.chart.crds().map(|file| CrdFile {
            path: format!("{path}/{}", file.name),
            file,
        });
        let mut crds: Vec<_> = own.collect();
        for member in &self.dependencies {
            crds.extend(member.crds(&format!("{path}/charts/{}", member.name)));
        }
        crds
    }
}
