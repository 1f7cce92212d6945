use tidegate_yaml::Node;

use super::{Danger, DangerKind};
use crate::diff::objects::{Change, ObjectChange};
use crate::render::{Applied, Applier, ClusterRender};

/// Kinds that hold data: what is deleted with them is lost. The group of each, and the name.
const KINDS: &[(&str, &str)] = &[
    ("", "Namespace"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("acid.zalan.do", "postgresql"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apps", "StatefulSet"),
    ("ceph.rook.io", "CephBlockPool"),
    ("ceph.rook.io", "CephCluster"),
    ("ceph.rook.io", "CephFilesystem"),
    ("ceph.rook.io", "CephObjectStore"),
    ("clickhouse.altinity.com", "ClickHouseInstallation"),
    ("databases.spotahome.com", "RedisFailover"),
    ("dragonflydb.io", "Dragonfly"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"),
    ("k8s.mariadb.com", "MariaDB"),
    ("kafka.strimzi.io", "Kafka"),
    ("kafka.strimzi.io", "KafkaNodePool"),
    ("kafka.strimzi.io", "KafkaTopic"),
    ("longhorn.io", "Volume"),
    ("minio.min.io", "Tenant"),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"),
    ("objectbucket.io", "ObjectBucketClaim"),
    ("postgresql.cnpg.io", "Cluster"),
    ("postgresql.cnpg.io", "Database"),
    ("psmdb.percona.com", "PerconaServerMongoDB"),
    ("pxc.percona.com", "PerconaXtraDBCluster"),
    ("redis.redis.opstreelabs.in", "Redis"),
    ("redis.redis.opstreelabs.in", "RedisCluster"),
];

pub(super) fn find(change: &ObjectChange, before: &ClusterRender, dangers: &mut Vec<Danger>) {
    let (Change::Removed | Change::Renamed, Some((object, applied))) =
        (change.change, &change.before)
    else {
        return;
    };
    let text = |path: &[&str]| object.at(path).and_then(Node::text).unwrap_or_default();
    let group = text(&["apiVersion"])
        .split_once('/')
        .map_or("", |(group, _)| group);
    let kind = text(&["kind"]);
    if !KINDS.contains(&(group, kind)) || !is_pruned(object, &before.applied[*applied]) {
        return;
    }
    let what = match kind {
        "Namespace" => "with all that is in it",
        "CustomResourceDefinition" => "with all objects of its kind",
        "StatefulSet" => {
            "and its claims with it where `persistentVolumeClaimRetentionPolicy` says so"
        }
        _ => "and what it holds with it",
    };
    dangers.push(Danger {
        kind: DangerKind::DataPruned,
        path: Vec::new(),
        message: format!("Flux will delete this {kind}, {what}"),
    });
}

/// Whether Flux deletes an object that it no longer finds.
fn is_pruned(object: &Node, by: &Applied) -> bool {
    let annotation = |key| object.at(&["metadata", "annotations", key])?.text();
    match &by.by {
        Applier::Entry => false,
        Applier::Kustomization(one) => {
            annotation("kustomize.toolkit.fluxcd.io/prune") != Some("disabled")
                && one.spec("prune").and_then(Node::text) == Some("true")
        }
        Applier::ResourceSet(_) => annotation("fluxcd.controlplane.io/prune") != Some("disabled"),
        Applier::HelmRelease(_) => annotation("helm.sh/resource-policy") != Some("keep"),
    }
}
