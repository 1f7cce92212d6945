//! Reasons with the lines that they lead to.

use tidegate_core::render::SecretValues;
use tidegate_health::Reason;
use tidegate_source::{Sources, TreePath};

use super::expectation::Expecting;

/// A reason as it is shown.
pub(crate) struct Located {
    pub(crate) reason: Reason,
    /// Where its object, or the field of it, is written; none where the artifact does not render it.
    pub(crate) line: Option<Line>,
}

/// A line of a file.
pub(crate) struct Line {
    pub(crate) path: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// Reasons that are about no line.
pub(crate) fn nowhere(reasons: &[Reason]) -> Vec<Located> {
    let one = |reason: &Reason| Located {
        reason: reason.clone(),
        line: None,
    };
    reasons.iter().map(one).collect()
}

/// Leads to lines.
pub(crate) struct Lines<'a> {
    pub(crate) expecting: &'a Expecting,
    pub(crate) sources: &'a Sources,
    pub(crate) secret: &'a SecretValues,
    pub(crate) show_path: &'a dyn Fn(&TreePath) -> String,
}

impl Lines<'_> {
    /// Reasons, each with its line, and without values of Secrets.
    pub(crate) fn of(&self, reasons: &[Reason]) -> Vec<Located> {
        reasons.iter().map(|reason| self.one(reason)).collect()
    }

    fn one(&self, reason: &Reason) -> Located {
        let subject = reason.subject.as_ref();
        let span =
            subject.and_then(|subject| self.expecting.span(subject, reason.field.as_deref()));
        let line = span.and_then(|span| {
            let span = self.sources.real(span);
            let file = self.sources.get(span.file)?;
            let start = file.line_col(span.start);
            Some(Line {
                path: (self.show_path)(file.path()),
                line: start.line,
                column: start.column,
            })
        });
        let mut reason = reason.clone();
        reason.message = self.secret.shown(reason.message);
        Located { reason, line }
    }
}
