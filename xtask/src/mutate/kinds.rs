//! The kinds of mutations: each finds the places of a tree that it can break.

mod graph;
mod kustomization;
mod paths;
mod variables;

use std::ops::Range;

use tidegate_source::Span;
use tidegate_yaml::{Node, Style};

use crate::mutate::mutation::Mutation;
use crate::mutate::tree::{Document, Tree};
use crate::random::Random;

pub(super) struct Kind {
    pub(super) name: &'static str,
    /// All mutations of this kind that a tree has room for. Each is a real fault.
    pub(super) find: fn(&Tree, &mut Random) -> Vec<Mutation>,
}

pub(super) const ALL: &[Kind] = &[
    Kind {
        name: "misspelt path of a Kustomization",
        find: paths::misspelt,
    },
    Kind {
        name: "path above the root",
        find: paths::above_the_root,
    },
    Kind {
        name: "misspelt resource",
        find: kustomization::misspelt_resource,
    },
    Kind {
        name: "removed file",
        find: kustomization::removed_file,
    },
    Kind {
        name: "misspelt patch target",
        find: kustomization::misspelt_target,
    },
    Kind {
        name: "misspelt field",
        find: kustomization::misspelt_field,
    },
    Kind {
        name: "doubled resource",
        find: kustomization::doubled_resource,
    },
    Kind {
        name: "undefined variable",
        find: variables::undefined,
    },
    Kind {
        name: "misspelt variable",
        find: variables::misspelt_reference,
    },
    Kind {
        name: "variable no longer defined",
        find: variables::removed_definition,
    },
    Kind {
        name: "misspelt source of variables",
        find: variables::misspelt_source,
    },
    Kind {
        name: "dropped ConfigMap of variables",
        find: variables::dropped_config_map,
    },
    Kind {
        name: "no expression",
        find: variables::not_an_expression,
    },
    Kind {
        name: "lost quotes",
        find: variables::lost_quotes,
    },
    Kind {
        name: "circle of dependencies",
        find: graph::cycle,
    },
    Kind {
        name: "two that wait for each other",
        find: graph::mutual,
    },
    Kind {
        name: "child that waits for its parent",
        find: graph::waits_for_child,
    },
    Kind {
        name: "misspelt dependency",
        find: graph::misspelt_dependency,
    },
    Kind {
        name: "dependency on nothing",
        find: graph::missing_dependency,
    },
    Kind {
        name: "file that is no longer named",
        find: graph::unlisted_file,
    },
    Kind {
        name: "second owner",
        find: graph::second_owner,
    },
    Kind {
        name: "object before its namespace",
        find: graph::too_early,
    },
];

/// A word with one letter in the middle left out, doubled, changed, or swapped with the next.
fn misspelt(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let places: Vec<usize> = (1..letters.len())
        .filter(|&at| letters[at].is_ascii_alphabetic())
        .collect();
    let Some(&at) = random.choose(&places) else {
        return format!("{word}x");
    };
    let next = letters.get(at + 1).copied();
    match (random.below(4), next) {
        (0, Some(_)) => {
            letters.remove(at);
        }
        (1, Some(next)) if next.is_ascii_alphabetic() && next != letters[at] => {
            letters.swap(at, at + 1);
        }
        (2, _) => letters[at] = if letters[at] == 'x' { 'y' } else { 'x' },
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

/// The range of a scalar in its file without its quotes, where it is written in one piece as it is
/// read.
fn written(document: &Document, scalar: &Node) -> Option<Range<usize>> {
    let Span { start, end, .. } = scalar.place.span();
    let style = scalar.as_scalar()?.style;
    let quotes = usize::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
    let (start, end) = (start as usize + quotes, (end as usize).checked_sub(quotes)?);
    let text = document.file.text().ok()?;
    (text.get(start..end) == scalar.text() && start < end).then_some(start..end)
}
