use std::sync::Arc;

use tidegate_source::Span;

/// Where a node was written, and what has been done to it since.
///
/// With the feature `without-provenance` (for measuring what places cost) it holds nothing.
#[derive(Clone, Debug, Default)]
#[cfg(not(feature = "without-provenance"))]
pub struct Place {
    span: Option<Span>,
    trail: Trail,
}

/// See the other definition: this one holds nothing.
#[derive(Clone, Debug, Default)]
#[cfg(feature = "without-provenance")]
pub struct Place;

/// What a step of a [`Trail`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepKind {
    /// A patch set or merged the value.
    Patch,
    /// A component of a kustomization.
    Component,
    /// A ConfigMap or Secret generator.
    Generator,
    /// The content hash in a generated name.
    Hash,
    /// `namePrefix`.
    NamePrefix,
    /// `nameSuffix`.
    NameSuffix,
    /// `namespace`.
    Namespace,
    /// `labels` or `commonLabels`.
    Label,
    /// `commonAnnotations`.
    Annotation,
    /// `images`.
    Image,
    /// `replicas`.
    Replicas,
    /// `replacements`.
    Replacement,
    /// `vars`.
    Variable,
    /// The name of another object, rewritten because that object was renamed.
    NameReference,
    /// A YAML merge key or alias.
    Alias,
    /// A transformer configured in a file of its own.
    Transformer,
    /// `postBuild` substitution of Flux.
    Substitution,
    /// A template of a Helm chart or ResourceSet.
    Template,
    /// A value that a template printed with others.
    Value,
    /// A value that decided what a template printed: a condition, or one that another was taken instead of.
    Condition,
    /// `import-values` of a Helm chart.
    ImportValues,
    /// A default that tidegate, kustomize or Kubernetes fills in.
    Default,
}

impl StepKind {
    /// The words of a trail.
    pub fn as_str(self) -> &'static str {
        match self {
            StepKind::Patch => "patch",
            StepKind::Component => "component",
            StepKind::Generator => "generator",
            StepKind::Hash => "content hash",
            StepKind::NamePrefix => "namePrefix",
            StepKind::NameSuffix => "nameSuffix",
            StepKind::Namespace => "namespace",
            StepKind::Label => "label",
            StepKind::Annotation => "annotation",
            StepKind::Image => "image",
            StepKind::Replicas => "replicas",
            StepKind::Replacement => "replacement",
            StepKind::Variable => "variable",
            StepKind::NameReference => "reference to a renamed object",
            StepKind::Alias => "alias",
            StepKind::Transformer => "transformer",
            StepKind::Substitution => "substitution",
            StepKind::Template => "template",
            StepKind::Value => "value",
            StepKind::Condition => "condition",
            StepKind::ImportValues => "import-values",
            StepKind::Default => "default",
        }
    }
}

/// One thing that was done to a value, and where it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What was done.
    pub kind: StepKind,
    /// The text that says so.
    pub span: Span,
}

/// The steps that made a value what it is. Cloning copies a pointer; most values have none.
#[derive(Clone, Debug, Default)]
pub struct Trail(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    step: Step,
    /// The steps of a second value that this step mixed in.
    mixed: Trail,
    before: Trail,
    length: u32,
}

/// A trail does not grow beyond this: what comes later is dropped, the origin stays.
const LONGEST_TRAIL: u32 = 64;

impl Trail {
    /// Whether nothing was done.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn length(&self) -> u32 {
        self.0.as_ref().map_or(0, |link| link.length)
    }

    fn then(&self, step: Step, mixed: Trail) -> Trail {
        let length = 1 + self.length() + mixed.length();
        if length > LONGEST_TRAIL || self.0.as_ref().is_some_and(|link| link.step == step) {
            return self.clone();
        }
        Trail(Some(Arc::new(Link {
            step,
            mixed,
            before: self.clone(),
            length,
        })))
    }

    /// The steps, the first one first, each once.
    pub fn steps(&self) -> Vec<Step> {
        let mut out = Vec::new();
        self.collect(&mut out);
        let mut seen = Vec::with_capacity(out.len());
        out.retain(|step| {
            let new = !seen.contains(step);
            seen.push(*step);
            new
        });
        out
    }

    fn collect(&self, out: &mut Vec<Step>) {
        if let Some(link) = &self.0 {
            link.before.collect(out);
            link.mixed.collect(out);
            out.push(link.step);
        }
    }
}

#[cfg(not(feature = "without-provenance"))]
impl Place {
    /// A place in a file.
    pub fn at(span: Span) -> Place {
        Place {
            span: span.is_some().then_some(span),
            trail: Trail::default(),
        }
    }

    /// Where the value is written: the primary place of a finding about it.
    pub fn span(&self) -> Span {
        self.span.unwrap_or(Span::NONE)
    }

    /// What was done to it.
    pub fn steps(&self) -> Vec<Step> {
        self.trail.steps()
    }

    /// The same value after `kind`, written at `span`, changed it in part or moved it.
    #[must_use]
    pub fn then(&self, kind: StepKind, span: Span) -> Place {
        Place {
            span: self.span,
            trail: self.trail.then(Step { kind, span }, Trail::default()),
        }
    }

    /// The same value after `kind` mixed `other` into it: the trail then holds the place of
    /// `other` and its steps too.
    #[must_use]
    pub fn mixed(&self, kind: StepKind, other: &Place) -> Place {
        let span = other.span();
        Place {
            span: self.span,
            trail: self.trail.then(Step { kind, span }, other.trail.clone()),
        }
    }
}

#[cfg(feature = "without-provenance")]
#[allow(missing_docs, reason = "those of the other definition hold")]
impl Place {
    pub fn at(_: Span) -> Place {
        Place
    }
    pub fn span(&self) -> Span {
        Span::NONE
    }
    pub fn steps(&self) -> Vec<Step> {
        Trail::default().steps()
    }
    #[must_use]
    pub fn then(&self, kind: StepKind, span: Span) -> Place {
        let _ = Trail::default().then(Step { kind, span }, Trail::default());
        Place
    }
    #[must_use]
    pub fn mixed(&self, _: StepKind, _: &Place) -> Place {
        Place
    }
}
