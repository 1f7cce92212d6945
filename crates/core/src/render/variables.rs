//! The variables of a Flux Kustomization: what `postBuild.substitute` and `substituteFrom` define.

use std::collections::BTreeMap;
use std::fmt;

use memchr::memchr;
use tidegate_source::{Diagnostic, Redacted, Span, nearest};
use tidegate_yaml::{Node, Place, is_yes};

use super::data::data;
use crate::codes;
use crate::config::{Provided, ProvidedValue};
use crate::envsubst::{Binding, is_name};
use crate::flux::{DefinitionKind, FluxKustomization, SubstituteFrom};

/// What is known of a ConfigMap or Secret that `substituteFrom` names.
#[derive(Clone, Copy, Debug)]
pub enum Defined<'n> {
    /// It is rendered: this object, or one from which an operator makes it (an ExternalSecret or
    /// SealedSecret).
    Object(&'n Node),
    /// It is not in the tree, and the config declares it.
    Declared(&'n Provided),
    /// Something that is not rendered may provide it.
    Unknown,
    /// Nothing provides it.
    Missing,
}

/// Finds a ConfigMap or Secret by kind, namespace and name.
pub type Lookup<'f, 'n> = &'f dyn Fn(DefinitionKind, &str, &str) -> Defined<'n>;

/// A variable.
pub(super) struct Variable {
    /// The value without line feeds; none where only the cluster knows it.
    value: Option<Redacted<Vec<u8>>>,
    /// Where the value is written.
    pub(super) place: Place,
    /// Whether a Secret holds it: no message repeats its value.
    pub(super) is_secret: bool,
}

/// The variables of a Kustomization.
#[derive(Default)]
pub(super) struct Variables {
    by_name: BTreeMap<String, Variable>,
    /// Whether there may be others: a definition is missing or not rendered.
    pub(super) may_be_more: bool,
    /// Where variables were looked for, in the order in which later ones win.
    searched: Vec<Searched>,
    /// Why Flux would refuse all of them.
    pub(super) faults: Vec<Diagnostic>,
}

struct Searched {
    what: String,
    found: Option<usize>,
}

impl Variables {
    /// Those of a Kustomization with `postBuild`.
    pub(super) fn read(kustomization: &FluxKustomization, lookup: Lookup<'_, '_>) -> Variables {
        let mut variables = Variables::default();
        let Some(post_build) = kustomization.post_build() else {
            return variables;
        };
        for from in post_build.substitute_from() {
            if let Some(kind) = from.kind {
                variables.take_from(kustomization, &from, kind, lookup);
            }
        }
        if let Some(substitute) = post_build.substitute() {
            let what = "postBuild.substitute".to_owned();
            for entry in substitute {
                let name = name_of_key(&entry.key);
                let value = match entry.value.is_null() {
                    true => "",
                    false => entry.value.text().unwrap_or_default(),
                };
                let variable = Variable::new(Some(value.as_bytes()), &entry.value.place, false);
                let span = entry.key.place.span();
                variables.define(kustomization, name, variable, span, &what);
            }
            let found = Some(substitute.len());
            variables.searched.push(Searched { what, found });
        }
        variables
    }

    fn take_from(
        &mut self,
        kustomization: &FluxKustomization,
        from: &SubstituteFrom<'_>,
        kind: DefinitionKind,
        lookup: Lookup<'_, '_>,
    ) {
        let namespace = &kustomization.subject.namespace;
        let what = format!("{} {namespace}/{}", kind.as_str(), from.name);
        let is_secret = kind == DefinitionKind::Secret;
        let mut found = None;
        match lookup(kind, namespace, from.name) {
            Defined::Object(object) => {
                let data = data(object);
                found = Some(data.entries.len());
                self.may_be_more |= data.may_be_more;
                for datum in data.entries {
                    let value = datum.value.as_deref();
                    let variable = Variable::new(value, datum.place, is_secret);
                    let span = datum.name_place.span();
                    self.define(kustomization, datum.name, variable, span, &what);
                }
            }
            Defined::Declared(provided) => {
                found = Some(provided.keys.len());
                for (name, key) in &provided.keys {
                    let value = match &key.value {
                        ProvidedValue::Known(value) => Some(value.as_bytes()),
                        ProvidedValue::Unknown(_) => None,
                    };
                    let variable = Variable::new(value, &Place::at(key.span), is_secret);
                    self.define(kustomization, name, variable, key.span, &what);
                }
                self.may_be_more |= provided.more_keys;
            }
            Defined::Unknown => self.may_be_more = true,
            Defined::Missing if from.optional => {}
            Defined::Missing => {
                self.may_be_more = true;
                self.faults.push(missing(kustomization, from, &what));
            }
        }
        self.searched.push(Searched { what, found });
    }

    fn define(
        &mut self,
        kustomization: &FluxKustomization,
        name: &str,
        variable: Variable,
        span: Span,
        source: &str,
    ) {
        if is_name(name) {
            self.by_name.insert(name.to_owned(), variable);
        } else {
            let fault = invalid_name(kustomization, name, span, source);
            self.faults.push(fault);
        }
    }

    /// Whether there is no variable, so that Flux leaves all objects alone.
    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty() && !self.may_be_more && self.faults.is_empty()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.by_name.get(name)
    }

    /// Their names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    pub(super) fn binding(&self, name: &str) -> Binding<'_> {
        match self.by_name.get(name) {
            Some(variable) => match &variable.value {
                Some(value) => Binding::Value(value.reveal()),
                None => Binding::Opaque,
            },
            None if self.may_be_more => Binding::Opaque,
            None => Binding::Unset,
        }
    }

    /// The name of a variable that was perhaps meant.
    pub(super) fn nearest(&self, name: &str) -> Option<&str> {
        let names = self.by_name.keys().map(String::as_str);
        // What is common to many names, such as `_version`, makes none of them near.
        nearest(name, names.filter(|known| has_near_words(name, known)))
    }
}

impl Variable {
    /// The value; none where only the cluster knows it.
    pub(super) fn value(&self) -> Option<&Redacted<Vec<u8>>> {
        self.value.as_ref()
    }

    fn new(value: Option<&[u8]>, place: &Place, is_secret: bool) -> Variable {
        let without_breaks = |value: &[u8]| match memchr(b'\n', value) {
            None => value.to_vec(),
            Some(_) => value
                .iter()
                .copied()
                .filter(|byte| *byte != b'\n')
                .collect(),
        };
        Variable {
            value: value.map(|value| Redacted::new(without_breaks(value))),
            place: place.clone(),
            is_secret,
        }
    }
}

/// Where variables were looked for, for a sentence.
impl fmt::Display for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.searched.is_empty() {
            return f.write_str("the Kustomization defines none");
        }
        f.write_str("looked in ")?;
        for (index, searched) in self.searched.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match searched.found {
                Some(1) => write!(f, "{} (1 variable)", searched.what)?,
                Some(found) => write!(f, "{} ({found} variables)", searched.what)?,
                None => write!(f, "{} (absent)", searched.what)?,
            }
        }
        Ok(())
    }
}

/// Whether each word of a name is near to that of another; names with other numbers of words are not
/// compared so.
fn has_near_words(name: &str, other: &str) -> bool {
    let words = |name: &str| name.split('_').count();
    words(name) != words(other)
        || name
            .split('_')
            .zip(other.split('_'))
            .all(|(word, other)| word == other || nearest(word, [other]).is_some())
}

/// The name of a variable as the API machinery reads it: a key that YAML 1.1 takes for a boolean is
/// one of two words.
pub(super) fn name_of_key(key: &Node) -> &str {
    use tidegate_yaml::ScalarKind::Bool;
    match key.as_scalar() {
        Some(scalar) if scalar.kind == Bool => {
            let text = scalar.text.as_str();
            if is_yes(text) { "true" } else { "false" }
        }
        _ => key.text().unwrap_or_default(),
    }
}

fn missing(kustomization: &FluxKustomization, from: &SubstituteFrom<'_>, what: &str) -> Diagnostic {
    let subject = &kustomization.subject;
    let message = format!("{subject} takes variables from {what}, which nothing provides");
    Diagnostic::error(codes::VARIABLES_MISSING, from.span, message)
        .with_subject(subject.clone())
        .with_help(
            "add it to the tree, declare it in tidegate.toml if something else makes it, or write \
             `optional: true` if it may be absent",
        )
}

fn invalid_name(
    kustomization: &FluxKustomization,
    name: &str,
    span: Span,
    source: &str,
) -> Diagnostic {
    let subject = &kustomization.subject;
    let message = format!(
        "`{name}` is not the name of a variable, so Flux refuses all variables of {subject}"
    );
    Diagnostic::error(codes::VARIABLE_NAME, span, message)
        .with_subject(subject.clone())
        .with_note(format!("a key of {source}"))
        .with_help(
            "use letters, digits and `_`, no digit first, or keep the key in an object that is not \
             in substituteFrom",
        )
}
