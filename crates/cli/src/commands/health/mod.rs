//! Whether a cluster runs an artifact, and runs it well.

mod expectation;
mod human;
mod json;
mod located;
mod waiting;

use std::io::{self, Write};
use std::time::Duration;

use tidegate_core::render::SecretValues;
use tidegate_core::{Cluster, TreePacking};
use tidegate_health::{Access, Reader, Run, Target, Timing, Verdict};
use tidegate_source::{TreePath, nearest};

use crate::args::{Global, Health, HealthFormat};
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::plan::{Asked, Plan};
use crate::progress::Progress;
use crate::rendering::{Answer, Rendered, Rendering};
use crate::terminal::{Stream, drawing};
use crate::tree::Tree;

use self::expectation::Expecting;
use self::located::Lines;
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
        Failure::new(format!("the cluster is not known: {error}"))
            .with_help("name it: --kubeconfig FILE --context NAME")
    })?;
    let progress = Progress::start(global.quiet);
    let tree = Tree::open(&args.path, None, &working)?;
    let asked = || Asked {
        path: &args.path,
        clusters: &args.clusters,
        config: args.config.as_deref(),
        cache_dir: args.cache_dir.as_deref(),
        lock: None,
        threads: threads(global),
    };
    let plan = Plan::new(&asked(), &tree, &TreePacking::default(), &working)?;
    let environment = plan.configured.config.environment(&args.env);
    let name = environment.map_or(args.env.as_str(), |environment| environment.cluster());
    let rendering = Rendering {
        asked: asked(),
        working: &working,
        choose: &|clusters| chosen(clusters, name),
        progress: &|done, known| progress.update(done, known),
    };
    let came = rendering.of(tree)?;
    progress.finish();
    let Rendered { tree, plan, render } = match came {
        Answer::Rendered(rendered) => *rendered,
        Answer::Misconfigured => {
            let failure = Failure::new("the config has errors, so that nothing was rendered");
            return Err(failure.with_help("`tidegate check` shows them"));
        }
        Answer::Nothing => {
            let path = args.path.display();
            let message = format!("there is no cluster in {path} to compare with");
            return Err(Failure::new(message).with_help("name it: --cluster NAME=PATH"));
        }
    };
    let Some(cluster) = render.renders.first() else {
        return Err(Failure::new(format!("there is no cluster {name}")));
    };
    let digest = args.digest.to_string();
    let expecting = Expecting::of(cluster, &digest, &args.allow_unjudged);
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
        checks: Vec::new(),
        target: &|_| Target::Unknown,
        progress: &mut |progress| waiting.update(progress),
    };
    let evidence = run.run();
    waiting.finish();

    let show_path = |path: &TreePath| plan.configured.shown(&working, tree.root(), path);
    let lines = Lines {
        expecting: &expecting,
        sources: &plan.sources,
        secret: &secret,
        show_path: &show_path,
    };
    let reasons = lines.of(evidence.verdict.reasons());
    let text = match args.format {
        HealthFormat::Human => {
            let color = drawing(Stream::Stdout, global.color).color;
            human::human(&args.env, &digest, &evidence, &reasons, color)
        }
        HealthFormat::Json => {
            let not_judged = lines.of(&evidence.not_judged);
            json::json(&args.env, &digest, &evidence, &reasons, &not_judged)
        }
    };
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(match evidence.verdict {
        Verdict::Passed => Outcome::Clean,
        Verdict::Failed(_) => Outcome::Refused,
        Verdict::Inconclusive(_) => Outcome::Inconclusive,
    })
}

/// The cluster of the environment.
fn chosen(clusters: &[Cluster], name: &str) -> Result<Vec<Cluster>, Failure> {
    let found = clusters.iter().find(|cluster| cluster.name == name);
    if let Some(cluster) = found {
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
