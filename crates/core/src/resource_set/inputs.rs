//! The input sets that templates run with: those that the ResourceSet lists, those of the providers it
//! names, and how the two are combined.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use tidegate_gotemplate::Value;
use tidegate_source::Span;
use tidegate_yaml::{Node, Place, SmolStr};

use super::error::{BuildError, Cause, Result};
use super::values::{Identity, Values};
use super::{ExportedInputs, Given, field, list_field, map_field};
use crate::render::is_object;

/// How many combinations there may be, times the providers in each: more than any cluster could apply.
const MOST_COMBINATIONS: usize = 100_000;

/// What the templates are run with.
#[derive(Clone)]
pub(super) struct InputSet {
    pub(super) value: Value,
    /// Where it is written: its first value, or what it is taken from.
    pub(super) span: Span,
}

/// All input sets.
pub(super) struct Inputs {
    /// In order. There are none where nothing gives inputs: the templates then run once.
    pub(super) sets: Vec<InputSet>,
    /// Those that the ResourceSet lists, as they are written.
    pub(super) own: Vec<(InputSet, Node)>,
}

/// The input sets of one object.
struct Group {
    name: SmolStr,
    sets: Vec<InputSet>,
}

/// Reads and combines all inputs.
pub(super) fn input_sets(
    owner: &Identity,
    spec: &Node,
    given: &Given,
    values: &mut Values,
) -> Result<Inputs> {
    let references = list_field(spec, "inputsFrom")?;
    if let Some(first) = references.first()
        && given.inputs.is_none()
        && given.providers.is_none()
    {
        let message =
            "`spec.inputsFrom` names providers, and neither they nor their inputs are given";
        return Err(BuildError::at(first, message));
    }
    let own = own(owner, spec, given, values)?;
    let mut groups = vec![Group {
        name: owner.name().into(),
        sets: own.iter().map(|(set, _)| set.clone()).collect(),
    }];
    let providers = providers(given.providers.as_deref().unwrap_or_default());
    groups.extend(chosen(owner, references, &providers, given, values)?);

    let strategy = map_field(spec, "inputStrategy")?;
    let name = strategy.and_then(|strategy| field(strategy, "name"));
    let sets = match (name.and_then(Node::text).unwrap_or("Flatten"), strategy) {
        ("" | "Flatten", _) => groups.into_iter().flat_map(|group| group.sets).collect(),
        ("Permute", Some(strategy)) => {
            let with_empty = field(strategy, "includeEmptyProviders");
            if with_empty.and_then(Node::text) != Some("true") {
                groups.retain(|group| !group.sets.is_empty());
            }
            permuted(&groups, strategy, values)?
        }
        (name, strategy) => {
            let message =
                format!("`{name}` is no strategy for inputs: there are Flatten and Permute");
            return Err(BuildError::at(strategy.unwrap_or(spec), message));
        }
    };
    Ok(Inputs { sets, own })
}

/// The inputs that the ResourceSet lists.
fn own(
    owner: &Identity,
    spec: &Node,
    given: &Given,
    values: &mut Values,
) -> Result<Vec<(InputSet, Node)>> {
    let listed = match &given.inputs {
        None => list_field(spec, "inputs")?,
        Some(inputs) if inputs.is_null() => &[],
        Some(inputs) => match inputs.as_seq() {
            Some(listed) => listed.items(),
            None => return Err(BuildError::at(inputs, "the inputs are no list of maps")),
        },
    };
    let provider = owner.value(values);
    let set = |node: &Node| {
        let value = values.of(node);
        let Some(map) = value.as_map() else {
            return Err(BuildError::at(node, "an entry of `inputs` is no map"));
        };
        map.insert("provider", provider.clone());
        let span = first_value(node);
        Ok((InputSet { value, span }, node.clone()))
    };
    listed.iter().map(set).collect()
}

/// Where the first value of an input set is written, which most often names it.
fn first_value(set: &Node) -> Span {
    let map = set.as_map();
    let first = map.and_then(|map| map.iter().next());
    first.map_or(set.place.span(), |entry| match entry.value.as_scalar() {
        Some(_) => entry.value.place.span(),
        None => entry.key.place.span(),
    })
}

/// An input provider that was given.
struct Provider<'n> {
    node: &'n Node,
    identity: Identity,
}

/// Those that have a version and a name.
fn providers(objects: &[Node]) -> Vec<Provider<'_>> {
    let objects = objects.iter().filter(|node| is_object(node));
    let providers = objects.map(|node| Provider {
        node,
        identity: Identity::of(node),
    });
    providers.collect()
}

/// The providers that references choose, each once, with their inputs.
fn chosen(
    owner: &Identity,
    references: &[Node],
    providers: &[Provider<'_>],
    given: &Given,
    values: &mut Values,
) -> Result<Vec<Group>> {
    let mut is_chosen = vec![false; providers.len()];
    let mut groups = Vec::new();
    for reference in references {
        let name = field(reference, "name").and_then(Node::text);
        let selector = map_field(reference, "selector")?;
        let matches: Box<dyn Fn(&Provider<'_>) -> bool> = match (name, selector) {
            (Some(name), _) if !name.is_empty() => Box::new(move |one| one.identity.name() == name),
            (_, Some(selector)) => {
                let selector = Selector::read(selector)?;
                Box::new(move |one| selector.matches(one.node))
            }
            _ => {
                let message = "an entry of `inputsFrom` has neither `name` nor `selector`";
                return Err(BuildError::at(reference, message));
            }
        };
        let mut fits_any = false;
        for (provider, is_chosen) in providers.iter().zip(&mut is_chosen) {
            let fits = provider.identity.namespace() == owner.namespace() && matches(provider);
            fits_any |= fits;
            if fits && !std::mem::replace(is_chosen, true) {
                groups.push(provided(provider, given, values)?);
            }
        }
        if let (Some(name), Some(exported), false) = (name, &given.exported, fits_any) {
            groups.push(elsewhere(owner, name, reference, exported, values)?);
        }
    }
    Ok(groups)
}

/// The input sets of a provider that is not among those that are there: those that are declared.
fn elsewhere(
    owner: &Identity,
    name: &str,
    reference: &Node,
    exported: &[ExportedInputs],
    values: &mut Values,
) -> Result<Group> {
    let mut exported = exported.iter();
    let is_it = |one: &&ExportedInputs| one.name == name && one.namespace == owner.namespace();
    let Some(exported) = exported.find(is_it) else {
        let message = format!("the input provider `{name}` is not there");
        let what = format!("provider {name}, which is not in the tree");
        return Err(BuildError::at(reference, message).because(Cause::Inputs(what)));
    };
    let by = owner.provider_value(reference, name, values);
    let set = |node: &Node| {
        let value = values.of(node);
        if let Some(map) = value.as_map() {
            map.insert("provider", by.clone());
        }
        InputSet {
            value,
            span: first_value(node),
        }
    };
    Ok(Group {
        name: name.into(),
        sets: exported.inputs.iter().map(set).collect(),
    })
}

/// The input sets of a provider: a static one has one, the others those that are declared.
fn provided(provider: &Provider<'_>, given: &Given, values: &mut Values) -> Result<Group> {
    let Provider { node, identity } = provider;
    let kind = node.at(&["spec", "type"]).and_then(Node::text);
    let spec = map_field(node, "spec")?;
    let defaults = spec.map_or(Ok(None), |spec| map_field(spec, "defaultValues"))?;
    let by = identity.value(values);
    let mut set = |own: Option<&Node>| {
        let set = Value::map(BTreeMap::new());
        if let Some(map) = set.as_map() {
            for node in defaults.into_iter().chain(own) {
                let value = values.of(node);
                for (key, value) in value.as_map().iter().flat_map(|map| map.entries().clone()) {
                    map.insert(key, value);
                }
            }
            if own.is_none() {
                map.insert(
                    "id",
                    id(identity.name(), Some(identity.name_place()), values),
                );
            }
            map.insert("provider", by.clone());
        }
        InputSet {
            value: set,
            span: own.or(defaults).map_or(node.place.span(), first_value),
        }
    };
    let mut exported = given.exported.iter().flatten();
    let is_it = |one: &&ExportedInputs| {
        one.name == identity.name() && one.namespace == identity.namespace()
    };
    let sets = match (kind, exported.find(is_it)) {
        (Some("Static"), _) => vec![set(None)],
        (_, Some(exported)) => {
            let inputs = exported.inputs.iter();
            inputs.map(|one| set(Some(one))).collect()
        }
        (kind, None) => {
            let message = format!(
                "the input provider `{}` is of the type `{}`: only those of the type `Static` can \
                 be computed",
                identity.name(),
                kind.unwrap_or_default()
            );
            let kind = kind.unwrap_or_default();
            let what = format!("provider {} of type {kind}", identity.name());
            return Err(BuildError::at(node, message).because(Cause::Inputs(what)));
        }
    };
    Ok(Group {
        name: identity.name().into(),
        sets,
    })
}

/// Every combination of one input set of each group, each below the name of its group.
fn permuted(groups: &[Group], strategy: &Node, values: &mut Values) -> Result<Vec<InputSet>> {
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
            let set = &group.sets[*index];
            entries.insert(SmolStr::from(key.as_str()), set.value.clone());
        }
        entries.insert("id".into(), id(&parts.join("/"), None, values));
        let first = groups.first().zip(chosen.first());
        combinations.push(InputSet {
            value: Value::map(entries),
            span: first.map_or(Span::NONE, |(group, index)| group.sets[*index].span),
        });
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
fn id(of: &str, place: Option<&Place>, values: &mut Values) -> Value {
    const MODULUS: u32 = 65_521;
    let (low, high) = of.bytes().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    let id = ((high << 16) | low).to_string();
    match place {
        Some(place) => values.text(&id, place),
        None => id.as_str().into(),
    }
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
