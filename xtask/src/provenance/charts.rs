//! The cases of the suite `helm`: what their values change.

use tidegate_core::printed::Printed;
use tidegate_helm::Rendered;
use tidegate_kustomize::Object;
use tidegate_yaml::{Dialect, ParseOptions};

use super::given::{Made, Suite};
use super::site::Site;
use crate::Outcome;
use crate::charts::{self, Case, Charts};
use crate::workspace::Workspace;

/// The library chart builds all it prints through its own functions, and is counted apart.
const APART: &str = "app-template";

/// The cases that render, and their charts.
pub(super) struct OfCharts {
    charts: Charts,
    cases: Vec<Case>,
}

impl OfCharts {
    pub(super) fn open(workspace: &Workspace) -> Outcome<OfCharts> {
        let (charts, cases) = charts::open(workspace)?;
        Ok(OfCharts { charts, cases })
    }
}

impl Suite for OfCharts {
    fn names(&self) -> Vec<&str> {
        self.cases.iter().map(|case| case.name.as_str()).collect()
    }

    fn group(&self, case: usize) -> &str {
        &self.cases[case].chart
    }

    fn apart(&self) -> Option<&str> {
        Some(APART)
    }

    fn made(&self, case: usize, replaced: Option<(usize, String)>) -> Option<Made> {
        let case = &self.cases[case];
        let sources = &self.charts.chart(case).sources;
        let (files, values) = case.values(sources, replaced).ok()?;
        let rendered = self.charts.render(case, &values).ok()?;
        Some(Made {
            objects: objects(&rendered)?,
            files,
            sources: sources.clone(),
        })
    }

    fn is_given(&self, _: &Site) -> bool {
        true
    }
}

/// The objects of a render, with their places.
fn objects(rendered: &Rendered) -> Option<Vec<Object>> {
    let options = ParseOptions::new(Dialect::GoYaml3);
    let mut objects = Vec::new();
    for manifest in rendered.manifests.iter().chain(&rendered.hooks) {
        let text = &manifest.printed.text;
        let printed = Printed::new(text, &manifest.printed.pieces, &rendered.origins);
        let printed = printed.preferring_values();
        let nodes = printed.read(manifest.range.clone(), options).ok()?;
        objects.extend(nodes.into_iter().map(Object::new));
    }
    Some(objects)
}
