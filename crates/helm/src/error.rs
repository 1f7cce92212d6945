use std::fmt;

use tidegate_source::{FileId, Location, Span};

/// What is wrong with a chart or the values it gets. Each has a word, which machines read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChartErrorKind {
    /// The chart cannot be read, or is none.
    Chart,
    /// A dependency is missing, or does not fit what is said of it.
    Dependency,
    /// Values cannot be read or put together.
    Values,
}

impl ChartErrorKind {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            ChartErrorKind::Chart => "chart",
            ChartErrorKind::Dependency => "dependency",
            ChartErrorKind::Values => "values",
        }
    }
}

/// Why a chart cannot be used: Helm fails on it too, unless a limit is exceeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartError {
    /// What kind of thing is wrong.
    pub kind: ChartErrorKind,
    /// Why, in the words of Helm where it has some.
    pub message: String,
    /// The text that is wrong; none where it is something that is not there.
    pub location: Option<Location>,
}

impl ChartError {
    /// An error of the chart itself.
    pub fn chart(message: impl Into<String>) -> ChartError {
        ChartError::new(ChartErrorKind::Chart, message)
    }

    /// An error of a dependency.
    pub fn dependency(message: impl Into<String>) -> ChartError {
        ChartError::new(ChartErrorKind::Dependency, message)
    }

    /// An error of values.
    pub fn values(message: impl Into<String>) -> ChartError {
        ChartError::new(ChartErrorKind::Values, message)
    }

    fn new(kind: ChartErrorKind, message: impl Into<String>) -> ChartError {
        ChartError {
            kind,
            message: message.into(),
            location: None,
        }
    }

    /// At this range, where it is one and no other is known.
    #[must_use]
    pub fn at(mut self, span: Span) -> ChartError {
        if self.location.is_none() && span.is_some() {
            self.location = Some(Location::Span(span));
        }
        self
    }

    /// In this file, where no range is known.
    #[must_use]
    pub fn in_file(self, file: FileId) -> ChartError {
        self.at(Span::new(file, 0, 0))
    }

    /// With words in front that say what was being done.
    #[must_use]
    pub(crate) fn during(mut self, what: fmt::Arguments<'_>) -> ChartError {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ChartError {}
