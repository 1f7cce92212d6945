use tidegate_source::Subject;
use tidegate_yaml::Node;

use super::prune::{Pruning, name};
use super::{Danger, DangerKind};
use crate::diff::objects::{Change, ObjectChange};
use crate::render::ClusterRender;

/// Kinds that hold data: what is deleted with them is lost. The group of each, and the name.
const KINDS: &[(&str, &str)] = &[
    ("", "Namespace"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("acid.zalan.do", "postgresql"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apps", "StatefulSet"),
    ("cassandra.datastax.com", "CassandraDatacenter"),
    ("ceph.rook.io", "CephBlockPool"),
    ("ceph.rook.io", "CephCluster"),
    ("ceph.rook.io", "CephFilesystem"),
    ("ceph.rook.io", "CephObjectStore"),
    ("clickhouse.altinity.com", "ClickHouseInstallation"),
    ("couchbase.com", "CouchbaseCluster"),
    ("crdb.cockroachlabs.com", "CrdbCluster"),
    ("databases.spotahome.com", "RedisFailover"),
    ("dragonflydb.io", "Dragonfly"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"),
    ("garage.rajsingh.info", "GarageCluster"),
    ("k8s.mariadb.com", "MariaDB"),
    ("kafka.strimzi.io", "Kafka"),
    ("kafka.strimzi.io", "KafkaNodePool"),
    ("kafka.strimzi.io", "KafkaTopic"),
    ("kubegres.reactive-tech.io", "Kubegres"),
    ("longhorn.io", "Volume"),
    ("minio.min.io", "Tenant"),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"),
    ("mysql.oracle.com", "InnoDBCluster"),
    ("objectbucket.io", "ObjectBucketClaim"),
    ("opensearch.opster.io", "OpenSearchCluster"),
    ("pgv2.percona.com", "PerconaPGCluster"),
    ("pingcap.com", "TidbCluster"),
    ("planetscale.com", "VitessCluster"),
    ("postgres-operator.crunchydata.com", "PostgresCluster"),
    ("postgresql.cnpg.io", "Cluster"),
    ("postgresql.cnpg.io", "Database"),
    ("ps.percona.com", "PerconaServerMySQL"),
    ("psmdb.percona.com", "PerconaServerMongoDB"),
    ("pxc.percona.com", "PerconaXtraDBCluster"),
    ("rabbitmq.com", "RabbitmqCluster"),
    ("redis.redis.opstreelabs.in", "Redis"),
    ("redis.redis.opstreelabs.in", "RedisCluster"),
    ("scylla.scylladb.com", "ScyllaCluster"),
    ("snapshot.storage.k8s.io", "VolumeSnapshot"),
];

pub(super) fn find(
    change: &ObjectChange,
    pruning: &Pruning<'_>,
    (before, after): (&ClusterRender, &ClusterRender),
    dangers: &mut Vec<Danger>,
) {
    let Some((object, applied)) = &change.before else {
        return;
    };
    if !holds_data(object) || !pruning.deletes(object, *applied) {
        return;
    }
    let kind = object.get("kind").and_then(Node::text).unwrap_or_default();
    let what = match kind {
        "Namespace" => "with all that is in it",
        "CustomResourceDefinition" => "with all objects of its kind",
        "StatefulSet" => {
            "and its claims with it where `persistentVolumeClaimRetentionPolicy` says so"
        }
        _ => "and what it holds with it",
    };
    let message = match (change.change, &change.after) {
        (Change::Removed | Change::Renamed, _) => {
            format!("Flux will delete this {kind}, {what}")
        }
        (Change::Moved | Change::Changed, Some((_, new))) => {
            let by = |render: &ClusterRender, index: usize| -> Option<Subject> {
                render.applied[index].by.subject().cloned()
            };
            let (old, new) = (by(before, *applied), by(after, *new));
            if old.as_ref().map(name) == new.as_ref().map(name) {
                return;
            }
            let said = |by: &Option<Subject>| match by {
                Some(by) => by.to_string(),
                None => "the entry".to_owned(),
            };
            let (old, new) = (said(&old), said(&new));
            format!(
                "Flux may delete this {kind}, {what}: where {old} comes before {new}, it goes and is made anew"
            )
        }
        _ => return,
    };
    dangers.push(Danger {
        kind: DangerKind::DataPruned,
        path: Vec::new(),
        message,
    });
}

fn holds_data(object: &Node) -> bool {
    let text = |path: &[&str]| object.at(path).and_then(Node::text).unwrap_or_default();
    let (group, _) = text(&["apiVersion"]).split_once('/').unwrap_or_default();
    match (group, text(&["kind"])) {
        // Without a word it outlives its object.
        ("postgresql.cnpg.io", "Database") => text(&["spec", "databaseReclaimPolicy"]) == "delete",
        kind => KINDS.contains(&kind),
    }
}
