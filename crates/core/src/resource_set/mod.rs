//! The objects that a ResourceSet of the Flux Operator makes: what `flux-operator build rset` prints.
//!
//! Its [inputs](inputs) are combined into input sets, the [template](template) of each resource is run
//! with each of them, and what is printed is read as [objects](objects), which get their labels. What
//! only the cluster acts on (`copyFrom` and its like, `dependsOn`, `wait`) is left as it is written.
//!
//! Source: <https://fluxoperator.dev/docs/crd/resourceset/>, and what flux-operator 0.59 prints.

mod inputs;
mod objects;
mod template;

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_gotemplate::Value;
use tidegate_source::Span;
use tidegate_yaml::{Node, ScalarKind, SmolStr};

use inputs::input_sets;
use objects::{Key, Metadata, is_disabled, read_objects};
use template::{Engine, Template};

/// What is handed to a build from outside of the ResourceSet.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A list of input sets that replaces `spec.inputs`.
    pub inputs: Option<Node>,
    /// The `ResourceSetInputProvider` objects that `spec.inputsFrom` chooses from. Objects of other
    /// kinds are passed over.
    pub providers: Option<Vec<Node>>,
}

/// The objects of one step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name of the step; none where the ResourceSet has no steps.
    pub name: Option<SmolStr>,
    /// The objects, in the order in which they are applied. Their scalars have no place yet.
    pub objects: Vec<Node>,
}

/// Why a ResourceSet cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// What is wrong, with the user's names in it.
    pub message: String,
    /// The text to edit: the template where one fails.
    pub span: Span,
    /// What is to blame.
    pub cause: Cause,
}

/// What is to blame where a ResourceSet cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The ResourceSet, or what was given for it.
    Fault,
    /// Its inputs are known in the cluster only: a provider asks a service for them.
    Inputs,
    /// There are no objects. The operator has nothing to do then.
    Nothing,
}

impl BuildError {
    fn at(node: &Node, message: impl Into<String>) -> BuildError {
        BuildError {
            message: message.into(),
            span: node.place.span(),
            cause: Cause::Fault,
        }
    }

    fn because(mut self, cause: Cause) -> BuildError {
        self.cause = cause;
        self
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BuildError {}

type Result<T> = std::result::Result<T, BuildError>;

/// What input sets know of the object that they come from.
struct Identity {
    api_version: SmolStr,
    kind: SmolStr,
    name: SmolStr,
    namespace: SmolStr,
}

impl Identity {
    fn of(object: &Node) -> Identity {
        let text =
            |path: &[&str]| SmolStr::from(object.at(path).and_then(Node::text).unwrap_or(""));
        let namespace = text(&["metadata", "namespace"]);
        Identity {
            api_version: text(&["apiVersion"]),
            kind: text(&["kind"]),
            name: text(&["metadata", "name"]),
            namespace: match namespace.is_empty() {
                true => "default".into(),
                false => namespace,
            },
        }
    }
}

/// Builds a ResourceSet, which was read as [`Dialect::Yaml11`](tidegate_yaml::Dialect::Yaml11) like all
/// that is given with it. There is a single step without a name where it has no `steps`.
pub fn build(resource_set: &Node, given: &Given) -> Result<Vec<Step>> {
    let identity = Identity::of(resource_set);
    if identity.kind != "ResourceSet"
        || !identity.api_version.starts_with("fluxcd.controlplane.io/")
    {
        let message = format!("`{}` is no ResourceSet of the Flux Operator", identity.kind);
        return Err(BuildError::at(resource_set, message));
    }
    if identity.name.is_empty() {
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

    let builder = Builder {
        sets: input_sets(&identity, spec, given)?,
        engine: Engine::default(),
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
    let metadata = Metadata::new(&identity, map_field(spec, "commonMetadata")?)?;
    for object in built.iter_mut().flat_map(|step| &mut step.objects) {
        metadata.set(object);
    }
    Ok(built)
}

struct Builder {
    sets: Vec<Value>,
    engine: Engine,
}

impl Builder {
    fn step(&self, step: &Node) -> Result<Step> {
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
    fn objects(&self, of: &Node) -> Result<Vec<Node>> {
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
            match self.sets.is_empty() {
                // The operator takes these as they are: neither one that is there twice nor one that
                // is disabled is left out.
                true => objects.extend(self.run(&template, &Value::map(Default::default()))?),
                false => {
                    for set in &self.sets {
                        keep(self.run(&template, set)?, &mut objects);
                    }
                }
            }
        }
        if let Some((text, node)) = template_text(of)? {
            let template = self.engine.parse(text, node)?;
            if self.sets.is_empty() {
                keep(
                    self.run(&template, &Value::map(Default::default()))?,
                    &mut objects,
                );
            }
            for set in &self.sets {
                keep(self.run(&template, set)?, &mut objects);
            }
        }
        Ok(objects)
    }

    fn run(&self, template: &Template, inputs: &Value) -> Result<Vec<Node>> {
        read_objects(&template.run(inputs)?, template.span)
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
