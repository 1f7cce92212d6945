//! What is told already, by those who know more of it than a schema.

use tidegate_schema::{Fault, FaultKind};
use tidegate_source::{Code, Diagnostic, Location, Sources, Span};

use crate::codes;

/// What says of a value that it is of the wrong type, or of a field that it is unknown.
const CODES: [Code; 3] = [
    codes::INVALID_KUSTOMIZATION,
    codes::UNKNOWN_KUSTOMIZATION_FIELD,
    codes::QUOTES_LOST,
];

/// The places of which something is said.
pub(super) struct Said {
    places: Vec<Span>,
}

impl Said {
    pub(super) fn new(known: &[Diagnostic], sources: &Sources) -> Said {
        let known = known.iter().filter(|one| CODES.contains(&one.code));
        let places = known.filter_map(|one| match one.primary {
            Location::Span(span) => Some(sources.real(span)),
            Location::Path(_) => None,
        });
        Said {
            places: places.collect(),
        }
    }

    /// Whether a fault is known. A value that a variable is put into is where the variable is.
    pub(super) fn says(&self, fault: &Fault, sources: &Sources) -> bool {
        let kinds = [FaultKind::UnknownField, FaultKind::Decode, FaultKind::Type];
        if self.places.is_empty() || !kinds.contains(&fault.kind) {
            return false;
        }
        let steps = fault.place.steps();
        let spans = steps.iter().map(|step| step.span);
        let mut spans = spans
            .chain([fault.place.span()])
            .map(|span| sources.real(span));
        spans.any(|span| self.places.iter().any(|place| overlap(*place, span)))
    }
}

fn overlap(a: Span, b: Span) -> bool {
    a.file == b.file && a.start < b.end && b.start < a.end
}
