//! What Flux would apply to a cluster.

mod files;
mod json;
mod select;
mod trail;

pub(crate) use select::Only;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tidegate_core::Cluster;
use tidegate_core::apply::as_applied;
use tidegate_core::render::{
    Applied, ClusterRender, Outcome as Came, Redactor, SecretValues, TreeRender,
};
use tidegate_kustomize::Object;
use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{
    Diagnostic, NotRendered, Severity, Sink, SkipReason, Sources, TreePath, nearest,
};
use tidegate_system::write_atomically;
use tidegate_yaml::{Emitted, Node, Unwritable, emit_go_yaml2};

use crate::args::{Global, Render, RenderFormat};
use crate::charts;
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::plan::Asked;
use crate::progress::Progress;
use crate::remote;
use crate::rendering::{Answer, Rendered, Rendering};
use crate::terminal::{Stream, drawing};

use self::files::Names;
use self::json::Json;
use self::select::{is_named, name_of, selected};
use self::trail::Trails;

pub(crate) fn run(args: &Render, global: &Global) -> Result<Outcome, Failure> {
    let progress = Progress::start(global.quiet);
    let working = working_folder()?;
    let tree = remote::open(
        &args.tree.path,
        args.rev.as_deref(),
        &args.tree.registry,
        &working,
    )?;
    let rendering = Rendering {
        asked: Asked {
            path: &args.tree.path,
            clusters: &args.tree.clusters,
            config: args.tree.config.as_deref(),
            cache_dir: args.cache_dir.as_deref(),
            lock: None,
            threads: threads(global),
        },
        working: &working,
        choose: &|clusters| {
            let chosen = chosen(clusters, args.cluster.as_deref())?;
            Ok(chosen.into_iter().collect())
        },
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
            let path = args.tree.path.display();
            let message = format!("there is no cluster and no kustomization to render in {path}");
            return Err(Failure::new(message).with_help("name a cluster: --cluster live=PATH"));
        }
    };
    let show_path = |path: &TreePath| plan.configured.shown(&working, tree.root(), path);
    let output = Output {
        args,
        global,
        sources: &plan.sources,
        show_path: &show_path,
        unlocked: plan.charts.unlocked(),
    };
    output.write(&render)
}

/// The cluster that the user means; none where the tree has no clusters.
fn chosen(clusters: &[Cluster], typed: Option<&str>) -> Result<Option<Cluster>, Failure> {
    let names: Vec<&str> = clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect();
    match (typed, clusters) {
        (None, []) => Ok(None),
        (None, [cluster]) => Ok(Some(cluster.clone())),
        (None, _) => {
            let failure = Failure::new(format!("there are several clusters: {}", names.join(", ")));
            Err(failure.with_help(format!("name one: tidegate render {}", names[0])))
        }
        (Some(typed), _) => {
            let found = clusters.iter().find(|cluster| cluster.name == typed);
            found.cloned().map(Some).ok_or_else(|| {
                let failure = Failure::new(format!("there is no cluster {typed}"));
                match nearest(typed, names.iter().copied()) {
                    Some(near) => failure.with_help(format!("did you mean {near}?")),
                    None if names.is_empty() => failure.with_help(
                        "clusters are looked for as folders in `clusters/`, there or one level \
                         below; or name one: --cluster live=PATH",
                    ),
                    None => failure.with_help(format!("there are {}", names.join(", "))),
                }
            })
        }
    }
}

/// Where the objects go, and in which form.
struct Output<'a> {
    args: &'a Render,
    global: &'a Global,
    sources: &'a Sources,
    show_path: &'a dyn Fn(&TreePath) -> String,
    /// How many charts were taken although nothing is locked of them.
    unlocked: usize,
}

impl Output<'_> {
    fn write(&self, rendered: &TreeRender) -> Result<Outcome, Failure> {
        let args = self.args;
        // There is one: that of the cluster, or that of a tree without any.
        let Some(render) = rendered.renders.first() else {
            return Ok(Outcome::Clean);
        };
        let secret = match args.show_secrets {
            true => SecretValues::default(),
            false => SecretValues::new(&rendered.renders),
        };
        let errors = self.errors(rendered, render, &secret);
        let refused = !errors.is_empty();
        self.report(&errors)?;
        let redactor = (!args.show_secrets).then(|| Redactor::new(render));
        let handed_over = args.as_applied.then(|| as_applied(render));
        let render = handed_over.as_ref().unwrap_or(render);
        let selected = match selected(render, &args.kustomizations, &args.only) {
            Ok(selected) => selected,
            // What is not there may be in what failed.
            Err(_) if refused => return Ok(Outcome::Refused),
            Err(failure) => return Err(failure),
        };
        let objects = selected.iter().map(|(index, at)| {
            let applied = &render.applied[*index];
            let object = &applied.objects()[*at];
            let node = match &redactor {
                Some(redactor) => redactor.redacted(object),
                None => object.node.clone(),
            };
            Printed {
                index: *index,
                applied,
                object,
                node,
                secret: &secret,
            }
        });
        let objects: Vec<Printed<'_>> = objects.collect();
        match (&args.output, args.format) {
            (Some(folder), _) => self.write_files(render, &objects, folder)?,
            (None, RenderFormat::Yaml) => self.print_yaml(render, &objects)?,
            (None, RenderFormat::Json) => self.print_json(render, &objects)?,
        }
        if !self.global.quiet {
            let mut text = summary(render, objects.len(), &rendered.not_rendered, args);
            text.push_str(&charts::unlocked(self.unlocked));
            written(io::stderr().lock().write_all(text.as_bytes()))?;
        }
        Ok(match refused {
            true => Outcome::Refused,
            false => Outcome::Clean,
        })
    }

    /// The errors because of which something that was asked for is absent.
    fn errors(
        &self,
        rendered: &TreeRender,
        render: &ClusterRender,
        secret: &SecretValues,
    ) -> Vec<Diagnostic> {
        let args = self.args;
        let asked = |applied: &&Applied| {
            let mut typed = args.kustomizations.iter();
            args.kustomizations.is_empty() || typed.any(|typed| is_named(applied, typed))
        };
        let failed = |applied: &&Applied| matches!(applied.outcome, Came::Failed(_));
        let failed: Vec<&Applied> = render.applied.iter().filter(asked).filter(failed).collect();
        if failed.is_empty() {
            return Vec::new();
        }
        let subjects = failed.iter().filter_map(|applied| applied.by.subject());
        let names: Vec<String> = subjects.map(ToString::to_string).collect();
        let is_of = |finding: &Diagnostic| {
            let steps = finding.trail.iter().map(|step| step.text.as_str());
            let is_behind = steps.map(|text| text.strip_suffix(" (suspended)").unwrap_or(text));
            let subject = finding.subject.as_ref().map(ToString::to_string);
            let mut of = is_behind.map(str::to_owned).chain(subject);
            args.kustomizations.is_empty() || of.any(|of| names.contains(&of))
        };
        let errors = rendered.findings.iter();
        let errors = errors.filter(|one| one.severity == Severity::Error && is_of(one));
        let mut sink = Sink::new();
        sink.extend(errors.cloned().map(|mut error| {
            secret.hide_in_finding(&mut error);
            error
        }));
        sink.finish(self.sources)
    }

    fn report(&self, errors: &[Diagnostic]) -> Result<(), Failure> {
        if errors.is_empty() {
            return Ok(());
        }
        let drawing = drawing(Stream::Stderr, self.global.color);
        let renderer = Renderer::new(Format::Human, drawing, self.show_path);
        let mut text = Vec::new();
        let drawn = renderer.write(errors, self.sources, &Summary::default(), &mut text);
        written(drawn.and_then(|()| io::stderr().lock().write_all(&text)))
    }

    fn print_yaml(&self, render: &ClusterRender, objects: &[Printed<'_>]) -> Result<(), Failure> {
        let color = drawing(Stream::Stdout, self.global.color).color;
        let mut out = String::new();
        for (at, printed) in objects.iter().enumerate() {
            if at > 0 {
                out.push_str("---\n");
            }
            self.object(render, printed, color, &mut out)?;
        }
        written(io::stdout().lock().write_all(out.as_bytes()))
    }

    fn write_files(
        &self,
        render: &ClusterRender,
        objects: &[Printed<'_>],
        folder: &Path,
    ) -> Result<(), Failure> {
        let mut names = Names::default();
        for printed in objects {
            let path = folder.join(names.path(printed.applied, printed.object, printed.secret));
            let mut text = String::new();
            self.object(render, printed, false, &mut text)?;
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(|error| cannot_write(parent, &error))?;
            write_atomically(&path, text.as_bytes())
                .map_err(|error| cannot_write(&path, &error))?;
        }
        Ok(())
    }

    fn object(
        &self,
        render: &ClusterRender,
        printed: &Printed<'_>,
        color: bool,
        out: &mut String,
    ) -> Result<(), Failure> {
        let drawn = match self.args.trail {
            true => {
                let trails = Trails {
                    sources: self.sources,
                    show_path: self.show_path,
                    color,
                };
                let via = printed.secret.shown(via(render, printed.index));
                trails.write(&printed.node, &via, out)
            }
            false => {
                let mut emitted = Emitted::default();
                let written = emit_go_yaml2(&printed.node, &mut emitted, false);
                out.push_str(&emitted.text);
                written
            }
        };
        drawn.map_err(|unwritable| unwritable_object(printed.object, &unwritable))
    }

    fn print_json(&self, render: &ClusterRender, objects: &[Printed<'_>]) -> Result<(), Failure> {
        let json = Json {
            sources: self.sources,
            show_path: self.show_path,
        };
        let mut out = json.start(render.cluster.as_deref());
        for (at, printed) in objects.iter().enumerate() {
            let applied = |index: usize| &render.applied[index];
            let above = |index: &usize| applied(*index).parent;
            let mut chain = std::iter::successors(Some(printed.index), above);
            let kustomization = chain.find(|index| applied(*index).by.maker().is_none());
            let kustomization = applied(kustomization.unwrap_or(printed.index));
            let made_by = printed.applied.by.maker().map(|_| printed.applied);
            let object = json.object(kustomization, made_by, &printed.node, printed.secret);
            let object =
                object.map_err(|unwritable| unwritable_object(printed.object, &unwritable))?;
            out.push_str(if at > 0 { ",\n" } else { "\n" });
            out.push_str(&object);
        }
        out.push_str("\n]}\n");
        written(io::stdout().lock().write_all(out.as_bytes()))
    }
}

/// An object to be printed.
struct Printed<'a> {
    /// The index of what applies it.
    index: usize,
    applied: &'a Applied,
    object: &'a Object,
    /// What is printed of it.
    node: Node,
    /// What is not to be seen around it.
    secret: &'a SecretValues,
}

/// What led to the objects of something that applies them, with how Flux takes it.
fn via(render: &ClusterRender, index: usize) -> String {
    let above = |index: &usize| render.applied[*index].parent;
    let mut chain: Vec<usize> = std::iter::successors(Some(index), above).collect();
    chain.reverse();
    let mut names = Vec::with_capacity(chain.len());
    for index in chain {
        let applied = &render.applied[index];
        let suspended = if applied.suspended {
            " (suspended)"
        } else {
            ""
        };
        names.push(format!("{}{suspended}", name_of(applied)));
    }
    names.join(" > ")
}

/// What was printed, and what could not be rendered.
fn summary(
    render: &ClusterRender,
    objects: usize,
    not_rendered: &[NotRendered],
    args: &Render,
) -> String {
    let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let is_rendered = |one: &&Applied| matches!(one.outcome, Came::Objects(_));
    let rendered = || render.applied.iter().filter(is_rendered);
    let makers = |kind| {
        let subjects = rendered().filter_map(|one| Some((one.by.maker()?, one.by.subject()?)));
        subjects.filter(|(_, one)| one.kind == kind).count()
    };
    let of = [
        (
            "Kustomization",
            rendered().filter(|one| one.by.maker().is_none()).count(),
        ),
        ("ResourceSet", makers("ResourceSet")),
        ("HelmRelease", makers("HelmRelease")),
    ];
    let of = of
        .iter()
        .filter(|(kind, n)| *n > 0 || *kind == "Kustomization");
    let of: Vec<String> = of.map(|(kind, n)| count(*n, kind)).collect();
    let mut text = format!("Rendered {}", count(objects, "object"));
    let is_whole = args.only.is_empty() && args.kustomizations.is_empty();
    if is_whole {
        let _ = write!(text, " of {}", list(&of));
    }
    if let Some(cluster) = &render.cluster {
        let _ = write!(text, " in {cluster}");
    }
    text.push('\n');
    let mut reasons: BTreeMap<SkipReason, usize> = BTreeMap::new();
    for one in not_rendered {
        *reasons.entry(one.reason).or_default() += 1;
    }
    if is_whole && !reasons.is_empty() {
        let reasons = reasons
            .iter()
            .map(|(reason, n)| format!("{} ({n})", reason.as_str()));
        let reasons: Vec<String> = reasons.collect();
        let _ = writeln!(text, "Not rendered: {}", reasons.join(", "));
    }
    text
}

/// A list for a sentence.
fn list(items: &[String]) -> String {
    match items {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => items.concat(),
    }
}

fn unwritable_object(object: &Object, unwritable: &Unwritable) -> Failure {
    let reason = unwritable.reason;
    Failure::new(format!(
        "a value of {} {} {reason}",
        object.kind(),
        object.name()
    ))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("{} cannot be written: {error}", path.display()))
}
