//! What templates print, taken apart into the objects of a release.

mod head;
mod order;
mod print;
mod split;

use std::ops::Range;
use std::sync::Arc;

use tidegate_gotemplate::Piece;
use tidegate_source::Span;
use tidegate_yaml::{Node, SmolStr};

pub use head::Head;
pub use print::{Print, broken, parts, print};

/// What one template printed.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The name of the template: the path of its file from the outermost chart on, such as
    /// `parent/charts/child/templates/service.yaml`.
    pub template: SmolStr,
    /// The text. Bytes that are not UTF-8 can be in notes alone: here each is U+FFFD.
    pub text: String,
    /// Where its parts came from; empty where no track was kept.
    pub pieces: Vec<Piece>,
}

/// One object of a release, as a template printed it.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// What the template printed as a whole.
    pub printed: Arc<Printed>,
    /// The part of that text which is this object.
    pub range: Range<usize>,
    /// What Helm reads of it.
    pub head: Head,
    /// The object, parsed as YAML 1.1; none where the document holds comments alone. Its places are ranges of
    /// [`Manifest::text`].
    pub root: Option<Node>,
}

impl Printed {
    /// The text of the template that printed what is at an offset, if track was kept.
    pub fn place_of(&self, offset: usize) -> Span {
        let at = self
            .pieces
            .partition_point(|piece| piece.end as usize <= offset);
        let Some(piece) = self.pieces.get(at) else {
            return Span::NONE;
        };
        let start = at
            .checked_sub(1)
            .map_or(0, |before| self.pieces[before].end);
        if !piece.copied || !piece.template.is_some() {
            return piece.template;
        }
        // The rest of the line.
        let rest = self
            .text
            .get(offset..piece.end as usize)
            .unwrap_or_default();
        let length = rest.find('\n').unwrap_or(rest.len()).max(1);
        let from = piece.template.start as usize + (offset - start as usize);
        Span::new(piece.template.file, from, from + length)
    }
}

impl Manifest {
    /// The text, with the blanks behind it.
    pub fn text(&self) -> &str {
        &self.printed.text[self.range.clone()]
    }

    /// Where the parts of the text came from; empty where no track was kept.
    pub fn pieces(&self) -> Vec<Piece> {
        let pieces = &self.printed.pieces;
        let (start, end) = (self.range.start as u32, self.range.end as u32);
        let first = pieces.partition_point(|piece| piece.end <= start);
        let mut from = first.checked_sub(1).map_or(0, |before| pieces[before].end);
        let mut out = Vec::new();
        for piece in &pieces[first..] {
            let mut part = *piece;
            if part.copied && part.template.is_some() {
                part.template.start += start.saturating_sub(from);
            }
            part.end = piece.end.min(end) - start;
            from = piece.end;
            out.push(part);
            if piece.end >= end {
                break;
            }
        }
        out
    }

    /// The name of the template that printed it.
    pub fn template(&self) -> &str {
        &self.printed.template
    }

    /// Whether Helm runs it as a test, not as a part of the release.
    pub fn is_test(&self) -> bool {
        self.events()
            .any(|event| event == "test" || event == "test-success")
    }

    /// What `helm.sh/hook` says it is a hook of, such as `pre-install`; nothing for an object of the
    /// release itself.
    pub fn events(&self) -> impl Iterator<Item = String> {
        let events = self.head.annotations.get(HOOK).into_iter();
        events.flat_map(|events| events.split(',').map(|event| event.trim().to_lowercase()))
    }
}

/// The annotation that makes an object a hook.
const HOOK: &str = "helm.sh/hook";

/// What an object can be a hook of.
const EVENTS: [&str; 10] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

/// The objects of a release and its hooks, each in the order in which Helm installs them.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub manifests: Vec<Manifest>,
    pub hooks: Vec<Manifest>,
}

/// A template whose output is not YAML.
#[derive(Debug)]
pub(crate) struct BadOutput {
    pub printed: Arc<Printed>,
    /// Where in its text, about.
    pub at: usize,
    /// Why, in words near Helm's.
    pub reason: String,
}

/// Takes apart what templates printed. A document whose hook Helm does not know belongs to nothing.
///
/// Source: `SortManifests` of `helm.sh/helm/v4/pkg/release/v1/util`.
pub(crate) fn sort(printed: &mut [Arc<Printed>]) -> Result<Sorted, BadOutput> {
    printed.sort_by(|a, b| a.template.cmp(&b.template));
    let mut sorted = Sorted::default();
    for printed in printed {
        for range in split::documents(&printed.text) {
            let (root, head) = match head::read(&printed.text[range.clone()]) {
                Ok(read) => read,
                Err(head::Unreadable { at, reason }) => {
                    return Err(BadOutput {
                        printed: Arc::clone(printed),
                        at: range.start + at,
                        reason,
                    });
                }
            };
            let manifest = Manifest {
                printed: Arc::clone(printed),
                range,
                head,
                root,
            };
            if !manifest.head.annotations.contains_key(HOOK) {
                sorted.manifests.push(manifest);
            } else if manifest
                .events()
                .all(|event| EVENTS.contains(&event.as_str()))
            {
                sorted.hooks.push(manifest);
            }
        }
    }
    let by_kind = |a: &Manifest, b: &Manifest| order::by_kind(&a.head.kind, &b.head.kind);
    sorted.manifests.sort_by(by_kind);
    sorted.hooks.sort_by(by_kind);
    Ok(sorted)
}
