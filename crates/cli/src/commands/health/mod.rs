//! Whether a cluster runs an artifact, and runs it well.

mod artifact;
mod checks;
mod expectation;
mod human;
mod json;
mod located;
mod queries;
mod waiting;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tidegate_artifact::Repository;
use tidegate_core::config::HealthConfig;
use tidegate_core::render::SecretValues;
use tidegate_core::{Cluster, TreePacking};
use tidegate_health::{Access, Evidence, Reader, Reason, ReasonKind, Run, Timing, Verdict};
use tidegate_source::{TreePath, nearest};

use crate::args::{Global, Health, HealthFormat};
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::config::Configured;
use crate::place::WorkingFolder;
use crate::plan::{Asked, Plan};
use crate::progress::Progress;
use crate::remote::{self, artifact_url};
use crate::rendering::{Answer, Rendered, Rendering};
use crate::terminal::{Stream, drawing};
use crate::tree::Tree;

use self::artifact::{Artifact, repository, target};
use self::checks::Checks;
use self::expectation::Expecting;
use self::located::{Lines, Located};
use self::waiting::Waiting;

/// How long a request may take, however long is waited for a result.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);

pub(crate) fn run(args: &Health, global: &Global) -> Result<Outcome, Failure> {
    let working = working_folder()?;
    let access = Access {
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        patience: Some(args.timeout.min(LONGEST_REQUEST)),
    };
    let reader = Reader::connect(&access).map_err(|error| {
        let failure = Failure::new(format!("the cluster is not known: {error}"));
        failure.with_help("name it: --kubeconfig FILE --context NAME")
    })?;
    let Rendered { tree, plan, render } = match rendered(args, global, &working)? {
        Found::Tree(rendered) => *rendered,
        Found::Nothing(reason) => {
            let evidence = Evidence::unknown(reason);
            let reasons = located::nowhere(evidence.verdict.reasons());
            return print(args, global, &evidence, &reasons, &[]);
        }
    };
    let digest = args.digest.to_string();
    let no_cluster = || Failure::new(format!("there is no cluster {}", args.env));
    let cluster = render.renders.first().ok_or_else(no_cluster)?;
    let environment = plan.configured.config.environment(&args.env);
    let health = environment.map_or_else(HealthConfig::default, |one| one.health.clone());
    let unjudged = [args.allow_unjudged.as_slice(), &health.allow_unjudged].concat();
    let expecting = Expecting::of(cluster, &digest, &unjudged);
    let Checks { checks, left } = Checks::of(&expecting, &health, &reader)?;
    let secret = SecretValues::new(&render.renders);
    let mut waiting = Waiting::new(global.quiet, &expecting, &secret);
    let run = Run {
        reader: &reader,
        expectation: &expecting.expectation,
        timing: Timing {
            timeout: args.timeout,
            settle: args.settle,
            interval: args.interval,
        },
        checks,
        target: &|source| target(source, &args.digest, &args.registry),
        progress: &mut |progress| waiting.update(progress),
    };
    let mut evidence = run.run();
    evidence.not_judged.extend(left);
    waiting.finish();

    let show_path = |path: &TreePath| plan.configured.shown(&working, tree.root(), path);
    let lines = Lines {
        expecting: &expecting,
        sources: &plan.sources,
        secret: &secret,
        show_path: &show_path,
    };
    let reasons = lines.of(evidence.verdict.reasons());
    let not_judged = lines.of(&evidence.not_judged);
    print(args, global, &evidence, &reasons, &not_judged)
}

fn print(
    args: &Health,
    global: &Global,
    evidence: &Evidence,
    reasons: &[Located],
    not_judged: &[Located],
) -> Result<Outcome, Failure> {
    let digest = args.digest.to_string();
    let text = match args.format {
        HealthFormat::Human => {
            let color = drawing(Stream::Stdout, global.color).color;
            human::human(&args.env, &digest, evidence, reasons, color)
        }
        HealthFormat::Json => json::json(&args.env, &digest, evidence, reasons, not_judged),
    };
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(match evidence.verdict {
        Verdict::Passed => Outcome::Clean,
        Verdict::Failed(_) => Outcome::Refused,
        Verdict::Inconclusive(_) => Outcome::Inconclusive,
    })
}

/// What an artifact renders for the cluster of an environment.
enum Found {
    Tree(Box<Rendered>),
    /// That is not known.
    Nothing(Reason),
}

/// Renders what is in the artifact; or the tree that was named, if it is what the artifact was made of.
fn rendered(args: &Health, global: &Global, working: &WorkingFolder) -> Result<Found, Failure> {
    let named = args.path.as_deref();
    let url = match named.and_then(artifact_url) {
        Some(url) => Some(url.to_owned()),
        None => args.artifact.clone(),
    };
    let folder = named.filter(|path| artifact_url(path).is_none());
    let local = match folder {
        Some(folder) => {
            let tree = Tree::open(folder, None, working)?;
            let asked = asked(args, global, folder);
            let configured = Plan::new(&asked, &tree, &TreePacking::default(), working)?.configured;
            configured.config
        }
        None => Configured::here(args.config.as_deref())?.config,
    };
    let url = url.or_else(|| Some(local.promotion.repository.as_ref()?.value.clone()));
    let Some(url) = url else {
        let message = "nothing tells where the artifact is, so that what it renders is not known";
        let reason = Reason::new(ReasonKind::NoArtifact, message);
        return Ok(Found::Nothing(reason));
    };
    let registries = remote::registries(&args.registry);
    let name = repository(&url, &args.digest)?;
    let artifact = Artifact {
        repository: Repository::new(registries.repository(&name)),
        digest: &args.digest,
    };
    let environment = local.environment(&args.env);
    let cluster = environment.map_or(args.env.as_str(), |environment| environment.cluster());
    let Some(folder) = folder else {
        let url = PathBuf::from(artifact.url());
        // Whether it cannot be read or is not there: nothing is known of it.
        let tree = match remote::open(&url, None, &args.registry, working) {
            Ok(tree) => tree,
            Err(failure) => {
                let reason = Reason::new(ReasonKind::NoArtifact, failure.message());
                return Ok(Found::Nothing(reason));
            }
        };
        return Ok(Found::Tree(Box::new(render(
            args, global, working, tree, &url, cluster,
        )?)));
    };
    let tree = Tree::open(folder, None, working)?;
    let tree = tree.to_pack(tree.folder(folder, working)?);
    let rendered = render(args, global, working, tree, folder, cluster)?;
    Ok(match artifact.differs(&rendered, folder, working)? {
        None => Found::Tree(Box::new(rendered)),
        Some(reason) => Found::Nothing(reason),
    })
}

fn asked<'a>(args: &'a Health, global: &Global, path: &'a Path) -> Asked<'a> {
    Asked {
        path,
        clusters: &args.clusters,
        config: args.config.as_deref(),
        cache_dir: args.cache_dir.as_deref(),
        lock: None,
        threads: threads(global),
    }
}

/// Renders one cluster of a tree.
fn render(
    args: &Health,
    global: &Global,
    working: &WorkingFolder,
    tree: Tree,
    path: &Path,
    cluster: &str,
) -> Result<Rendered, Failure> {
    let progress = Progress::start(global.quiet);
    let rendering = Rendering {
        asked: asked(args, global, path),
        working,
        choose: &|clusters| chosen(clusters, cluster),
        progress: &|done, known| progress.update(done, known),
    };
    let came = rendering.of(tree)?;
    progress.finish();
    match came {
        Answer::Rendered(rendered) => Ok(*rendered),
        Answer::Misconfigured => {
            let failure = Failure::new("the config has errors, so that nothing was rendered");
            Err(failure.with_help("`tidegate check` shows them"))
        }
        Answer::Nothing => {
            let message = format!("there is no cluster in {} to compare with", path.display());
            Err(Failure::new(message).with_help("name it: --cluster NAME=PATH"))
        }
    }
}

/// The cluster of the environment.
fn chosen(clusters: &[Cluster], name: &str) -> Result<Vec<Cluster>, Failure> {
    if let Some(cluster) = clusters.iter().find(|cluster| cluster.name == name) {
        return Ok(vec![cluster.clone()]);
    }
    let names = || clusters.iter().map(|cluster| cluster.name.as_str());
    let failure = Failure::new(format!("there is no cluster {name}"));
    Err(match nearest(name, names()) {
        Some(near) => failure.with_help(format!("did you mean {near}?")),
        None => {
            let names: Vec<&str> = names().collect();
            failure.with_help(format!("there are {}", names.join(", ")))
        }
    })
}
