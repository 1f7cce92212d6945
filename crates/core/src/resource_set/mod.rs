//! The objects that a ResourceSet of the Flux Operator makes: what `flux-operator build rset` prints.
//!
//! Its [inputs](inputs) are combined into input sets, the [template](template) of each resource is run
//! with each of them, and what is printed is read as [objects](objects), which get their labels. Each node
//! has the place of what a person would edit: an input, or the template. What
//! only the cluster acts on (`copyFrom` and its like, `dependsOn`, `wait`) is left as it is written.
//!
//! Source: <https://fluxoperator.dev/docs/crd/resourceset/>, and what flux-operator 0.59 prints.

mod error;
mod findings;
mod inputs;
mod objects;
mod template;
mod unread;
mod values;

pub use error::{BuildError, Cause};

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_source::{Diagnostic, Sources};
use tidegate_yaml::{Node, ScalarKind, SmolStr};

use error::Result;
use findings::Reads;
use inputs::{InputSet, Inputs, input_sets};
use objects::{Key, Metadata, is_disabled, read_objects};
use template::{Engine, Template};
use values::{Identity, Values};

/// A ResourceSet makes no more objects than this: a short text could make any number.
const MOST_OBJECTS: usize = 20_000;

/// Nor do its templates print more bytes.
const MOST_PRINTED: usize = 64 << 20;

/// What is handed to a build from outside of the ResourceSet.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A list of input sets that replaces `spec.inputs`.
    pub inputs: Option<Node>,
    /// The `ResourceSetInputProvider` objects that `spec.inputsFrom` chooses from. As in the operator, they
    /// are not asked for their kind.
    pub providers: Option<Vec<Node>>,
    /// What is declared of the inputs of providers that ask a service for them, where the ResourceSet is
    /// rendered for a cluster: a provider that is named and not among `providers` is then unknown.
    pub exported: Option<Vec<ExportedInputs>>,
}

/// The inputs that a ResourceSetInputProvider exports in the cluster.
#[derive(Clone, Debug)]
pub struct ExportedInputs {
    /// The namespace of the provider.
    pub namespace: SmolStr,
    /// The name of the provider.
    pub name: SmolStr,
    /// Input sets.
    pub inputs: Vec<Node>,
}

/// What a ResourceSet makes.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its steps; a single one without a name where it has no `steps`.
    pub steps: Vec<Step>,
    /// What is odd about it, although there are objects.
    pub findings: Vec<Diagnostic>,
}

/// The objects of one step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name of the step; none where the ResourceSet has no steps.
    pub name: Option<SmolStr>,
    /// The objects, in the order in which they are applied, as JSON holds them.
    pub objects: Vec<Node>,
}

/// Builds a ResourceSet, which is not asked for its kind either. It was read as
/// [`Dialect::Yaml11`](tidegate_yaml::Dialect::Yaml11) like all that is given with it, or was rendered. Its
/// templates become virtual files of `sources`.
pub fn build(resource_set: &Node, given: &Given, sources: &Sources) -> Result<Built> {
    let mut values = Values::default();
    let owner = Identity::of(resource_set);
    if owner.name().is_empty() {
        return Err(BuildError::at(
            resource_set,
            "the ResourceSet has no `metadata.name`",
        ));
    }
    let empty = Node::map(Vec::new(), resource_set.place.clone());
    let spec = map_field(resource_set, "spec")?.unwrap_or(&empty);
    let steps = list_field(spec, "steps")?;
    if let Some(step) = steps.first()
        && (!list_field(spec, "resources")?.is_empty() || template_text(spec)?.is_some())
    {
        let message = "`spec.steps` excludes `spec.resources` and `spec.resourcesTemplate`";
        return Err(BuildError::at(step, message));
    }

    let Inputs { sets, own } = input_sets(&owner, spec, given, &mut values)?;
    let mut builder = Builder {
        owner: &owner,
        spec,
        sets,
        own,
        values,
        engine: Engine::new(sources),
        reads: Reads::default(),
        made: 0,
        printed: 0,
    };
    let mut built = Vec::new();
    match steps.is_empty() {
        true => built.push(Step {
            name: None,
            objects: builder.objects(spec)?,
        }),
        false => {
            for step in steps {
                built.push(builder.step(step)?);
            }
            refuse_twice(&built, steps)?;
        }
    }
    if built.iter().all(|step| step.objects.is_empty()) {
        return Err(BuildError::at(spec, "no objects were generated").because(Cause::Nothing));
    }
    let metadata = Metadata::new(&owner, map_field(spec, "commonMetadata")?)?;
    for object in built.iter_mut().flat_map(|step| &mut step.objects) {
        metadata.set(object);
    }
    Ok(Built {
        steps: built,
        findings: builder.findings(),
    })
}

struct Builder<'a> {
    owner: &'a Identity,
    spec: &'a Node,
    /// None where nothing gives inputs: the templates then run once.
    sets: Vec<InputSet>,
    /// Those that the ResourceSet lists.
    own: Vec<(InputSet, Node)>,
    values: Values,
    engine: Engine<'a>,
    /// What the templates looked up.
    reads: Reads,
    /// How many objects were made.
    made: usize,
    /// How many bytes the templates printed.
    printed: usize,
}

impl Builder<'_> {
    fn step(&mut self, step: &Node) -> Result<Step> {
        let name = step.get("name").and_then(Node::text).unwrap_or_default();
        if list_field(step, "resources")?.is_empty() && template_text(step)?.is_none() {
            let message =
                format!("the step `{name}` has neither `resources` nor `resourcesTemplate`");
            return Err(BuildError::at(step, message));
        }
        Ok(Step {
            name: Some(name.into()),
            objects: self.objects(step)?,
        })
    }

    /// What `resources` and `resourcesTemplate` make, in this order.
    fn objects(&mut self, of: &Node) -> Result<Vec<Node>> {
        let mut objects = Vec::new();
        let mut seen = FxHashSet::default();
        let mut keep = |made: Vec<Node>, objects: &mut Vec<Node>| {
            for object in made {
                if !is_disabled(&object) && seen.insert(Key::of(&object)) {
                    objects.push(object);
                }
            }
        };
        for resource in list_field(of, "resources")? {
            let template = self.engine.resource(resource)?;
            self.reads.note(&template);
            match self.sets.is_empty() {
                // The operator takes these as they are: neither one that is there twice nor one that
                // is disabled is left out.
                true => objects.extend(self.run(&template, None)?),
                false => {
                    for set in 0..self.sets.len() {
                        keep(self.run(&template, Some(set))?, &mut objects);
                    }
                }
            }
        }
        if let Some((text, node)) = template_text(of)? {
            let template = self.engine.template(text, node)?;
            self.reads.note(&template);
            if self.sets.is_empty() {
                keep(self.run(&template, None)?, &mut objects);
            }
            for set in 0..self.sets.len() {
                keep(self.run(&template, Some(set))?, &mut objects);
            }
        }
        Ok(objects)
    }

    /// The objects that a template makes of an input set.
    fn run(&mut self, template: &Template<'_>, set: Option<usize>) -> Result<Vec<Node>> {
        let inputs = match set {
            Some(set) => self.sets[set].value.clone(),
            None => self.reads.without_inputs(&mut self.values),
        };
        let output = template
            .run(&inputs, &mut self.values)
            .map_err(|error| self.failed(template, &error, set))?;
        self.reads.take(template, &output, &self.values);
        let objects =
            read_objects(template, &output, &self.values).map_err(|why| self.refused(why, set))?;
        self.made += objects.len();
        self.printed += output.text.len();
        if self.made > MOST_OBJECTS || self.printed > MOST_PRINTED {
            let message = format!(
                "{} makes more than {MOST_OBJECTS} objects, or prints more than 64 MiB",
                self.owner
            );
            return Err(BuildError::at(self.spec, message));
        }
        Ok(objects)
    }
}

/// Refuses an object that two steps make.
fn refuse_twice(built: &[Step], steps: &[Node]) -> Result<()> {
    let mut owners: FxHashMap<Key, &str> = FxHashMap::default();
    for (step, node) in built.iter().zip(steps) {
        let name = step.name.as_deref().unwrap_or_default();
        for object in &step.objects {
            let key = Key::of(object);
            if let Some(other) = owners.get(&key)
                && *other != name
            {
                let message = format!("both the steps `{other}` and `{name}` make {key}");
                return Err(BuildError::at(node, message));
            }
            owners.insert(key, name);
        }
    }
    Ok(())
}

fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get(name).filter(|value| !value.is_null())
}

fn map_field<'n>(node: &'n Node, name: &str) -> Result<Option<&'n Node>> {
    match field(node, name) {
        Some(value) if value.as_map().is_none() => {
            Err(BuildError::at(value, format!("`{name}` is no map")))
        }
        value => Ok(value),
    }
}

fn list_field<'n>(node: &'n Node, name: &str) -> Result<&'n [Node]> {
    match field(node, name) {
        None => Ok(&[]),
        Some(value) => match value.as_seq() {
            Some(items) => Ok(items.items()),
            None => Err(BuildError::at(value, format!("`{name}` is no list"))),
        },
    }
}

/// The text of `resourcesTemplate`, unless it is empty.
fn template_text(of: &Node) -> Result<Option<(&str, &Node)>> {
    let Some(node) = field(of, "resourcesTemplate") else {
        return Ok(None);
    };
    let scalar = node.as_scalar().filter(|scalar| {
        let kind = scalar.kind;
        matches!(
            kind,
            ScalarKind::Str | ScalarKind::Timestamp | ScalarKind::Opaque
        )
    });
    match scalar {
        Some(scalar) => Ok(Some((scalar.text.as_str(), node)).filter(|(text, _)| !text.is_empty())),
        None => Err(BuildError::at(node, "`resourcesTemplate` is no text")),
    }
}

#[cfg(test)]
mod tests;
