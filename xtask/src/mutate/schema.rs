//! Breaks what real objects must be by their schemas, one thing in one object at a time, and compares
//! what is said of it with what an API server says, where there is one.

mod breaks;
mod server;

use std::collections::BTreeMap;

use tidegate_kustomize::Object;
use tidegate_schema::{Catalog, Fault, How, KubernetesVersion, Lookup, Report, validate};
use tidegate_source::{Sources, Span};
use tidegate_yaml::{Emitted, Node, emit_go_yaml2};

use self::breaks::{Break, Kind};
use self::server::Server;
use super::tree::Tree;
use crate::random::Random;
use crate::workspace::Workspace;
use crate::{Outcome, corpus};

/// The share of breaks of which the verdict must be right, and the share of those that are refused at
/// the right line, in hundredths.
const BAR: usize = 97;

/// What came of the breaks of a kind.
#[derive(Default)]
struct Tally {
    tried: usize,
    agreed: usize,
    refused: usize,
    placed: usize,
}

/// Tries the breaks, prints the rates, and fails when the bar is missed.
pub(super) fn run(workspace: &Workspace, each: usize, seed: u64, list: bool) -> Outcome {
    let corpora = workspace.corpora().ok_or("set TIDEGATE_CORPORA")?;
    let mut folders = corpus::trees(&corpora)?;
    folders.push(workspace.root().join("examples/platform"));
    let mut trees = Vec::new();
    for folder in folders {
        trees.push(Tree::open(&folder)?);
    }
    let mut server = Server::from_env()?;
    if server.is_none() {
        println!(
            "no API server is asked: TIDEGATE_APISERVER and TIDEGATE_APISERVER_TOKEN name none"
        );
    }
    let catalog = Catalog::known(KubernetesVersion::COMPARED);
    let objects = objects(&trees, &catalog);
    let mut random = Random::new(seed);
    let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
    for kind in Kind::ALL {
        let mut found: Vec<(&Sources, Break)> = Vec::new();
        for (sources, object, schema) in &objects {
            let breaks = breaks::find(kind, &object.node, *schema, &mut random);
            found.extend(breaks.into_iter().map(|one| (*sources, one)));
        }
        random.shuffle(&mut found);
        let tally = tallies.entry(kind).or_default();
        for (sources, one) in found {
            if tally.tried == each {
                break;
            }
            let refused_there = match &mut server {
                Some(server) => {
                    // What the server refuses anyway tells nothing.
                    if server.refuses(&one.whole)?.is_some_and(|whole| whole) {
                        continue;
                    }
                    match server.refuses(&one.broken)? {
                        Some(refused) => refused,
                        None => continue,
                    }
                }
                None => true,
            };
            let Report::Checked(faults) = validate(&catalog, &one.broken, How::Apply) else {
                continue;
            };
            let is_placed = faults.iter().any(|fault| is_at(fault, one.span, sources));
            let refused_here = !faults.is_empty();
            tally.tried += 1;
            tally.agreed += usize::from(refused_here == refused_there);
            if refused_here && refused_there {
                tally.refused += 1;
                tally.placed += usize::from(is_placed);
            }
            let is_miss = refused_here != refused_there || refused_here && !is_placed;
            if list && is_miss {
                let faults: Vec<String> = faults
                    .iter()
                    .map(|fault| format!("{}: {}", fault.path, fault.message()))
                    .collect();
                println!(
                    "{}: {}: refused there: {refused_there}, here: {faults:?}, {}",
                    kind.name(),
                    one.what,
                    place(one.span, sources)
                );
            }
        }
    }
    report(&tallies)
}

/// The objects of all trees that their schemas allow, each once.
fn objects<'a>(
    trees: &'a [Tree],
    catalog: &'a Catalog,
) -> Vec<(&'a Sources, &'a Object, tidegate_schema::SchemaRef<'a>)> {
    let mut known = std::collections::BTreeSet::new();
    let mut objects = Vec::new();
    for tree in trees {
        for (_, object) in tree
            .render
            .renders
            .iter()
            .flat_map(|render| render.objects())
        {
            let address = object.node.as_map().map_or(0, tidegate_yaml::Map::address);
            if !known.insert(address) {
                continue;
            }
            let Lookup::Served(kind) = catalog.find(object.api_version(), object.kind()) else {
                continue;
            };
            let report = validate(catalog, &object.node, How::Apply);
            if matches!(report, Report::Checked(faults) if faults.is_empty()) {
                objects.push((&*tree.sources, object, kind.schema().root()));
            }
        }
    }
    objects
}

/// Whether a fault is on the line of a span.
fn is_at(fault: &Fault, span: Span, sources: &Sources) -> bool {
    place(fault.place.span(), sources) == place(span, sources)
}

/// `FILE:LINE`
fn place(span: Span, sources: &Sources) -> String {
    let span = sources.real(span);
    match sources.get(span.file) {
        Some(file) => format!("{}:{}", file.path(), file.line_col(span.start).line),
        None => String::new(),
    }
}

fn report(tallies: &BTreeMap<Kind, Tally>) -> Outcome {
    let mut all = Tally::default();
    println!(
        "{:<28} {:>5} {:>8} {:>10}",
        "break", "tried", "verdict", "line"
    );
    for (kind, tally) in tallies {
        println!(
            "{:<28} {:>5} {:>8} {:>10}",
            kind.name(),
            tally.tried,
            tally.agreed,
            format!("{}/{}", tally.placed, tally.refused)
        );
        all.tried += tally.tried;
        all.agreed += tally.agreed;
        all.refused += tally.refused;
        all.placed += tally.placed;
    }
    println!(
        "{:<28} {:>5} {:>8} {:>10}",
        "all",
        all.tried,
        all.agreed,
        format!("{}/{}", all.placed, all.refused)
    );
    let is_met = |part: usize, whole: usize| part * 100 >= whole * BAR;
    match is_met(all.agreed, all.tried) && is_met(all.placed, all.refused) {
        true => Ok(()),
        false => Err(format!("fewer than {BAR} % are right").into()),
    }
}

/// An object as YAML.
fn yaml(object: &Node) -> Outcome<String> {
    let mut out = Emitted::default();
    emit_go_yaml2(object, &mut out, false).map_err(|error| format!("{error}"))?;
    Ok(out.text)
}
