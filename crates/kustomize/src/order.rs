//! The order of the output.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;
use tidegate_source::Diagnostic;
use tidegate_yaml::SmolStr;

use crate::kustomization::{LegacySortOptions, SortOptions};
use crate::resource::{Gvk, ResId, ResMap, Resource};
use crate::{Reorder, Result, codes};

/// The kinds that come first in the legacy order.
pub(crate) const KINDS_FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// The kinds that come last in it.
pub(crate) const KINDS_LAST: [&str; 2] = [
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Orders the objects as the kustomization says, else as the flag does.
pub(crate) fn sort(
    resources: &mut ResMap,
    options: Option<&SortOptions>,
    flag: Reorder,
) -> Result<()> {
    let Some(options) = options else {
        if flag == Reorder::Legacy {
            sort_legacy(resources, None);
        }
        return Ok(());
    };
    let order = options.order.as_ref();
    match (order.map(|order| order.as_str()), &options.legacy) {
        (Some("fifo"), Some(legacy)) => {
            let message = "`legacySortOptions` is set, but `order` is fifo";
            let finding = Diagnostic::error(codes::INVALID_ORDER, legacy.span, message);
            Err(Box::new(
                finding.with_help("set `order: legacy`, or take it out"),
            ))
        }
        (Some("fifo"), None) => Ok(()),
        (Some("legacy"), legacy) => {
            sort_legacy(resources, legacy.as_ref());
            Ok(())
        }
        (other, _) => {
            let span = order.map_or(options.span, |order| order.span());
            let message = match other {
                Some(other) => format!("`order` must be legacy or fifo, not {other}"),
                None => "`sortOptions` has no `order`".to_owned(),
            };
            let finding = Diagnostic::error(codes::INVALID_ORDER, span, message);
            Err(Box::new(
                finding.with_help("set `order: legacy` or `order: fifo`"),
            ))
        }
    }
}

fn sort_legacy(resources: &mut ResMap, options: Option<&LegacySortOptions>) {
    let mut ranks: FxHashMap<&str, i64> = FxHashMap::default();
    match options {
        None => {
            fill(
                &mut ranks,
                KINDS_FIRST.iter().copied(),
                KINDS_LAST.iter().copied(),
            );
        }
        Some(options) => {
            let first = options.first.iter().map(|kind| kind.as_str());
            let last = options.last.iter().map(|kind| kind.as_str());
            fill(&mut ranks, first, last);
        }
    }
    let rank = |gvk: &Gvk| ranks.get(gvk.kind.as_str()).copied().unwrap_or(0);
    // Most comparisons end at the rank or the kind.
    let mut keyed: Vec<(i64, Resource)> = std::mem::take(resources.resources_mut())
        .into_iter()
        .map(|resource| (rank(resource.gvk()), resource))
        .collect();
    keyed.sort_by(|(a_rank, a), (b_rank, b)| {
        let (a, b) = (a.id(), b.id());
        a_rank
            .cmp(b_rank)
            .then_with(|| compare_gvk(&a.gvk, &b.gvk))
            .then_with(|| compare_names(a, b))
    });
    *resources.resources_mut() = keyed.into_iter().map(|(_, resource)| resource).collect();
}

fn fill<'k>(
    ranks: &mut FxHashMap<&'k str, i64>,
    first: impl ExactSizeIterator<Item = &'k str>,
    last: impl Iterator<Item = &'k str>,
) {
    let count = first.len() as i64;
    for (index, kind) in first.enumerate() {
        ranks.insert(kind, index as i64 - count);
    }
    for (index, kind) in last.enumerate() {
        ranks.insert(kind, 1 + index as i64);
    }
}

/// Kinds of equal rank are ordered by `group_version_kind`. Namespaces of the core group come before
/// whatever else is called Namespace.
fn compare_gvk(a: &Gvk, b: &Gvk) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let parts = |gvk: &'_ Gvk| -> [SmolStr; 3] {
        [
            part(&gvk.group, "~G"),
            part(&gvk.version, "~V"),
            part(&gvk.kind, "~K"),
        ]
    };
    let later = |gvk: &Gvk| gvk.kind == "Namespace" && !gvk.group.is_empty();
    later(a)
        .cmp(&later(b))
        .then_with(|| compare_joined(&parts(a), &parts(b), '_'))
}

/// Objects of one kind are ordered by `namespace|name`.
fn compare_names(a: &ResId, b: &ResId) -> Ordering {
    let parts = |id: &ResId| [part(&id.namespace, "~X"), part(&id.name, "~N")];
    compare_joined(&parts(a), &parts(b), '|')
}

fn part(text: &SmolStr, none: &'static str) -> SmolStr {
    if text.is_empty() {
        SmolStr::new_static(none)
    } else {
        text.clone()
    }
}

/// Compares parts as if they were joined, which differs from comparing them one by one where one
/// is the start of another.
fn compare_joined(a: &[SmolStr], b: &[SmolStr], by: char) -> Ordering {
    joined(a, by).cmp(joined(b, by))
}

fn joined(parts: &[SmolStr], by: char) -> impl Iterator<Item = u8> {
    let last = parts.len() - 1;
    parts.iter().enumerate().flat_map(move |(index, part)| {
        let end = (index < last).then_some(by as u8);
        part.bytes().chain(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Text;
    use crate::schema::Schema;
    use tidegate_source::Span;
    use tidegate_yaml::{Entry, Node, Place};

    /// `apiVersion kind name` each.
    fn objects(ids: &[&str]) -> ResMap {
        let mut resources = ResMap::default();
        for id in ids {
            let mut parts = id.split(' ');
            let mut text = || Node::str(parts.next().unwrap(), Place::default());
            let entry = |key: &str, value| Entry {
                key: Node::str(key, Place::default()),
                value,
            };
            let (version, kind) = (entry("apiVersion", text()), entry("kind", text()));
            let metadata = Node::map(vec![entry("name", text())], Place::default());
            let entries = vec![version, kind, entry("metadata", metadata)];
            let node = Node::map(entries, Place::default());
            resources.push(Resource::new(node, &Schema::default()));
        }
        resources
    }

    fn ids(resources: &ResMap) -> Vec<String> {
        let id = |resource: &Resource| {
            format!(
                "{} {} {}",
                resource.gvk().api_version(),
                resource.kind(),
                resource.name()
            )
        };
        resources.iter().map(id).collect()
    }

    fn text(text: &str) -> Text {
        Text {
            text: text.into(),
            ..Text::default()
        }
    }

    #[test]
    fn the_legacy_order_goes_by_rank_kind_and_name() {
        let sorted = [
            "v1 Namespace z",
            "x.io/v1 Namespace a",
            "v1 ConfigMap a",
            "v1 ConfigMap a-b",
            "apps/v1 Deployment x",
            "a.io/v1 Thing z",
            "b.io/v1 Thing a",
            "a.io/v1 ValidatingWebhookConfiguration w",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        let mut resources = objects(&shuffled);
        sort(&mut resources, None, Reorder::Legacy).unwrap();
        assert_eq!(ids(&resources), sorted);
        let mut resources = objects(&shuffled);
        sort(&mut resources, None, Reorder::None).unwrap();
        assert_eq!(ids(&resources), shuffled);
    }

    #[test]
    fn own_lists_take_the_place_of_the_usual_ones() {
        let options = SortOptions {
            order: Some(text("legacy")),
            legacy: Some(LegacySortOptions {
                first: vec![text("Thing")],
                last: vec![text("Namespace")],
                span: Span::NONE,
            }),
            span: Span::NONE,
        };
        let mut resources = objects(&["v1 Namespace n", "v1 ConfigMap c", "a.io/v1 Thing t"]);
        sort(&mut resources, Some(&options), Reorder::None).unwrap();
        let expected = ["a.io/v1 Thing t", "v1 ConfigMap c", "v1 Namespace n"];
        assert_eq!(ids(&resources), expected);
    }

    #[test]
    fn only_two_orders_are_known() {
        for order in [None, Some(text("alphabetic"))] {
            let options = SortOptions {
                order,
                legacy: None,
                span: Span::NONE,
            };
            let result = sort(&mut ResMap::default(), Some(&options), Reorder::Legacy);
            assert_eq!(result.unwrap_err().code, codes::INVALID_ORDER);
        }
    }
}
