//! What is wrong between the objects of a cluster, each of which may be sound: pure functions from
//! what was rendered to findings.

mod contents;
mod cycles;
mod dependency;
mod events;
mod folders;
mod missing;
mod namespaces;
mod nodes;
mod order;
mod owners;
mod providers;
#[cfg(test)]
mod testing;
mod unknown;
mod unreached;

use tidegate_source::{Diagnostic, NotRendered, Sources, Span};

use crate::codes;
use crate::config::Config;
use crate::graph::contents::Catalog;
use crate::graph::dependency::{Dependency, Kind};
use crate::graph::events::Events;
use crate::graph::nodes::Graph;
use crate::render::ClusterRender;

/// What was found, and what could not be told.
#[derive(Debug, Default)]
pub(crate) struct GraphReport {
    /// What is wrong.
    pub(crate) findings: Vec<Diagnostic>,
    /// What would be wrong, if nothing that was not rendered provided it.
    pub(crate) not_rendered: Vec<NotRendered>,
    /// The names of objects whose findings say why they are not rendered.
    pub(crate) explained: Vec<Span>,
}

/// Looks at how the objects of each cluster fit together, and at what no cluster reaches.
///
/// `known` is what is wrong with the builds: what follows from that is not said again.
pub(crate) fn findings(
    renders: &[ClusterRender],
    sources: &Sources,
    config: &Config,
    known: &[Diagnostic],
) -> GraphReport {
    let mut report = GraphReport::default();
    let catalog = Catalog::new(renders);
    // Whether a folder could be applied although nothing that was rendered names it: a list of
    // resources may be lost because its name is misspelt.
    let mut could_reach = known.iter().any(|one| one.code == codes::DROPPED_FIELD);
    for render in renders {
        // Without clusters it is not known what is applied together.
        let Some(cluster) = &render.cluster else {
            continue;
        };
        let graph = Graph::new(render, &catalog);
        let events = Events::of(&graph);
        let mut findings = cycles::findings(&graph, &events);
        missing::find(&graph, sources, &mut findings, &mut report.not_rendered);
        let settings = config.settings(Some(cluster));
        let lacking = providers::find(&graph, &settings, &mut findings);
        report.explained.extend(lacking);
        namespaces::find(&graph, settings.no_cross_namespace_refs, &mut findings);
        owners::find(&graph, &mut findings);
        order::find(&graph, &events, &mut findings);
        for finding in &mut findings {
            finding.clusters = vec![cluster.clone()];
        }
        report.findings.append(&mut findings);
        could_reach |= graph.unknown.may_provide_kustomizations();
    }
    unreached::find(renders, sources, known, could_reach, &mut report);
    report
}
