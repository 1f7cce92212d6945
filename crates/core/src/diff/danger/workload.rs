use tidegate_yaml::Node;

use super::{Danger, DangerKind};
use crate::diff::fields::{FieldChange, Segment, path_text};
use crate::diff::objects::{Change, ObjectChange};

const SUSPENDED: &str = "it will be suspended: nothing acts on it until that is taken back";

/// Annotations that have Flux leave an object as it is, where they say `disabled`.
const RECONCILE: [&str; 2] = [
    "fluxcd.controlplane.io/reconcile",
    "kustomize.toolkit.fluxcd.io/reconcile",
];

pub(super) fn find(change: &ObjectChange, dangers: &mut Vec<Danger>) {
    if change.change != Change::Changed {
        return;
    }
    for field in change.fields.iter() {
        let found = match field.path.last() {
            Some(Segment::Key(key)) => match key.as_str() {
                "image" | "imageName" => image(field),
                "tag" | "digest" | "repository" if is_part_of_image(field) => image(field),
                "replicas" | "replicaCount" | "instances" => to_zero(field),
                "suspend" => suspended(field),
                "annotations" => disabled(field, |node| {
                    let mut found = RECONCILE.iter().filter_map(|key| node.get(key));
                    found.any(is_disabled)
                }),
                key if RECONCILE.contains(&key) => disabled(field, is_disabled),
                _ => None,
            },
            _ => None,
        };
        dangers.extend(found.map(|(kind, message)| Danger {
            kind,
            path: field.path.clone(),
            message,
        }));
    }
}

fn text(node: Option<&Node>) -> Option<&str> {
    node?.text()
}

/// Values of charts say images in parts: `image: {repository, tag}`.
fn is_part_of_image(field: &FieldChange) -> bool {
    let mut above = field.path.iter().rev().skip(1);
    matches!(above.next(), Some(Segment::Key(key)) if key.to_lowercase().ends_with("image"))
}

fn image(field: &FieldChange) -> Option<(DangerKind, String)> {
    let (before, after) = (text(field.before.as_ref())?, text(field.after.as_ref())?);
    Some((
        DangerKind::Image,
        format!("another image runs: {before} becomes {after}"),
    ))
}

fn to_zero(field: &FieldChange) -> Option<(DangerKind, String)> {
    let was_zero = text(field.before.as_ref()) == Some("0");
    let is_zero = text(field.after.as_ref()) == Some("0");
    let message = format!(
        "`{}` becomes 0: nothing runs any more",
        path_text(&field.path)
    );
    (is_zero && !was_zero).then_some((DangerKind::ReplicasZero, message))
}

fn suspended(field: &FieldChange) -> Option<(DangerKind, String)> {
    let is_true = |node: Option<&Node>| text(node) == Some("true");
    let now = is_true(field.after.as_ref()) && !is_true(field.before.as_ref());
    now.then(|| (DangerKind::Suspended, SUSPENDED.to_owned()))
}

fn disabled(field: &FieldChange, says: impl Fn(&Node) -> bool) -> Option<(DangerKind, String)> {
    let now = field.after.as_ref().is_some_and(&says) && !field.before.as_ref().is_some_and(says);
    now.then(|| (DangerKind::Suspended, SUSPENDED.to_owned()))
}

fn is_disabled(node: &Node) -> bool {
    node.text()
        .is_some_and(|value| value.eq_ignore_ascii_case("disabled"))
}
