use std::fmt;

use tidegate_golang::quote;

/// What templates are told of the cluster: `.Capabilities`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: KubeVersion,
    /// `group/version` and, where it is known, `group/version/Kind`, in order.
    pub api_versions: Vec<String>,
    /// The version of Helm, such as `v4.3.1`.
    pub helm_version: String,
}

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// As it was given, with a `v`: `v1.33.4-gke.1245000`.
    pub version: String,
    /// What `kubeVersion` of a chart is compared with: numbers alone, `v1.33.4`.
    pub normalized: String,
    /// The first number.
    pub major: String,
    /// The second number.
    pub minor: String,
}

impl KubeVersion {
    /// Reads a version as `--kube-version` takes it: numbers with points between them, of which the first three
    /// count, after a `v` or not, and whatever follows.
    ///
    /// Source: `ParseGeneric` of `k8s.io/apimachinery/pkg/util/version`.
    pub fn parse(text: &str) -> Result<KubeVersion, BadKubeVersion> {
        let shown = quote(text.as_bytes());
        let rest = text.trim_start();
        let mut rest = rest.strip_prefix('v').unwrap_or(rest);
        let mut parts: Vec<&str> = Vec::new();
        loop {
            let end = rest.find(|char: char| !char.is_ascii_digit());
            let (digits, behind) = rest.split_at(end.unwrap_or(rest.len()));
            if digits.is_empty() {
                break;
            }
            parts.push(digits);
            match behind.strip_prefix('.') {
                Some(more) => rest = more,
                None => break,
            }
        }
        match parts.as_slice() {
            [] => {
                return Err(BadKubeVersion(format!(
                    "could not parse {shown} as version"
                )));
            }
            [_] => return Err(BadKubeVersion(format!("illegal version string {shown}"))),
            [first, ..] if first.len() > 1 && first.starts_with('0') => {
                return Err(BadKubeVersion(format!(
                    "illegal zero-prefixed version component \"{first}\" in {shown}"
                )));
            }
            _ => {}
        }
        let refused = |part: &str| {
            BadKubeVersion(format!(
                "illegal non-numeric version component \"{part}\" in {shown}"
            ))
        };
        let read = parts.iter();
        let read = read.map(|part| part.parse::<u64>().map_err(|_| refused(part)));
        let read: Vec<u64> = read.collect::<Result<_, _>>()?;
        let normalized: Vec<String> = read.iter().map(u64::to_string).collect();
        Ok(KubeVersion {
            version: match text.starts_with('v') {
                true => text.to_owned(),
                false => format!("v{text}"),
            },
            normalized: format!("v{}", normalized.join(".")),
            major: read[0].to_string(),
            minor: read[1].to_string(),
        })
    }
}

/// A version of Kubernetes that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadKubeVersion(pub String);

impl fmt::Display for BadKubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadKubeVersion {}

/// What client-go of Helm 4.3.1 knows, in its order.
const KNOWN: [&str; 57] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

impl Default for Capabilities {
    /// What `helm template` assumes where nothing is said: Helm 4.3.1 and Kubernetes 1.37.
    fn default() -> Capabilities {
        Capabilities {
            kube_version: KubeVersion {
                version: "v1.37.0".to_owned(),
                normalized: "v1.37.0".to_owned(),
                major: "1".to_owned(),
                minor: "37".to_owned(),
            },
            api_versions: KNOWN.map(str::to_owned).to_vec(),
            helm_version: "v4.3.1".to_owned(),
        }
    }
}

impl Capabilities {
    /// Whether a `group/version` or `group/version/Kind` is there: `.Capabilities.APIVersions.Has`.
    pub fn has(&self, api_version: &str) -> bool {
        self.api_versions.iter().any(|known| known == api_version)
    }
}
