use std::fmt;
use std::sync::Arc;

use tidegate_gotemplate::{Fixed, Frame, Host, Limits, Missing, Origin, Origins, Output};
use tidegate_schema::SchemaError;
use tidegate_semver::{Constraints, Version};
use tidegate_source::Location;
use tidegate_yaml::{Node, Place, SmolStr};

use crate::asked_apis::AskedApis;
use crate::capabilities::Capabilities;
use crate::chart::{Chart, ChartFile};
use crate::checks::{BadValues, Schemas, WhyBad, check_schemas};
use crate::engine::{Executed, Templates, execute};
use crate::error::{ChartError, ChartErrorKind};
use crate::output::{BadOutput, Manifest, Printed, sort};
use crate::prepare::{Prepared, prepare};

/// A release, as templates see it: `.Release`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// Which revision of the release it is, from 1.
    pub revision: i64,
    /// Whether an installed release is changed, not a new one installed.
    pub is_upgrade: bool,
    /// Who renders: `Helm`.
    pub service: String,
}

impl Release {
    /// The first revision of a release that Helm installs.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Release {
        Release {
            name: name.into(),
            namespace: namespace.into(),
            revision: 1,
            is_upgrade: false,
            service: "Helm".to_owned(),
        }
    }

    /// Why Helm refuses the name, if it does.
    fn check_name(&self) -> Result<(), Box<RenderError>> {
        let why = match self.name.as_str() {
            "" => "no name provided",
            name if name.len() <= LONGEST_NAME && is_name(name) => return Ok(()),
            _ => {
                "invalid release name, must match regex \
                 ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
                 and the length must not be longer than 53"
            }
        };
        let name = tidegate_golang::quote(self.name.as_bytes());
        let message = format!("release name check failed: release name {name}: {why}");
        Err(Box::new(RenderError::new(
            RenderErrorKind::Release,
            message,
        )))
    }
}

/// The longest name of a release.
const LONGEST_NAME: usize = 53;

/// Labels of DNS with points between them.
fn is_name(name: &str) -> bool {
    name.split('.').all(|label| {
        let ends = [label.bytes().next(), label.bytes().next_back()];
        let is_end = |byte: Option<u8>| byte.is_some_and(|byte| is_letter(byte) && byte != b'-');
        ends.into_iter().all(is_end) && label.bytes().all(is_letter)
    })
}

fn is_letter(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')
}

/// How a release is rendered.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// Templates that were read for other releases.
    pub templates: &'o Templates,
    /// Whether it is noted where each part of the output came from, and which values were read.
    pub track: bool,
    /// Schemas that were read for other releases; without, they are read for this one.
    pub schemas: Option<&'o Schemas>,
    /// `values.schema.json` is not looked at.
    pub skip_schema_validation: bool,
    /// The clock and the chance that templates see.
    pub host: fn() -> Box<dyn Host>,
    /// What bounds the templates of a release together.
    pub limits: Limits,
}

impl<'o> Options<'o> {
    /// With schemas, without track, and always at the same moment.
    pub fn new(templates: &'o Templates) -> Options<'o> {
        Options {
            templates,
            track: false,
            schemas: None,
            skip_schema_validation: false,
            host: || Box::new(Fixed::default()),
            limits: Limits::default(),
        }
    }
}

/// A file with CRDs, as it is in the chart.
#[derive(Clone, Debug)]
pub struct Crd {
    /// Its path from the outermost chart on, such as `parent/charts/child/crds/a.yaml`.
    pub path: String,
    /// The file.
    pub file: ChartFile,
}

/// What a chart gives for a release.
#[derive(Debug)]
pub struct Rendered {
    /// The files of `crds/` of the chart and its sub-charts.
    pub crds: Vec<Crd>,
    /// The objects of the release, in the order in which Helm installs them.
    pub manifests: Vec<Manifest>,
    /// The hooks, in that order.
    pub hooks: Vec<Manifest>,
    /// What `NOTES.txt` of the chart printed.
    pub notes: Option<Arc<Printed>>,
    /// The functions that were called whose result is not the same each time, each once.
    pub not_deterministic: Vec<&'static str>,
    /// The values that templates saw, parents before what is in them. Empty where no track was kept.
    pub values: Vec<SeenValue>,
    /// Keys of values that templates looked up and that are not there. Empty where no track was kept.
    pub missing: Vec<Missing>,
    /// What the origins of pieces lead into.
    pub origins: Origins,
    /// What templates asked of the APIs of the cluster.
    pub asked_apis: AskedApis,
    /// The charts whose values could not be looked at, as their schemas refer to what is elsewhere.
    pub unchecked: Vec<BadValues>,
}

/// A value that templates could see below `.Values` of the outermost chart.
#[derive(Clone, Debug)]
pub struct SeenValue {
    /// What it is in, by its index in [`Rendered::values`]; none for `.Values` itself.
    pub parent: Option<usize>,
    /// Its key, or its index in a list.
    pub key: SmolStr,
    /// Where it is written.
    pub place: Place,
    /// What pieces of the output call it.
    pub origin: Origin,
    /// Whether a template looked it up. What is in a value that was handed on as a whole, to `toYaml` or into
    /// another map, counts only where it was looked up there.
    pub read: bool,
}

/// What kind of thing is wrong. Each has a word, which machines read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RenderErrorKind {
    /// The chart cannot be read, or is none.
    Chart,
    /// A dependency is missing, or does not fit what is said of it.
    Dependency,
    /// Values cannot be read or put together.
    Values,
    /// Values are not as `values.schema.json` wants them.
    Schema,
    /// The chart is not for this version of Kubernetes.
    KubeVersion,
    /// The name of the release is refused.
    Release,
    /// A template cannot be read.
    Parse,
    /// A template cannot be executed.
    Execute,
    /// A template called `fail`, or `required` without a value.
    Fail,
    /// A template printed what is not YAML.
    Output,
    /// What was asked for is not there.
    Usage,
}

impl RenderErrorKind {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            RenderErrorKind::Chart => "chart",
            RenderErrorKind::Dependency => "dependency",
            RenderErrorKind::Values => "values",
            RenderErrorKind::Schema => "schema",
            RenderErrorKind::KubeVersion => "kubeVersion",
            RenderErrorKind::Release => "release",
            RenderErrorKind::Parse => "parse",
            RenderErrorKind::Execute => "execute",
            RenderErrorKind::Fail => "fail",
            RenderErrorKind::Output => "output",
            RenderErrorKind::Usage => "usage",
        }
    }
}

impl From<ChartErrorKind> for RenderErrorKind {
    fn from(kind: ChartErrorKind) -> RenderErrorKind {
        match kind {
            ChartErrorKind::Chart => RenderErrorKind::Chart,
            ChartErrorKind::Dependency => RenderErrorKind::Dependency,
            ChartErrorKind::Values => RenderErrorKind::Values,
        }
    }
}

/// Why a chart gives nothing for a release.
#[derive(Clone, Debug)]
pub struct RenderError {
    /// What kind of thing is wrong.
    pub kind: RenderErrorKind,
    /// Why, in the words of Helm where it has some.
    pub message: String,
    /// The last part of the message: what is wrong, without where.
    pub reason: String,
    /// The templates on the way to the one that failed, which is the last.
    pub frames: Vec<Frame>,
    /// The text that is wrong, where it is none of a template.
    pub location: Option<Location>,
    /// The values that led there, where track was kept.
    pub values: Vec<Place>,
    /// The charts whose values are not as their schemas want them.
    pub bad_values: Vec<BadValues>,
    /// What templates had printed when their output was found to be bad; none where no template was
    /// looked at. Helm shows it with `--debug`.
    pub partial: Option<Vec<Arc<Printed>>>,
}

impl RenderError {
    /// An error without a place.
    pub fn new(kind: RenderErrorKind, message: impl Into<String>) -> RenderError {
        let message = message.into();
        RenderError {
            kind,
            reason: message.clone(),
            message,
            frames: Vec::new(),
            location: None,
            values: Vec::new(),
            bad_values: Vec::new(),
            partial: None,
        }
    }

    /// The template that failed.
    pub fn frame(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// What `fail` or `required` was told to say.
    pub fn said(&self) -> &str {
        let reason = self.reason.as_str();
        let said = |name: &str| reason.strip_prefix(&format!("error calling {name}: "));
        said("fail").or_else(|| said("required")).unwrap_or(reason)
    }

    /// What Helm prints to standard error.
    pub fn as_helm(&self) -> String {
        let message = &self.message;
        match self.partial {
            Some(_) => {
                format!("Error: {message}\n\nUse --debug flag to render out invalid YAML\n")
            }
            None => format!("Error: {message}\n"),
        }
    }
}

impl From<ChartError> for Box<RenderError> {
    fn from(error: ChartError) -> Box<RenderError> {
        Box::new(RenderError {
            location: error.location,
            ..RenderError::new(error.kind.into(), error.message)
        })
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderError {}

/// Renders a chart for a release, as `helm template` does. `values` are those that are given over the chart's own;
/// they are decoded: see [`decode_node`](crate::values::decode_node).
pub fn render(
    chart: &Chart,
    release: &Release,
    values: &Node,
    capabilities: &Capabilities,
    options: &Options<'_>,
) -> Result<Rendered, Box<RenderError>> {
    release.check_name()?;
    let prepared = prepare(chart, values)?;
    let unchecked = match options.skip_schema_validation {
        true => Vec::new(),
        false => validate(&prepared, options.schemas)?,
    };
    check_kube_version(chart, capabilities)?;
    let executed = execute(&prepared, release, capabilities, options)?;
    let Executed { outputs, .. } = executed;
    let printed = outputs
        .into_iter()
        .map(|(template, output)| printed(template, output));
    let (mut notes, mut objects) = (None, Vec::new());
    let own_notes = format!("{}/templates/NOTES.txt", prepared.root.name);
    for printed in printed {
        if !printed.template.ends_with("NOTES.txt") {
            objects.push(Arc::new(printed));
        } else if printed.template == own_notes {
            notes = Some(Arc::new(printed));
        }
    }
    let sorted = sort(&mut objects).map_err(|bad| bad_output(&bad, objects))?;
    Ok(Rendered {
        crds: crds(&prepared),
        manifests: sorted.manifests,
        hooks: sorted.hooks,
        notes,
        not_deterministic: executed.not_deterministic,
        values: executed.values,
        missing: executed.missing,
        origins: executed.origins,
        asked_apis: executed.asked_apis,
        unchecked,
    })
}

/// Holds values against schemas. Gives the charts whose schema is not at hand.
fn validate(
    prepared: &Prepared<'_>,
    schemas: Option<&Schemas>,
) -> Result<Vec<BadValues>, Box<RenderError>> {
    let found = match schemas {
        Some(schemas) => check_schemas(prepared, schemas),
        None => check_schemas(prepared, &Schemas::default()),
    };
    let is_remote = |bad: &BadValues| matches!(bad.why, WhyBad::Schema(SchemaError::Remote(_)));
    let (unchecked, bad): (Vec<_>, Vec<_>) = found.into_iter().partition(is_remote);
    if bad.is_empty() {
        return Ok(unchecked);
    }
    let mut message = String::from(
        "values don't meet the specifications of the schema(s) in the following chart(s):\n",
    );
    message.extend(bad.iter().map(BadValues::to_string));
    Err(Box::new(RenderError {
        bad_values: bad,
        ..RenderError::new(RenderErrorKind::Schema, message)
    }))
}

fn printed(template: SmolStr, output: Output) -> Printed {
    let is_utf8 = std::str::from_utf8(&output.text).is_ok();
    Printed {
        template,
        text: match is_utf8 {
            true => String::from_utf8(output.text).unwrap_or_default(),
            false => String::from_utf8_lossy(&output.text).into_owned(),
        },
        pieces: output.pieces,
    }
}

fn bad_output(bad: &BadOutput, objects: Vec<Arc<Printed>>) -> Box<RenderError> {
    let message = format!(
        "YAML parse error on {}: {}",
        bad.printed.template, bad.reason
    );
    let place = bad.printed.place_of(bad.at);
    Box::new(RenderError {
        reason: bad.reason.clone(),
        location: place.is_some().then_some(Location::Span(place)),
        partial: Some(objects),
        ..RenderError::new(RenderErrorKind::Output, message)
    })
}

fn crds(prepared: &Prepared<'_>) -> Vec<Crd> {
    let crds = prepared.root.crds().into_iter();
    crds.map(|crd| Crd {
        path: crd.path,
        file: crd.file.clone(),
    })
    .collect()
}

/// Whether the chart is for this version of Kubernetes. What sub-charts say does not count.
fn check_kube_version(chart: &Chart, capabilities: &Capabilities) -> Result<(), Box<RenderError>> {
    let wanted = &chart.metadata.kube_version;
    let version = &capabilities.kube_version;
    let fits = || {
        let constraints = Constraints::parse(wanted).ok()?;
        Some(constraints.check(&Version::parse(&version.normalized).ok()?))
    };
    if wanted.is_empty() || fits() == Some(true) {
        return Ok(());
    }
    let message = format!(
        "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
        version.version
    );
    Err(Box::new(RenderError {
        partial: Some(Vec::new()),
        location: Some(Location::Span(chart.metadata.span)),
        ..RenderError::new(RenderErrorKind::KubeVersion, message)
    }))
}
