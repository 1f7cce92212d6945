//! The input sets that templates run with: those that the ResourceSet lists, those of the providers it
//! names, and how the two are combined.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use tidegate_gotemplate::{Numbers, Origins, Value};
use tidegate_yaml::{Node, SmolStr};

use super::{BuildError, Cause, Given, Identity, Result, field, list_field, map_field};

/// How many combinations there may be, times the providers in each: more than any cluster could apply.
const MOST_COMBINATIONS: usize = 100_000;

/// The input sets of one object.
struct Group {
    name: SmolStr,
    sets: Vec<Value>,
}

/// All input sets in order. There are none where nothing gives inputs: the templates then run once.
pub(super) fn input_sets(owner: &Identity, spec: &Node, given: &Given) -> Result<Vec<Value>> {
    let references = list_field(spec, "inputsFrom")?;
    if let Some(first) = references.first()
        && given.inputs.is_none()
        && given.providers.is_none()
    {
        let message =
            "`spec.inputsFrom` names providers, and neither they nor their inputs are given";
        return Err(BuildError::at(first, message));
    }
    let mut groups = vec![own(owner, spec, given)?];
    let providers = providers(given.providers.as_deref().unwrap_or_default());
    groups.extend(chosen(owner, references, &providers)?);

    let strategy = map_field(spec, "inputStrategy")?;
    let name = strategy.and_then(|strategy| field(strategy, "name"));
    match (name.and_then(Node::text).unwrap_or("Flatten"), strategy) {
        ("" | "Flatten", _) => Ok(groups.into_iter().flat_map(|group| group.sets).collect()),
        ("Permute", Some(strategy)) => {
            let with_empty = field(strategy, "includeEmptyProviders");
            if with_empty.and_then(Node::text) != Some("true") {
                groups.retain(|group| !group.sets.is_empty());
            }
            permuted(&groups, strategy)
        }
        (name, strategy) => {
            let message =
                format!("`{name}` is no strategy for inputs: there are Flatten and Permute");
            Err(BuildError::at(strategy.unwrap_or(spec), message))
        }
    }
}

/// The inputs that the ResourceSet lists.
fn own(owner: &Identity, spec: &Node, given: &Given) -> Result<Group> {
    let listed = match &given.inputs {
        None => list_field(spec, "inputs")?,
        Some(inputs) if inputs.is_null() => &[],
        Some(inputs) => match inputs.as_seq() {
            Some(listed) => listed.items(),
            None => return Err(BuildError::at(inputs, "the inputs are no list of maps")),
        },
    };
    let provider = identity(owner);
    let set = |node: &Node| {
        let value = value(node);
        let Some(map) = value.as_map() else {
            return Err(BuildError::at(node, "an entry of `inputs` is no map"));
        };
        map.insert("provider", provider.clone());
        Ok(value)
    };
    Ok(Group {
        name: owner.name.clone(),
        sets: listed.iter().map(set).collect::<Result<_>>()?,
    })
}

/// An input provider that was given.
struct Provider<'n> {
    node: &'n Node,
    identity: Identity,
}

fn providers(objects: &[Node]) -> Vec<Provider<'_>> {
    let providers = objects.iter().map(|node| Provider {
        node,
        identity: Identity::of(node),
    });
    providers
        .filter(|one| one.identity.kind == "ResourceSetInputProvider")
        .collect()
}

/// The providers that references choose, each once, with their inputs.
fn chosen(owner: &Identity, references: &[Node], providers: &[Provider<'_>]) -> Result<Vec<Group>> {
    let mut is_chosen = vec![false; providers.len()];
    let mut groups = Vec::new();
    for reference in references {
        let name = field(reference, "name").and_then(Node::text);
        let selector = map_field(reference, "selector")?;
        let matches: Box<dyn Fn(&Provider<'_>) -> bool> = match (name, selector) {
            (Some(name), _) if !name.is_empty() => Box::new(move |one| one.identity.name == name),
            (_, Some(selector)) => {
                let selector = Selector::read(selector)?;
                Box::new(move |one| selector.matches(one.node))
            }
            _ => {
                let message = "an entry of `inputsFrom` has neither `name` nor `selector`";
                return Err(BuildError::at(reference, message));
            }
        };
        for (provider, is_chosen) in providers.iter().zip(&mut is_chosen) {
            let fits = provider.identity.namespace == owner.namespace && matches(provider);
            if fits && !std::mem::replace(is_chosen, true) {
                groups.push(provided(provider)?);
            }
        }
    }
    Ok(groups)
}

/// The one input set of a static provider.
fn provided(provider: &Provider<'_>) -> Result<Group> {
    let kind = provider.node.at(&["spec", "type"]).and_then(Node::text);
    if kind != Some("Static") {
        let message = format!(
            "the input provider `{}` is of the type `{}`: only those of the type `Static` can be \
             computed",
            provider.identity.name,
            kind.unwrap_or_default()
        );
        return Err(BuildError::at(provider.node, message).because(Cause::Inputs));
    }
    let spec = map_field(provider.node, "spec")?;
    let defaults = spec.map_or(Ok(None), |spec| map_field(spec, "defaultValues"))?;
    let set = defaults.map_or_else(|| Value::map(BTreeMap::new()), value);
    if let Some(map) = set.as_map() {
        map.insert("id", id(&provider.identity.name));
        map.insert("provider", identity(&provider.identity));
    }
    Ok(Group {
        name: provider.identity.name.clone(),
        sets: vec![set],
    })
}

/// Every combination of one input set of each group, each below the name of its group.
fn permuted(groups: &[Group], strategy: &Node) -> Result<Vec<Value>> {
    let sizes = groups.iter().map(|group| group.sets.len());
    let count = sizes.fold(usize::from(!groups.is_empty()), usize::saturating_mul);
    if count.saturating_mul(groups.len()) > MOST_COMBINATIONS {
        let message = format!("the inputs have more than {MOST_COMBINATIONS} combinations");
        return Err(BuildError::at(strategy, message));
    }
    let mut names: FxHashMap<String, &str> = FxHashMap::default();
    let mut keys = Vec::new();
    for group in groups {
        let key = normalized(&group.name);
        if let Some(other) = names.insert(key.clone(), &group.name) {
            let message = format!(
                "the inputs of `{other}` and `{}` are both named `{key}`",
                group.name
            );
            return Err(BuildError::at(strategy, message));
        }
        keys.push(key);
    }
    let mut combinations = Vec::with_capacity(count);
    let mut chosen = vec![0; groups.len()];
    for _ in 0..count {
        let mut entries = BTreeMap::new();
        let mut parts = Vec::with_capacity(groups.len());
        for ((group, key), index) in groups.iter().zip(&keys).zip(&chosen) {
            parts.push(format!("{key}={index}"));
            entries.insert(SmolStr::from(key.as_str()), group.sets[*index].clone());
        }
        entries.insert("id".into(), id(&parts.join("/")));
        combinations.push(Value::map(entries));
        // The last group turns fastest.
        for (index, group) in chosen.iter_mut().zip(groups).rev() {
            *index += 1;
            if *index < group.sets.len() {
                break;
            }
            *index = 0;
        }
    }
    Ok(combinations)
}

/// The name of an object as a template can write it behind a dot.
fn normalized(name: &str) -> String {
    let of = |c: char| match c {
        c if c.is_ascii_alphanumeric() || c == '_' => Some(c.to_ascii_lowercase()),
        c if c.is_ascii_punctuation() || c.is_whitespace() => Some('_'),
        _ => None,
    };
    name.chars().filter_map(of).collect()
}

/// The id of an input set: the Adler-32 checksum of what it comes from, in decimal.
fn id(of: &str) -> Value {
    const MODULUS: u32 = 65_521;
    let (low, high) = of.bytes().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    ((high << 16) | low).to_string().as_str().into()
}

fn identity(of: &Identity) -> Value {
    let entries = [
        ("apiVersion", &of.api_version),
        ("kind", &of.kind),
        ("name", &of.name),
        ("namespace", &of.namespace),
    ];
    let entries = entries.map(|(key, text)| (key.into(), text.as_str().into()));
    Value::map(BTreeMap::from(entries))
}

fn value(node: &Node) -> Value {
    Value::from_node(node, Numbers::Int64, &mut Origins::off())
}

/// A selector of labels.
struct Selector<'n> {
    requirements: Vec<Requirement<'n>>,
}

struct Requirement<'n> {
    key: &'n str,
    /// One of these, or any at all.
    values: Option<Vec<&'n str>>,
    /// Whether the label must not be so.
    negated: bool,
}

impl<'n> Selector<'n> {
    fn read(node: &'n Node) -> Result<Selector<'n>> {
        let mut requirements = Vec::new();
        let labels = map_field(node, "matchLabels")?.and_then(Node::as_map);
        for entry in labels.into_iter().flatten() {
            requirements.push(Requirement {
                key: entry.key.text().unwrap_or_default(),
                values: Some(vec![entry.value.text().unwrap_or_default()]),
                negated: false,
            });
        }
        for expression in list_field(node, "matchExpressions")? {
            let text = |name| {
                field(expression, name)
                    .and_then(Node::text)
                    .unwrap_or_default()
            };
            let values = list_field(expression, "values")?
                .iter()
                .filter_map(Node::text);
            let operator = text("operator");
            let (values, negated) = match operator {
                "In" => (Some(values.collect()), false),
                "NotIn" => (Some(values.collect()), true),
                "Exists" => (None, false),
                "DoesNotExist" => (None, true),
                _ => {
                    let message = format!("`{operator}` is no operator of a selector of labels");
                    return Err(BuildError::at(expression, message));
                }
            };
            requirements.push(Requirement {
                key: text("key"),
                values,
                negated,
            });
        }
        Ok(Selector { requirements })
    }

    fn matches(&self, object: &Node) -> bool {
        let labels = object.at(&["metadata", "labels"]);
        self.requirements.iter().all(|requirement| {
            let label = labels.and_then(|labels| labels.get(requirement.key)?.text());
            let is_met = label.is_some_and(|label| match &requirement.values {
                Some(values) => values.contains(&label),
                None => true,
            });
            is_met != requirement.negated
        })
    }
}
