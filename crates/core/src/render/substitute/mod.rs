//! Variable substitution as kustomize-controller does it: each object of a build is written as
//! YAML, its text is substituted, and what comes out is read again and put back.
//!
//! The text is not kept. Each node of the new object leads to the node it is from, with a step for
//! each variable that shaped it; a value that a variable makes alone is written where the variable
//! is, and its use is the step.
//!
//! A value that only the cluster knows (of an encrypted Secret, or of one that something outside of
//! the tree makes) is never put in: the expression stays as it is written, and the scalar that holds it
//! becomes [`ScalarKind::Opaque`](tidegate_yaml::ScalarKind::Opaque).

mod compose;
mod fault;
mod form;
mod identity;
mod locate;
mod loss;
mod references;
#[cfg(test)]
mod tests;
mod used;

use std::fmt;
use std::sync::{Arc, OnceLock};

use tidegate_kustomize::Object;
use tidegate_source::{Diagnostic, Sources, Subject};
use tidegate_yaml::{Emitted, Node, Unwritable};

use self::compose::compose;
use self::fault::Case;
use self::form::Form;
use self::identity::{Identities, Identity};
use self::references::References;
use self::used::Names;
pub(super) use self::used::Used;
use super::variables::{Lookup, Variables};
use crate::codes;
use crate::envsubst::{Binding, Mode, substitute_known};
use crate::flux::{FluxKustomization, subject};

/// The objects of a build, with what is the same for all Kustomizations that put variables into
/// them. It is filled when it is first needed, and can be used from many threads.
#[derive(Default)]
pub struct Substitutable {
    objects: Arc<Vec<Object>>,
    forms: Vec<OnceLock<Form>>,
    identities: OnceLock<Vec<Identity>>,
    names: OnceLock<Names>,
}

impl fmt::Debug for Substitutable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} objects", self.objects.len())
    }
}

/// Objects after substitution.
#[derive(Clone, Debug, Default)]
pub struct Substituted {
    /// The objects; none where Flux applies nothing, for which there is a finding then.
    pub objects: Option<Arc<Vec<Object>>>,
    /// All objects with the variables that could be put in, also where Flux gives up: to look on
    /// behind a fault.
    pub salvaged: Arc<Vec<Object>>,
    /// What is wrong. The trails start at the folder that was built.
    pub findings: Vec<Diagnostic>,
}

impl Substitutable {
    /// What a build made.
    pub fn new(objects: Arc<Vec<Object>>) -> Substitutable {
        let forms = objects.iter().map(|_| OnceLock::new()).collect();
        Substitutable {
            objects,
            forms,
            identities: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// The objects before substitution.
    pub fn objects(&self) -> &Arc<Vec<Object>> {
        &self.objects
    }

    /// The variables of a Kustomization; none where Flux leaves the objects as they are.
    pub(super) fn variables(
        &self,
        kustomization: &FluxKustomization,
        lookup: Lookup<'_, '_>,
    ) -> Option<Variables> {
        let post_build = kustomization.post_build()?;
        // Variables are looked up for an object: without one, nothing is missing.
        let is_disabled = |index| matches!(self.form(index), Form::Disabled);
        if (0..self.objects.len()).all(is_disabled) {
            return None;
        }
        let variables = Variables::read(kustomization, lookup);
        (!variables.is_empty() || post_build.is_always()).then_some(variables)
    }

    /// What of the variables makes a difference to these objects.
    pub(super) fn used(&self, variables: &Variables) -> Used {
        let names = self.names.get_or_init(|| {
            let indexes = 0..self.objects.len();
            Names::of(indexes.map(|index| self.form(index)))
        });
        Used::new(names, variables)
    }

    /// Puts the variables of a Kustomization in. Objects that do not change are shared.
    pub fn substitute(
        &self,
        kustomization: &FluxKustomization,
        lookup: Lookup<'_, '_>,
        mode: Mode,
        sources: &Sources,
    ) -> Substituted {
        let variables = self.variables(kustomization, lookup);
        self.put_in(variables.as_ref(), kustomization, mode, sources)
    }

    /// Puts variables in that were read before.
    pub(super) fn put_in(
        &self,
        variables: Option<&Variables>,
        kustomization: &FluxKustomization,
        mode: Mode,
        sources: &Sources,
    ) -> Substituted {
        let Some(variables) = variables else {
            return Substituted {
                objects: Some(Arc::clone(&self.objects)),
                salvaged: Arc::clone(&self.objects),
                findings: Vec::new(),
            };
        };
        let mut run = Run {
            of: self,
            variables,
            mode,
            sources,
            kustomization: &kustomization.subject,
            failed: !variables.faults.is_empty(),
            findings: variables.faults.clone(),
            changed: Vec::new(),
        };
        for index in 0..self.objects.len() {
            run.object(index);
        }
        run.finish()
    }

    fn form(&self, index: usize) -> &Form {
        self.forms[index].get_or_init(|| Form::of(&self.objects[index].node))
    }

    fn identities(&self) -> &[Identity] {
        self.identities.get_or_init(|| {
            let objects = self.objects.iter();
            objects.map(|object| Identity::of(&object.node)).collect()
        })
    }
}

/// One substitution of all objects.
struct Run<'a> {
    of: &'a Substitutable,
    variables: &'a Variables,
    mode: Mode,
    sources: &'a Sources,
    kustomization: &'a Subject,
    failed: bool,
    findings: Vec<Diagnostic>,
    /// The objects that changed, with their indexes.
    changed: Vec<(usize, Node)>,
}

impl Run<'_> {
    fn object(&mut self, index: usize) {
        match self.of.form(index) {
            Form::Disabled | Form::Unchanged => {}
            Form::Unwritable(unwritable) => self.unwritable(index, unwritable),
            Form::Text(template) => self.text(index, template),
        }
    }

    fn text(&mut self, index: usize, template: &Emitted) {
        let object = &self.of.objects[index];
        let case = Case {
            sources: self.sources,
            variables: self.variables,
            mode: self.mode,
            kustomization: self.kustomization,
            object,
            template,
        };
        let binding = |name: &str| self.variables.binding(name);
        // Strictness is a matter of what is said: all that is undefined, and not the first alone.
        let text = template.text.as_bytes();
        let substituted = substitute_known(text, &binding, Mode::Lenient).and_then(|substituted| {
            let undefined = case.undefined(&substituted, &mut self.findings);
            if self.mode == Mode::Lenient || undefined.is_empty() {
                return Ok(substituted);
            }
            self.failed = true;
            // Whatever they are meant to be.
            let binding = |name: &str| match undefined.contains(name) {
                true => Binding::Opaque,
                false => binding(name),
            };
            substitute_known(text, &binding, Mode::Lenient)
        });
        let substituted = match substituted {
            Ok(substituted) => substituted,
            Err(error) => {
                self.findings.push(case.refused(&error));
                self.failed = true;
                return;
            }
        };
        case.halved_dollars(&mut self.findings);
        let references = References::of(&substituted);
        match compose(template, &substituted, &references, self.variables) {
            Ok(composed) => {
                case.losses(&composed, &references, &mut self.findings);
                self.findings.extend(loss::lost_name(&case, &composed.node));
                self.changed.push((index, composed.node));
            }
            Err(fault) => {
                self.findings.push(case.not_yaml(&references, &fault));
                self.failed = true;
            }
        }
    }

    fn unwritable(&mut self, index: usize, unwritable: &Unwritable) {
        let object = &self.of.objects[index];
        let mut span = unwritable.place.span();
        if !span.is_some() {
            span = object.node.place.span();
        }
        let message = format!("a value of {} {}", object.kind(), unwritable.reason);
        let code = tidegate_kustomize::codes::UNWRITABLE;
        let finding = Diagnostic::error(code, span, message).with_subject(subject(&object.node));
        self.findings.push(finding.with_trail(object.trail()));
        self.failed = true;
    }

    fn finish(mut self) -> Substituted {
        self.collisions();
        let before = &self.of.objects;
        let salvaged = match self.changed.is_empty() {
            true => Arc::clone(before),
            false => {
                let mut objects = before.as_ref().clone();
                for (index, node) in self.changed {
                    objects[index].node = node;
                }
                Arc::new(objects)
            }
        };
        Substituted {
            objects: (!self.failed).then(|| Arc::clone(&salvaged)),
            salvaged,
            findings: self.findings,
        }
    }

    /// Finds objects that are one and the same once they are put back.
    fn collisions(&mut self) {
        let known = self.of.identities();
        let new: Vec<(usize, Identity)> = self
            .changed
            .iter()
            .map(|(index, node)| (*index, Identity::of(node)))
            .filter(|(index, identity)| known[*index] != *identity)
            .collect();
        if new.is_empty() {
            return;
        }
        let mut identities = Identities::new(known.iter().cloned());
        for (index, identity) in new {
            let Some(other) = identities.put_back(index, identity) else {
                continue;
            };
            let object = &self.of.objects[index];
            let other = &self.of.objects[other];
            let message = format!(
                "with its variables this {} has the name of another one, so Flux refuses both",
                object.kind()
            );
            let finding = Diagnostic::error(
                codes::NAMES_COLLIDE,
                locate::written(&object_name(object).place),
                message,
            )
            .with_subject(subject(&object.node))
            .with_trail(object.trail())
            .with_help("give the two objects different names");
            let other = locate::written(&object_name(other).place);
            self.findings.push(match other.is_some() {
                true => finding.with_label(other, "the other one"),
                false => finding,
            });
            self.failed = true;
        }
    }
}

fn object_name(object: &Object) -> &Node {
    object
        .node
        .at(&["metadata", "name"])
        .unwrap_or(&object.node)
}
