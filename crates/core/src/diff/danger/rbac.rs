use std::collections::BTreeSet;

use tidegate_yaml::Node;

use super::{Danger, DangerKind};
use crate::diff::fields::Segment;
use crate::diff::objects::{Change, ObjectChange};

/// Most permissions that a message names.
const MOST_NAMED: usize = 3;

pub(super) fn find(change: &ObjectChange, dangers: &mut Vec<Danger>) {
    let subject = change.subject();
    let is_rbac = subject
        .api_version
        .starts_with("rbac.authorization.k8s.io/");
    let Some((after, _)) = change.after.as_ref().filter(|_| is_rbac) else {
        return;
    };
    let before = match change.change {
        Change::Added | Change::Changed => change.before.as_ref().map(|(node, _)| node),
        // In another namespace it is another one; of another name it gives the same.
        Change::Renamed if namespace(change) => None,
        Change::Removed | Change::Renamed | Change::Moved => return,
    };
    let (key, message) = match subject.kind.as_str() {
        "Role" | "ClusterRole" => {
            let old: BTreeSet<String> = before.map(aggregated_to).unwrap_or_default();
            let more: Vec<String> = aggregated_to(after).difference(&old).cloned().collect();
            if !more.is_empty() {
                dangers.push(Danger {
                    kind: DangerKind::RbacWidened,
                    path: vec![
                        Segment::Key("metadata".into()),
                        Segment::Key("labels".into()),
                    ],
                    message: format!("what it allows is added to {}", more.join(", ")),
                });
            }
            // A role that is new gives nothing to anyone: its bindings do.
            let Some(before) = before else {
                return;
            };
            let (old, new) = (permissions(before), permissions(after));
            let more: Vec<&Permission> = new.iter().filter(|one| !is_given(&old, one)).collect();
            ("rules", more_allowed(&more))
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let old: BTreeSet<String> = before.map(subjects).unwrap_or_default();
            let new = subjects(after);
            let more: Vec<&str> = new.difference(&old).map(String::as_str).collect();
            let role = |node: &Node| role(node).unwrap_or_default();
            let message = match before {
                Some(before) if role(before) != role(after) && !new.is_empty() => {
                    Some(format!("its subjects get {}", role(after)))
                }
                _ if more.is_empty() => None,
                _ => Some(format!("{} get {}", more.join(", "), role(after))),
            };
            ("subjects", message)
        }
        _ => return,
    };
    dangers.extend(message.map(|message| Danger {
        kind: DangerKind::RbacWidened,
        path: vec![Segment::Key(key.into())],
        message,
    }));
}

/// Whether an object gets another namespace.
fn namespace(change: &ObjectChange) -> bool {
    change
        .was()
        .is_some_and(|was| was.namespace != change.subject().namespace)
}

/// The cluster roles that a role is added to: `admin` for `aggregate-to-admin`.
fn aggregated_to(role: &Node) -> BTreeSet<String> {
    const PREFIX: &str = "rbac.authorization.k8s.io/aggregate-to-";
    let labels = role.at(&["metadata", "labels"]).and_then(Node::as_map);
    let labels = labels.into_iter().flat_map(|labels| labels.iter());
    labels
        .filter(|label| label.value.text() == Some("true"))
        .filter_map(|label| Some(label.key.text()?.strip_prefix(PREFIX)?.to_owned()))
        .collect()
}

/// A verb on a resource, or on a path of the API server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Permission {
    verb: String,
    group: String,
    resource: String,
    /// Empty for all of them.
    name: String,
}

fn permissions(role: &Node) -> BTreeSet<Permission> {
    let texts = |rule: &Node, key: &str| -> Vec<String> {
        let list = rule.get(key).and_then(Node::as_seq);
        list.into_iter()
            .flatten()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect()
    };
    let mut out = BTreeSet::new();
    for rule in role
        .get("rules")
        .and_then(Node::as_seq)
        .into_iter()
        .flatten()
    {
        let mut names = texts(rule, "resourceNames");
        if names.is_empty() {
            names.push(String::new());
        }
        for verb in texts(rule, "verbs") {
            for group in texts(rule, "apiGroups") {
                for resource in texts(rule, "resources") {
                    for name in &names {
                        out.insert(Permission {
                            verb: verb.clone(),
                            group: group.clone(),
                            resource: resource.clone(),
                            name: name.clone(),
                        });
                    }
                }
            }
            for url in texts(rule, "nonResourceURLs") {
                out.insert(Permission {
                    verb: verb.clone(),
                    group: String::new(),
                    resource: url,
                    name: String::new(),
                });
            }
        }
    }
    out
}

/// Whether permissions hold one, as it is or within a wider one.
fn is_given(all: &BTreeSet<Permission>, one: &Permission) -> bool {
    let covers = |wide: &str, narrow: &str| wide == "*" || wide == narrow;
    let widest = |text: &str| [text.to_owned(), "*".to_owned()];
    // Few permissions are as wide: they are looked up rather than searched for.
    let mut wider = Vec::new();
    for verb in widest(&one.verb) {
        for group in widest(&one.group) {
            for resource in widest(&one.resource) {
                for name in [String::new(), one.name.clone()] {
                    wider.push(Permission {
                        verb: verb.clone(),
                        group: group.clone(),
                        resource: resource.clone(),
                        name,
                    });
                }
            }
        }
    }
    wider
        .iter()
        .any(|wide| all.contains(wide) && covers(&wide.verb, &one.verb))
}

fn more_allowed(more: &[&Permission]) -> Option<String> {
    let named: Vec<String> = more
        .iter()
        .take(MOST_NAMED)
        .map(|one| match (one.group.as_str(), one.name.as_str()) {
            ("", "") => format!("{} {}", one.verb, one.resource),
            ("", name) => format!("{} {}/{name}", one.verb, one.resource),
            (group, "") => format!("{} {}.{group}", one.verb, one.resource),
            (group, name) => format!("{} {}.{group}/{name}", one.verb, one.resource),
        })
        .collect();
    let rest = match more.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    (!more.is_empty()).then(|| format!("it allows more than before: {}{rest}", named.join(", ")))
}

fn subjects(binding: &Node) -> BTreeSet<String> {
    let list = binding.get("subjects").and_then(Node::as_seq);
    let text = |node: &Node, key: &str| {
        node.get(key)
            .and_then(Node::text)
            .unwrap_or_default()
            .to_owned()
    };
    let one = |subject: &Node| {
        let (kind, name, namespace) = (
            text(subject, "kind"),
            text(subject, "name"),
            text(subject, "namespace"),
        );
        match namespace.is_empty() {
            true => format!("{kind} {name}"),
            false => format!("{kind} {namespace}/{name}"),
        }
    };
    list.into_iter().flatten().map(one).collect()
}

fn role(binding: &Node) -> Option<String> {
    let role = binding.get("roleRef")?;
    Some(format!(
        "{} {}",
        role.get("kind")?.text()?,
        role.get("name")?.text()?
    ))
}
