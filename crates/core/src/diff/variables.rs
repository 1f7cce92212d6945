use std::sync::Arc;

use rustc_hash::FxHashMap;
use tidegate_source::{Sources, Span, Subject};
use tidegate_yaml::{Node, Place, StepKind};

use super::fields::FieldChange;
use super::objects::{Change, ObjectChange};

/// A variable that is defined in one way before and in another one after, and what follows from it.
#[derive(Clone, Debug)]
pub struct VariableChange {
    /// Where its value is written before.
    pub before: Span,
    /// Where its value is written after.
    pub after: Span,
    /// How many fields differ for no other reason.
    pub fields: usize,
    /// The objects of these fields, each once.
    pub objects: Vec<Subject>,
}

/// Takes out the fields that differ only because a variable is defined in another way: both sides are
/// written in the same place. They are those of two clusters of one tree, whose places can be compared.
/// What is a danger stays.
pub fn fold_variables(changes: &mut Vec<ObjectChange>, sources: &Sources) -> Vec<VariableChange> {
    let mut folded: Vec<VariableChange> = Vec::new();
    let mut indices = FxHashMap::default();
    changes.retain_mut(|change| {
        if change.change != Change::Changed {
            return true;
        }
        let is_dangerous = |field: &FieldChange| {
            change
                .dangers
                .iter()
                .any(|danger| danger.path == field.path)
        };
        let variables: Vec<Option<(Span, Span)>> = (change.fields.iter())
            .map(|field| variable(field, sources).filter(|_| !is_dangerous(field)))
            .collect();
        if variables.iter().all(Option::is_none) {
            return true;
        }
        let subject = change.subject();
        for (before, after) in variables.iter().flatten() {
            let index = *indices.entry((*before, *after)).or_insert(folded.len());
            if index == folded.len() {
                folded.push(VariableChange {
                    before: *before,
                    after: *after,
                    fields: 0,
                    objects: Vec::new(),
                });
            }
            let known = &mut folded[index];
            known.fields += 1;
            if known.objects.last() != Some(&subject) {
                known.objects.push(subject.clone());
            }
        }
        let fields = change.fields.iter().zip(&variables);
        let left = fields.filter(|(_, variable)| variable.is_none());
        change.fields = Arc::new(left.map(|(field, _)| field.clone()).collect());
        !change.fields.is_empty()
    });
    folded.sort_by_key(|one| std::cmp::Reverse(one.fields));
    folded
}

/// The definitions of the one variable that makes a field differ. Others are defined in other places
/// too, but with the same text.
fn variable(field: &FieldChange, sources: &Sources) -> Option<(Span, Span)> {
    let scalar = |node: &Option<Node>| {
        let node = node.as_ref()?;
        node.as_scalar().map(|_| places(&node.place))?
    };
    let (before, after) = (scalar(&field.before)?, scalar(&field.after)?);
    let texts = |spans: &[Span]| -> Vec<Option<String>> {
        spans.iter().map(|span| text(*span, sources)).collect()
    };
    let (old, new) = (texts(&before), texts(&after));
    let only = |spans: &[Span], own: &[Option<String>], other: &[Option<String>]| {
        let mut differs = own
            .iter()
            .zip(spans)
            .filter(|(text, _)| !other.contains(text));
        let (text, span) = differs.next()?;
        (text.is_some() && differs.next().is_none()).then_some(*span)
    };
    only(&before, &old, &new).zip(only(&after, &new, &old))
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
fn places(place: &Place) -> Option<Vec<Span>> {
    let steps = place.steps().into_iter();
    let variables = steps.filter(|step| step.kind == StepKind::Substitution);
    let mut spans: Vec<Span> = variables.map(|step| step.span).collect();
    if spans.is_empty() {
        return None;
    }
    spans.push(place.span());
    spans.retain(|span| span.is_some());
    Some(spans)
}
