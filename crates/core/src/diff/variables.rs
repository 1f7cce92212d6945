use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_source::{Sources, Span, Subject};
use tidegate_yaml::{Node, Place, StepKind};

use super::fields::{FieldChange, Segment};
use super::objects::{Change, ObjectChange};
use crate::render::{ClusterRender, DefinitionId, DefinitionKind};

/// A variable that is defined in one way before and in another one after, and what follows from it.
#[derive(Clone, Debug)]
pub struct VariableChange {
    /// Where its value is written before; none where it is not defined there.
    pub before: Option<Span>,
    /// Where its value is written after; none where it is not defined there.
    pub after: Option<Span>,
    /// How many fields differ for no other reason than such variables.
    pub fields: usize,
    /// The objects of these fields, each once.
    pub objects: Vec<Subject>,
}

/// Where one variable is defined before and after.
type Definitions = (Option<Span>, Option<Span>);

/// Takes out the fields that differ only because variables are defined in another way: both sides are
/// written in the same place. They are those of two clusters of one tree, whose places can be compared.
/// So are the fields of the ConfigMaps and Secrets that define them. What is a danger stays.
pub fn fold_variables(
    changes: &mut Vec<ObjectChange>,
    sources: &Sources,
    clusters: [&ClusterRender; 2],
) -> Vec<VariableChange> {
    let read: BTreeSet<DefinitionId> = clusters
        .iter()
        .flat_map(|render| &render.applied)
        .filter_map(|one| one.kustomization())
        .flat_map(DefinitionId::read_by)
        .collect();
    let mut folded = Folded::default();
    changes.retain_mut(|change| {
        if change.change != Change::Changed {
            return true;
        }
        let lists = made_lists(change, sources);
        let defines = definition(&change.subject()).is_some_and(|id| read.contains(&id));
        let found: Vec<Vec<Definitions>> = (change.fields.iter())
            .map(|field| {
                let mut dangers = change.dangers.iter();
                if field.secret || dangers.any(|danger| danger.path == field.path) {
                    return Vec::new();
                }
                if defines && is_definition(field) {
                    let written = |node: &Option<Node>| {
                        node.as_ref().map(|node| sources.real(node.place.span()))
                    };
                    return vec![(written(&field.before), written(&field.after))];
                }
                let made = field
                    .path
                    .split_last()
                    .and_then(|(_, list)| lists.get(list));
                made.cloned().unwrap_or_else(|| variables(field, sources))
            })
            .collect();
        if found.iter().all(Vec::is_empty) {
            return true;
        }
        let subject = change.subject();
        for definitions in found.iter().flatten() {
            folded.add(*definitions, &subject, defines);
        }
        let fields = change.fields.iter().zip(&found);
        let left = fields.filter(|(_, found)| found.is_empty());
        change.fields = Arc::new(left.map(|(field, _)| field.clone()).collect());
        !change.fields.is_empty()
    });
    let mut all = folded.all;
    all.sort_by_key(|one| std::cmp::Reverse(one.fields));
    all
}

#[derive(Default)]
struct Folded {
    all: Vec<VariableChange>,
    places: FxHashMap<Definitions, usize>,
}

impl Folded {
    fn add(&mut self, (before, after): Definitions, subject: &Subject, defines: bool) {
        let place = *self.places.entry((before, after)).or_insert(self.all.len());
        if place == self.all.len() {
            self.all.push(VariableChange {
                before,
                after,
                fields: 0,
                objects: Vec::new(),
            });
        }
        // Where it is defined, nothing follows from it.
        if defines {
            return;
        }
        let known = &mut self.all[place];
        known.fields += 1;
        if known.objects.last() != Some(subject) {
            known.objects.push(subject.clone());
        }
    }
}

/// What an object is to those that read variables from it.
fn definition(subject: &Subject) -> Option<DefinitionId> {
    let kind = match (&*subject.api_version, &*subject.kind) {
        ("v1", "ConfigMap") => DefinitionKind::ConfigMap,
        ("v1", "Secret") => DefinitionKind::Secret,
        _ => return None,
    };
    Some(DefinitionId {
        kind,
        namespace: subject.namespace.clone(),
        name: subject.name.clone(),
    })
}

/// Whether a field is one of a ConfigMap or Secret that variables are read from.
fn is_definition(field: &FieldChange) -> bool {
    let is_data = |key: &str| matches!(key, "data" | "stringData" | "binaryData");
    let is_scalar =
        |node: &Option<Node>| node.as_ref().is_none_or(|node| node.as_scalar().is_some());
    let is_key = matches!(&field.path[..], [Segment::Key(data), Segment::Key(_)] if is_data(data));
    is_key && is_scalar(&field.before) && is_scalar(&field.after)
}

/// The lists whose items come and go because a variable makes the list, with its definitions.
fn made_lists<'c>(
    change: &'c ObjectChange,
    sources: &Sources,
) -> FxHashMap<&'c [Segment], Vec<Definitions>> {
    let mut lists: FxHashMap<&[Segment], [Option<Vec<Span>>; 2]> = FxHashMap::default();
    let mut mixed = FxHashSet::default();
    for field in change.fields.iter() {
        let Some((Segment::Index(_) | Segment::Item(_), list)) = field.path.split_last() else {
            continue;
        };
        for (side, node) in [&field.before, &field.after].into_iter().enumerate() {
            let Some(node) = node else {
                continue;
            };
            let found = places(&node.place, sources);
            let known = &mut lists.entry(list).or_default()[side];
            let is_other = |known: &Vec<Span>| Some(known) != found.as_ref();
            if found.is_none() || known.as_ref().is_some_and(is_other) {
                mixed.insert(list);
            }
            *known = found;
        }
    }
    let pure = lists.into_iter().filter(|(list, _)| !mixed.contains(list));
    let pure = pure.filter_map(|(list, [before, after])| {
        let pairs = pairs(&before?, &after?, sources);
        (!pairs.is_empty()).then_some((list, pairs))
    });
    pure.collect()
}

/// The definitions of the variables that alone make a field differ; none where something else does.
fn variables(field: &FieldChange, sources: &Sources) -> Vec<Definitions> {
    let scalar = |node: &Option<Node>| {
        let node = node.as_ref()?;
        node.as_scalar().map(|_| places(&node.place, sources))?
    };
    let both = scalar(&field.before).zip(scalar(&field.after));
    both.map_or(Vec::new(), |(before, after)| {
        pairs(&before, &after, sources)
    })
}

/// The places of two lists that differ in their texts, one of each by its turn; none where there are more in
/// one of them. Some variables are defined in other places too, but with the same text.
fn pairs(before: &[Span], after: &[Span], sources: &Sources) -> Vec<Definitions> {
    let texts = |spans: &[Span]| -> Vec<Option<String>> {
        spans.iter().map(|span| text(*span, sources)).collect()
    };
    let (old, new) = (texts(before), texts(after));
    let only = |spans: &[Span], own: &[Option<String>], other: &[Option<String>]| -> Vec<Span> {
        let differ = own.iter().zip(spans);
        let differ = differ.filter(|(text, _)| text.is_none() || !other.contains(text));
        differ.map(|(_, span)| *span).collect()
    };
    let (gone, come) = (only(before, &old, &new), only(after, &new, &old));
    match gone.len() == come.len() {
        true => gone
            .into_iter()
            .map(Some)
            .zip(come.into_iter().map(Some))
            .collect(),
        false => Vec::new(),
    }
}

fn text(span: Span, sources: &Sources) -> Option<String> {
    let file = sources.get(span.file)?;
    let text = file
        .text()
        .ok()?
        .get(span.start as usize..span.end as usize)?;
    Some(text.trim_matches(['"', '\'']).to_owned())
}

/// Where a value is written and where the variables are that were put into it; none without any. What
/// else led to the variables, such as a generator, makes no difference where their text is the same.
fn places(place: &Place, sources: &Sources) -> Option<Vec<Span>> {
    let steps = place.steps().into_iter();
    let variables = steps.filter(|step| step.kind == StepKind::Substitution);
    let mut spans: Vec<Span> = variables.map(|step| step.span).collect();
    if spans.is_empty() {
        return None;
    }
    spans.push(place.span());
    spans.retain(|span| span.is_some());
    // What a template prints differs with what it was given: it is the template that is written.
    for span in &mut spans {
        *span = sources.real(*span);
    }
    spans.dedup();
    Some(spans)
}
