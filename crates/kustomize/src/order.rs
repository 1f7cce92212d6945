//! The order of the output.

use rustc_hash::FxHashMap;
use tidegate_source::Diagnostic;

use crate::kustomization::{LegacySortOptions, SortOptions};
use crate::resource::{Gvk, ResId, ResMap, Resource};
use crate::{Reorder, Result, codes};

const FIRST: [&str; 22] = [
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
const LAST: [&str; 2] = [
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
            fill(&mut ranks, FIRST.iter().copied(), LAST.iter().copied());
        }
        Some(options) => {
            let first = options.first.iter().map(|kind| kind.as_str());
            let last = options.last.iter().map(|kind| kind.as_str());
            fill(&mut ranks, first, last);
        }
    }
    let rank = |gvk: &Gvk| ranks.get(gvk.kind.as_str()).copied().unwrap_or(0);
    let key = |resource: &Resource| {
        let id = resource.id();
        (rank(&id.gvk), gvk_key(&id.gvk), id_key(id))
    };
    resources.resources_mut().sort_by_cached_key(key);
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

/// Kinds of equal rank are ordered by this text. Namespaces of the core group come before whatever
/// else is called Namespace.
fn gvk_key(gvk: &Gvk) -> (bool, String) {
    let part = |text: &str, none: &str| if text.is_empty() { none } else { text }.to_owned();
    let group = part(&gvk.group, "~G");
    let version = part(&gvk.version, "~V");
    let kind = part(&gvk.kind, "~K");
    let other = gvk.kind == "Namespace" && !gvk.group.is_empty();
    (other, format!("{group}_{version}_{kind}"))
}

fn id_key(id: &ResId) -> String {
    let part = |text: &str, none: &str| if text.is_empty() { none } else { text }.to_owned();
    let namespace = part(&id.namespace, "~X");
    let name = part(&id.name, "~N");
    format!("{}|{namespace}|{name}", id.gvk)
}
