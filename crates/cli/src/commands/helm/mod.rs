//! `tidegate helm template`.

pub(crate) mod args;
mod chance;
mod files;
mod json;
mod refusal;

use std::io::{self, Write};
use std::path::Path;

use tidegate_gotemplate::{Functions, Limits, Options as GoOptions, Origins, Set, Value};
use tidegate_helm::strvals::Reading;
use tidegate_helm::{
    Capabilities, ChartError, Given, KubeVersion, Options, Print, Release, RenderError,
    RenderErrorKind, Rendered, Templates, load, print, render,
};
use tidegate_source::FileId;
use tidegate_yaml::Node;

use self::args::{Helm, HelmCommand, Template, TemplateFormat};
use self::chance::Chance;
use self::files::Files;
use crate::args::Global;
use crate::commands::{Failure, Outcome, written};

/// The name of a release for which none is given.
const NO_NAME: &str = "release-name";

pub(crate) fn run(args: &Helm, global: &Global) -> Result<Outcome, Failure> {
    match &args.command {
        HelmCommand::Template(args) => template(args, global),
    }
}

fn template(args: &Template, global: &Global) -> Result<Outcome, Failure> {
    let files = Files::new()?;
    let printed = match rendered(args, &files) {
        Ok((name, rendered)) => printed(args, name, &rendered),
        Err(Stop::Refused(error)) => Err(error),
        Err(Stop::Failed(failure)) => return Err(failure),
    };
    let (text, refused) = match printed {
        Ok(Printed::Text(text)) => (text, None),
        Ok(Printed::Files(name, all)) => (files.write(args, &name, &all)?, None),
        Err(error) => (broken(args, &error), Some(error)),
    };
    let text = match (args.format, &refused) {
        (TemplateFormat::Json, Some(error)) => json::refused(error, &files),
        _ => text,
    };
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    let Some(error) = refused else {
        return Ok(Outcome::Clean);
    };
    if args.format == TemplateFormat::Yaml {
        refusal::show(&error, &files, global)?;
    }
    Ok(Outcome::Refused)
}

/// Why nothing is rendered.
pub(crate) enum Stop {
    /// A file cannot be read.
    Failed(Failure),
    /// The chart, or what is asked of it, is refused.
    Refused(Box<RenderError>),
}

impl From<Box<RenderError>> for Stop {
    fn from(error: Box<RenderError>) -> Stop {
        Stop::Refused(error)
    }
}

impl From<ChartError> for Stop {
    fn from(error: ChartError) -> Stop {
        Stop::Refused(error.into())
    }
}

fn usage(message: impl Into<String>) -> Stop {
    Stop::Refused(Box::new(RenderError::new(RenderErrorKind::Usage, message)))
}

/// The name of the release, and what the chart gives for it.
fn rendered(args: &Template, files: &Files) -> Result<(String, Rendered), Stop> {
    if args.dependency_update {
        return Err(usage(
            "--dependency-update is refused: nothing is fetched, put the dependencies into `charts/`",
        ));
    }
    if args.validate {
        return Err(usage("--validate is refused: no cluster is asked"));
    }
    let mut capabilities = Capabilities::default();
    if let Some(version) = &args.kube_version {
        capabilities.kube_version = KubeVersion::parse(version)
            .map_err(|error| usage(format!("invalid kube version '{version}': {error}")))?;
    }
    capabilities
        .api_versions
        .extend(args.api_versions.iter().cloned());
    let (name, chart) = name_and_chart(args)?;
    let path = files.chart(chart)?;
    let values = values(args, files)?;
    let chart = match path {
        files::ChartAt::Folder(path) => load::folder(files.sources(), &path)?,
        files::ChartAt::Archive(name, bytes) => load::archive(files.sources(), &name, &bytes)?,
    };
    let mut release = Release::new(name, args.namespace.as_str());
    release.is_upgrade = args.is_upgrade;
    let templates = Templates::default();
    let options = Options {
        skip_schema_validation: args.skip_schema_validation,
        host: || Box::new(Chance),
        ..Options::new(&templates)
    };
    let render = |options: &Options<'_>| render(&chart, &release, &values, &capabilities, options);
    match render(&options) {
        Ok(rendered) => Ok((release.name.clone(), rendered)),
        Err(error) => {
            // Where it came from costs time that only an error is worth.
            let tracked = Options {
                track: true,
                ..options
            };
            Err(Stop::Refused(render(&tracked).err().unwrap_or(error)))
        }
    }
}

/// The name of the release and the path of the chart.
fn name_and_chart(args: &Template) -> Result<(String, &Path), Stop> {
    match args.name_and_chart.as_slice() {
        [name, chart] => {
            if args.generate_name {
                return Err(usage("cannot set --generate-name and also specify a name"));
            }
            if args.name_template.is_some() {
                return Err(usage("cannot set --name-template and also specify a name"));
            }
            Ok((name.to_string_lossy().into_owned(), chart))
        }
        [chart] => {
            let name = match &args.name_template {
                Some(template) => name_from(template)?,
                None => NO_NAME.to_owned(),
            };
            Ok((name, chart))
        }
        _ => Err(usage("a chart must be given")),
    }
}

/// The name that a template gives.
fn name_from(template: &str) -> Result<String, Stop> {
    const NAME: &str = "name-template";
    let options = GoOptions {
        root: NAME.into(),
        ..GoOptions::default()
    };
    let mut set = Set::new(Functions::sprig().into(), options);
    let refused = |error: Box<tidegate_gotemplate::Error>| usage(error.message);
    set.parse(NAME, template.as_bytes(), FileId::NONE)
        .map_err(refused)?;
    let (mut host, mut origins) = (Chance, Origins::off());
    let output = set
        .execute(
            NAME,
            &Value::NIL,
            &mut host,
            &mut origins,
            &Limits::default(),
        )
        .map_err(refused)?;
    Ok(String::from_utf8_lossy(&output.text).into_owned())
}

/// The values that are given, in the order in which Helm takes them.
fn values(args: &Template, files: &Files) -> Result<Node, Stop> {
    let mut given = Given::default();
    for typed in &args.values {
        let file = files.values(typed)?;
        given.file(&typed.display().to_string(), &file)?;
    }
    for text in &args.set_json {
        given.json(text)?;
    }
    for line in &args.set {
        given.set(line, Reading::Typed)?;
    }
    for line in &args.set_string {
        given.set(line, Reading::Text)?;
    }
    for line in &args.set_file {
        given.set_file(line, &|typed| match files.values(Path::new(typed)) {
            Ok(file) => Ok(file.text_lossy().into_owned()),
            Err(Stop::Refused(error)) => Err(error.message),
            Err(Stop::Failed(_)) => Err(format!("{typed} cannot be read")),
        })?;
    }
    for line in &args.set_literal {
        given.set_literal(line)?;
    }
    Ok(given.into_node())
}

/// What is printed.
enum Printed {
    Text(String),
    /// The name of the release, and for each object the path of its file and its text.
    Files(String, Vec<(String, String)>),
}

fn printed(
    args: &Template,
    name: String,
    rendered: &Rendered,
) -> Result<Printed, Box<RenderError>> {
    let options = Print {
        crds: args.include_crds,
        no_hooks: args.no_hooks,
        skip_tests: args.skip_tests,
        only: &args.show_only,
    };
    if args.output_dir.is_some() {
        return Ok(Printed::Files(
            name,
            tidegate_helm::parts(rendered, &options),
        ));
    }
    let text = print(rendered, &options)?;
    Ok(Printed::Text(match args.format {
        TemplateFormat::Yaml => text,
        TemplateFormat::Json => json::rendered(rendered, &options, &text),
    }))
}

/// What templates had printed when one of them was found to print no YAML, if that is asked for.
fn broken(args: &Template, error: &RenderError) -> String {
    match &error.partial {
        Some(partial) if args.debug => tidegate_helm::broken(partial),
        _ => String::new(),
    }
}
