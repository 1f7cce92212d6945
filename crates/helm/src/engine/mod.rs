//! Templates of a chart and its sub-charts, executed with the values of a release.
//!
//! Source: `helm.sh/helm/v4/pkg/engine`.

mod cluster;
mod files;
mod glob;
mod message;
mod scope;
mod templates;
mod values;

use std::collections::BTreeMap;
use std::rc::Rc;

use tidegate_gotemplate::{
    Error, ErrorKind, Failure, Host, Map, Missing, Origin, Origins, Output, Value,
};
use tidegate_yaml::{Place, SmolStr};

use cluster::CapabilitiesObject;
pub use templates::Templates;

use crate::asked_apis::AskedApis;
use crate::capabilities::Capabilities;
use crate::prepare::Prepared;
use crate::render::{Options, Release, RenderError, RenderErrorKind, SeenValue};

/// What the templates of a release printed.
pub(crate) struct Executed {
    /// By the names of the templates, in the order of their execution.
    pub(crate) outputs: Vec<(SmolStr, Output)>,
    pub(crate) values: Vec<SeenValue>,
    pub(crate) missing: Vec<Missing>,
    pub(crate) not_deterministic: Vec<&'static str>,
    pub(crate) origins: Origins,
    pub(crate) asked_apis: AskedApis,
}

/// Executes all templates, one after the other: what one changes in the values, later ones see.
pub(crate) fn execute(
    prepared: &Prepared<'_>,
    release: &Release,
    capabilities: &Capabilities,
    options: &Options<'_>,
) -> Result<Executed, Box<RenderError>> {
    let mut origins = match options.track {
        true => Origins::tracking(),
        false => Origins::off(),
    };
    let mut converter = values::Converter::new(&mut origins);
    let root = converter.root(&prepared.values);
    let mut seen = converter.seen;
    let capabilities = Rc::new(CapabilitiesObject::new(capabilities));
    let templates = scope::templates(&prepared.root, &root, release, &capabilities);
    let mut set = options.templates.set();
    for template in &templates {
        let added = options
            .templates
            .add(&mut set, &template.name, &template.file);
        added.map_err(|error| refused(&error, message::parsing(&error)))?;
    }
    let mut host = Answers((options.host)());
    let mut session = set.session(&mut host, &mut origins, &options.limits);
    let mut outputs = Vec::new();
    let (mut missing, mut not_deterministic) = (Vec::new(), Vec::new());
    for template in templates.iter().filter(|template| !template.is_partial()) {
        let output = session.execute(&template.name, &template.dot());
        let mut output = output.map_err(|error| {
            let refused = refused(&error, message::executing(&error));
            let values = values_behind(&error, session.origins());
            Box::new(RenderError { values, ..*refused })
        })?;
        missing.append(&mut output.missing);
        not_deterministic.append(&mut output.not_deterministic);
        outputs.push((template.name.clone(), output));
    }
    not_deterministic.sort_unstable();
    not_deterministic.dedup();
    for value in &mut seen {
        value.read = origins.was_read(value.origin);
    }
    Ok(Executed {
        outputs,
        values: seen,
        missing,
        not_deterministic,
        origins,
        asked_apis: capabilities.asked(),
    })
}

/// The places of the values that led to an error, that which was looked up last first.
fn values_behind(error: &Error, origins: &Origins) -> Vec<Place> {
    let mut found: Vec<Origin> = Vec::new();
    for origin in error.origins {
        let all = [origins.members(origin), origins.influences(origin)].concat();
        for one in all {
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    let places = found.into_iter().filter_map(|one| origins.place_of(one));
    places.take(MOST_VALUES).cloned().collect()
}

/// How many values an error names.
const MOST_VALUES: usize = 4;

fn refused(error: &Error, message: String) -> Box<RenderError> {
    let kind = match error.kind {
        ErrorKind::Parse => RenderErrorKind::Parse,
        ErrorKind::Fail | ErrorKind::Required => RenderErrorKind::Fail,
        ErrorKind::Execute | ErrorKind::Limit => RenderErrorKind::Execute,
    };
    Box::new(RenderError {
        frames: error.frames.clone(),
        reason: error.reason.clone(),
        partial: Some(Vec::new()),
        ..RenderError::new(kind, message)
    })
}

/// Answers `lookup` as Helm does without a cluster: nothing is there.
struct Answers(Box<dyn Host>);

impl Host for Answers {
    fn call(&mut self, _: &str, _: &[Value]) -> Result<Value, Failure> {
        Ok(Map::new(BTreeMap::new()).into())
    }

    fn now(&mut self) -> (i64, u32) {
        self.0.now()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.0.random(bytes);
    }
}
