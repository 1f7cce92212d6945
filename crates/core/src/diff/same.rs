use rustc_hash::FxHashMap;
use tidegate_yaml::{Node, to_json};

use super::fields::path_text;
use super::objects::ObjectChange;

/// A change that several clusters have.
#[derive(Clone, Debug)]
pub struct InClusters {
    /// The change, as it is in the first of them.
    pub change: ObjectChange,
    /// The clusters, as indices of the list that was given.
    pub clusters: Vec<usize>,
}

/// Puts the changes of several clusters together: each change once, sorted by kind, namespace and name. Of
/// several changes of one object, the one that most clusters have comes first.
pub fn same_in_clusters(clusters: Vec<Vec<ObjectChange>>) -> Vec<InClusters> {
    let mut out: Vec<InClusters> = Vec::new();
    let mut places = FxHashMap::default();
    for (cluster, changes) in clusters.into_iter().enumerate() {
        for change in changes {
            let place = *places.entry(fingerprint(&change)).or_insert(out.len());
            match out.get_mut(place) {
                Some(known) => known.clusters.push(cluster),
                None => out.push(InClusters {
                    change,
                    clusters: vec![cluster],
                }),
            }
        }
    }
    out.sort_by_cached_key(|one| {
        let subject = one.change.subject();
        let clusters = std::cmp::Reverse(one.clusters.len());
        (subject.kind, subject.namespace, subject.name, clusters)
    });
    out
}

/// A text that is equal for equal changes.
fn fingerprint(change: &ObjectChange) -> String {
    let subject = change.subject();
    let mut out = format!("{:?} {} {subject}", change.change, subject.api_version);
    let side = |out: &mut String, node: Option<&Node>| {
        out.push('\n');
        if let Some(node) = node {
            out.push_str(&to_json(node).unwrap_or_default());
        }
    };
    if change.fields.is_empty() {
        side(&mut out, change.node());
    }
    for field in change.fields.iter() {
        out.push('\n');
        out.push_str(&path_text(&field.path));
        side(&mut out, field.before.as_ref());
        side(&mut out, field.after.as_ref());
    }
    out
}
