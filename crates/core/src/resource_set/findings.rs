//! What is said of a ResourceSet: why a template fails, and what is odd about its inputs.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use tidegate_gotemplate::{Error, Origin, Output, Value};
use tidegate_source::{Diagnostic, Span, nearest};
use tidegate_yaml::{Place, SmolStr};

use super::Builder;
use super::error::BuildError;
use super::field;
use super::objects::NoObjects;
use super::template::Template;
use super::unread::{unread, words};
use super::values::Values;
use crate::codes;

/// What the templates of a ResourceSet looked up.
#[derive(Default)]
pub(super) struct Reads {
    /// The values that are in the output, or decided what is in it.
    used: FxHashSet<Origin>,
    /// Whether there are more of these than could be told.
    pub(super) is_mixed: bool,
    /// The words of all templates.
    words: FxHashSet<String>,
    /// The keys that were looked up in inputs that have them not, and where first.
    pub(super) missing: BTreeMap<SmolStr, Span>,
    /// A function whose results are not the same each time, and the template that calls it.
    not_deterministic: Option<(&'static str, Span)>,
    /// What the templates see where there are no inputs.
    nothing: Option<Value>,
}

impl Reads {
    /// The inputs of a run without any.
    pub(super) fn without_inputs(&mut self, values: &mut Values) -> Value {
        let nothing = self.nothing.get_or_insert_with(|| {
            let origin = values.origins.place(&Place::default());
            Value::map(BTreeMap::new()).with_origin(origin)
        });
        nothing.clone()
    }

    /// Takes in a template.
    pub(super) fn note(&mut self, template: &Template<'_>) {
        words(&template.text, &mut self.words);
    }

    /// Takes in a run.
    pub(super) fn take(&mut self, template: &Template<'_>, output: &Output, values: &Values) {
        let mut before = Origin::NONE;
        for piece in &output.pieces {
            if piece.origin != std::mem::replace(&mut before, piece.origin) {
                self.used.extend(values.origins.members(piece.origin));
                self.used.extend(values.origins.influences(piece.origin));
                self.is_mixed |= values.origins.is_mixed(piece.origin);
            }
        }
        if let Some(function) = output.not_deterministic.first() {
            let span = template.node.place.span();
            self.not_deterministic.get_or_insert((function, span));
        }
        for missing in &output.missing {
            let span = || template.place(missing.template).span();
            let known = self.missing.entry(missing.key.clone());
            known.or_insert_with(span);
        }
    }

    /// Whether a value is in the output, or decided what is in it.
    pub(super) fn is_used(&self, origin: Origin) -> bool {
        self.used.contains(&origin)
    }

    /// Whether a template has a word in it.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

impl Builder<'_> {
    /// Why a template fails with an input set.
    pub(super) fn failed(
        &self,
        template: &Template<'_>,
        error: &Error,
        set: Option<usize>,
    ) -> BuildError {
        let span = template.span_of(error);
        let key = error.reason.strip_prefix("map has no entry for key \"");
        let Some(key) = key.and_then(|key| key.strip_suffix('"')) else {
            let failed = BuildError::new(codes::TEMPLATE_FAILS, span, error.message.clone());
            return self.with_inputs(failed, set);
        };
        if let (None, Some(inputs)) = (set, self.empty_inputs()) {
            let message =
                format!("`inputs` is empty, so that a template runs without `{key}`, and fails");
            let mut failed = BuildError::new(codes::EMPTY_INPUTS, inputs, message);
            failed.finding = Box::new(failed.finding.with_label(span, "it is read here").with_help(
                "the operator takes an empty list for none, and runs the templates once: list \
                 inputs, or take the ResourceSet out until there are some",
            ));
            failed.said = Some((error.message.clone(), span));
            return failed;
        }
        let message = format!("a template reads the input `{key}`, which is not there");
        let mut failed = BuildError::new(codes::TEMPLATE_FAILS, span, message);
        failed.said = Some((error.message.clone(), span));
        failed.finding.help = Some(match self.nearest_key(key, set) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "add it, or read it with `index inputs \"{key}\"` if not all inputs have it: the \
                 operator applies nothing of the ResourceSet now"
            ),
        });
        self.with_inputs(failed, set)
    }

    /// Where a list of inputs is written that has none in it, and is all that gives inputs.
    fn empty_inputs(&self) -> Option<Span> {
        let inputs = field(self.spec, "inputs")?;
        let is_empty = inputs.as_seq().is_some_and(|list| list.is_empty());
        (is_empty && field(self.spec, "inputsFrom").is_none()).then(|| inputs.place.span())
    }

    /// Why what a template prints are no objects.
    pub(super) fn refused(&self, why: NoObjects, set: Option<usize>) -> BuildError {
        let (message, span) = why;
        let refused = BuildError::new(codes::TEMPLATE_FAILS, span, message);
        self.with_inputs(refused, set)
    }

    /// Says with which inputs it happens.
    fn with_inputs(&self, mut error: BuildError, set: Option<usize>) -> BuildError {
        let span = set.map(|set| self.sets[set].span);
        if let Some(span) = span.filter(|span| span.is_some()) {
            error.finding = Box::new(error.finding.with_label(span, "with these inputs"));
        }
        error
    }

    /// The key of an input set that was perhaps meant.
    fn nearest_key(&self, key: &str, set: Option<usize>) -> Option<String> {
        let value = &self.sets[set?].value;
        let mut maps = vec![value.clone()];
        let mut keys = Vec::new();
        while let Some(value) = maps.pop() {
            let Some(map) = value.as_map() else { continue };
            for (key, value) in map.entries().iter() {
                keys.push(key.to_string());
                maps.push(value.clone());
            }
        }
        nearest(key, keys.iter().map(String::as_str)).map(str::to_owned)
    }

    /// What is odd although there are objects.
    pub(super) fn findings(&self) -> Vec<Diagnostic> {
        let mut findings = unread(&self.reads, &self.values, &self.own);
        let missing = self.reads.missing.first_key_value();
        if let (true, Some((key, span)), Some(inputs)) =
            (self.sets.is_empty(), missing, self.empty_inputs())
        {
            let message =
                format!("`inputs` is empty, so that a template runs once, without `{key}`");
            findings.push(
                Diagnostic::warning(codes::EMPTY_INPUTS, inputs, message)
                    .with_label(*span, "it is looked for here")
                    .with_help(
                        "the operator takes an empty list for none: take it out if that is meant, or \
                         list inputs",
                    ),
            );
        }
        if let Some((function, span)) = self.reads.not_deterministic {
            let message =
                format!("what this template prints differs each time, because of `{function}`");
            findings.push(
                Diagnostic::warning(codes::NOT_DETERMINISTIC, span, message).with_help(
                    "each reconciliation applies something else: take the value from an input",
                ),
            );
        }
        findings
    }
}
