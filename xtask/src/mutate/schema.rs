//! Breaks what real objects must be by their schemas, one thing in one object at a time, and compares
//! what is said of it with what an API server says, where there is one.

mod breaks;
mod server;

use std::collections::BTreeMap;
use std::path::Path;

use tidegate_kustomize::Object;
use tidegate_schema::{Catalog, Fault, How, KubernetesVersion, Lookup, Report, validate};
use tidegate_source::{Sources, Span};
use tidegate_yaml::{Emitted, Node, ScalarKind, Value, emit_go_yaml2};

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
    let trees = open_trees(workspace)?;
    let mut server = match tidegate_test_cluster::find() {
        Some(program) => Some(Server::start(workspace, &program)?),
        None => {
            println!("no API server is asked: `cargo xtask apiserver` builds one");
            None
        }
    };
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
                    if matches!(server.refusal(&one.whole)?, Some(Some(_))) {
                        continue;
                    }
                    match server.refusal(&one.broken)? {
                        Some(refusal) => refusal.is_some(),
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

/// Compares the verdicts of an API server on the rendered objects of the corpora, and fails where one
/// differs.
pub(crate) fn compare(workspace: &Workspace, program: &Path) -> Outcome {
    let trees = open_trees(workspace)?;
    let mut server = Server::start(workspace, program)?;
    let catalog = Catalog::known(KubernetesVersion::COMPARED);
    let (mut asked, mut differing) = (0, 0);
    for (sources, object) in distinct(&trees) {
        // What only a cluster knows is not in the text that the server would get.
        if has_unknown(&object.node) {
            continue;
        }
        let Report::Checked(faults) = validate(&catalog, &object.node, How::Apply) else {
            continue;
        };
        let Some(refusal) = server.refusal(&object.node)? else {
            continue;
        };
        asked += 1;
        if refusal.is_some() != faults.is_empty() {
            continue;
        }
        differing += 1;
        let place = match object.node.place.span().is_some() {
            true => place(object.node.place.span(), sources),
            false => String::new(),
        };
        let here: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.path, fault.message()))
            .collect();
        println!("{place}: there: {refusal:?}, here: {here:?}");
    }
    println!(
        "live corpora: {} verdicts agree, {differing} differ",
        asked - differing
    );
    match differing {
        0 if asked > 0 => Ok(()),
        _ => Err("not what the API server says".into()),
    }
}

/// Whether there is a value that only a cluster knows.
fn has_unknown(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.kind == ScalarKind::Opaque,
        Value::Seq(seq) => seq.iter().any(has_unknown),
        Value::Map(map) => {
            let mut entries = map.iter();
            entries.any(|entry| has_unknown(&entry.key) || has_unknown(&entry.value))
        }
    }
}

/// The corpora and the example, rendered.
fn open_trees(workspace: &Workspace) -> Outcome<Vec<Tree>> {
    let corpora = workspace.corpora().ok_or("set TIDEGATE_CORPORA")?;
    let mut folders = corpus::trees(&corpora)?;
    folders.push(workspace.root().join("examples/platform"));
    folders.iter().map(|folder| Tree::open(folder)).collect()
}

/// The objects of all trees, each once.
fn distinct(trees: &[Tree]) -> Vec<(&Sources, &Object)> {
    let mut known = std::collections::BTreeSet::new();
    let mut objects = Vec::new();
    for tree in trees {
        let renders = tree.render.renders.iter();
        for (_, object) in renders.flat_map(|render| render.objects()) {
            let address = object.node.as_map().map_or(0, tidegate_yaml::Map::address);
            if known.insert(address) {
                objects.push((&*tree.sources, object));
            }
        }
    }
    objects
}

/// The objects of all trees that their schemas allow, each once.
fn objects<'a>(
    trees: &'a [Tree],
    catalog: &'a Catalog,
) -> Vec<(&'a Sources, &'a Object, tidegate_schema::SchemaRef<'a>)> {
    let all = distinct(trees).into_iter();
    let valid = all.filter_map(|(sources, object)| {
        let Lookup::Served(kind) = catalog.find(object.api_version(), object.kind()) else {
            return None;
        };
        let report = validate(catalog, &object.node, How::Apply);
        let is_valid = matches!(report, Report::Checked(faults) if faults.is_empty());
        is_valid.then(|| (sources, object, kind.schema().root()))
    });
    valid.collect()
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
