//! What everything else stands on: files with identities, places in them, the [`System`] that
//! supplies their bytes, and the one [`Diagnostic`] type that every part of tidegate reports with.
//!
//! This crate does no I/O and knows nothing of YAML, Kubernetes or terminals.

mod diagnostic;
mod files;
mod group;
mod ignore;
mod map;
mod path;
mod redacted;
mod span;
mod suggest;
mod system;

pub use diagnostic::{
    Code, Diagnostic, Edit, Fix, Label, Location, NotChecked, NotCheckedReason, NotRendered,
    Severity, Sink, SkipReason, Subject, TrailStep, Waived,
};
pub use files::{LineCol, LineIndex, LoadError, PartStart, SourceFile, Sources};
pub use group::is_built_in_group;
pub use ignore::{Glob, IgnoreRule, IgnoreRules, Packed, Packing, RuleOrigin};
pub use map::{SourceMap, SourceMapBuilder};
pub use path::{EscapesRoot, TreePath};
pub use redacted::Redacted;
pub use span::{FileId, Span};
pub use suggest::nearest;
pub use system::{Entry, EntryKind, MemorySystem, System, SystemError};
