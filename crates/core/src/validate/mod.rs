//! What the API server would say of the objects that Flux applies: each is checked once, however many
//! clusters share it.

mod catalogs;
mod explain;
mod grouped;
mod hand_over;
mod plain;
mod said;
mod standing;
#[cfg(test)]
mod tests;
mod unique;

pub use tidegate_schema::How;
use tidegate_schema::{FaultKind, Report};
use tidegate_source::{Diagnostic, Location, NotChecked, NotCheckedReason, Sources};
use tidegate_yaml::Node;

pub use self::catalogs::Catalogs;
use self::explain::Explained;
use self::grouped::Grouped;
pub use self::plain::{Checked, Validator, count_unknown, definitions};
use self::said::Said;
use self::standing::Standings;
use self::unique::unique;
use crate::check::CheckOptions;
use crate::parallel;
use crate::render::ClusterRender;

/// What objects are checked against.
#[derive(Clone, Debug, Default)]
pub enum Schemas {
    /// Nothing: they are not checked.
    #[default]
    Off,
    /// The kinds that come with tidegate, and those of CustomResourceDefinitions in the tree, which go
    /// before them.
    Known {
        /// Further CustomResourceDefinitions. They go before the kinds that come with tidegate, and
        /// those of the tree before them.
        further: Vec<Node>,
    },
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Validated {
    /// What is wrong.
    pub(crate) findings: Vec<Diagnostic>,
    /// The objects of which nothing is known, by their kinds.
    pub(crate) not_checked: Vec<NotChecked>,
}

/// Checks every object of every cluster. What `known` says already is not said again.
pub(crate) fn validate(
    renders: &[ClusterRender],
    options: &CheckOptions,
    sources: &Sources,
    known: &[Diagnostic],
) -> Validated {
    let Schemas::Known { further } = &options.schemas else {
        return Validated::default();
    };
    let catalogs = Catalogs::new(renders, &options.config, further);
    let objects = unique(renders, &catalogs);
    let reports = parallel::map(options.threads, &objects, |one| {
        let node = hand_over::handed_over(&one.object.node, one.has_variables);
        tidegate_schema::validate(catalogs.get(one.catalog), &node, How::Apply)
    });
    let said = Said::new(known, sources);
    let mut grouped = Grouped::default();
    let mut not_checked = elsewhere(renders);
    let mut standings = Standings::new(renders, &options.config, &catalogs);
    for (one, report) in objects.iter().zip(reports) {
        let version = standings.of(one, sources);
        let is_refused = version.is_refused();
        for finding in version.findings {
            grouped.add_version(finding);
        }
        match report {
            Report::UnknownKind if is_refused => {}
            Report::UnknownKind => count(&one.object.node, &mut not_checked),
            Report::Checked(faults) if faults.is_empty() => {}
            Report::Checked(faults) => {
                let explained = Explained::rendered(renders, one, sources);
                for (fault, finding) in explained.all(faults) {
                    let is_said = version.is_said && fault.kind == FaultKind::Kind;
                    if !is_said && !said.says(&fault, sources) {
                        grouped.add(fault, finding);
                    }
                }
            }
        }
    }
    Validated {
        findings: grouped.finish(),
        not_checked,
    }
}

/// The objects that are applied to other clusters, by what applies them.
fn elsewhere(renders: &[ClusterRender]) -> Vec<NotChecked> {
    let mut all = Vec::new();
    for render in renders {
        for (index, applied) in render.applied.iter().enumerate() {
            let node = applied.by.node();
            let objects = applied.objects().len();
            let Some((node, subject)) = node.zip(applied.by.subject()) else {
                continue;
            };
            if objects == 0 || !render.is_applied_elsewhere(index) {
                continue;
            }
            let config = node.at(&["spec", "kubeConfig"]).unwrap_or(node);
            let one = NotChecked {
                reason: NotCheckedReason::OtherCluster,
                api_version: subject.api_version.clone(),
                kind: subject.kind.clone(),
                name: format!("{}/{}", subject.namespace, subject.name),
                objects,
                location: Location::Span(config.place.span()),
            };
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

/// Counts an object of an unknown kind.
fn count(object: &Node, kinds: &mut Vec<NotChecked>) {
    let text = |key| object.get(key).and_then(Node::text).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let known = kinds.iter_mut().find(|known| {
        let is_kind = known.reason == NotCheckedReason::UnknownKind;
        is_kind && known.api_version == api_version && known.kind == kind
    });
    match known {
        Some(known) => known.objects += 1,
        None => kinds.push(NotChecked {
            reason: NotCheckedReason::UnknownKind,
            name: String::new(),
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            objects: 1,
            location: explain::place_of_kind(object),
        }),
    }
}
