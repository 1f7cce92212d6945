use smol_str::{SmolStr, format_smolstr};

use super::{Lifecycle, Project, Release, Replacement};

/// Versions of one kind, or of several of a group, that are not of the generated table.
struct Row {
    project: Project,
    group: &'static str,
    /// Separated by blanks.
    kinds: &'static str,
    version: &'static str,
    deprecated: Option<Release>,
    removed: Option<Release>,
    /// A version of the same kind, or `apiVersion kind`; empty where there is none.
    replacement: &'static str,
}

const fn row(
    project: Project,
    group: &'static str,
    kinds: &'static str,
    version: &'static str,
    [deprecated, removed]: [Option<Release>; 2],
    replacement: &'static str,
) -> Row {
    Row {
        project,
        group,
        kinds,
        version,
        deprecated,
        removed,
        replacement,
    }
}

const fn since(major: u32, minor: u32) -> Option<Release> {
    Some(Release(major, minor))
}

const SECRETS: Project = Project::Other("External Secrets");
const CERT_MANAGER: Project = Project::Other("cert-manager");
const FLAGGER: Project = Project::Other("Flagger");
const GATEWAY: Project = Project::Other("Gateway API");
const TRAEFIK: Project = Project::Other("Traefik");
const SNAPSHOTS: Project = Project::Other("the snapshot controller");

const SOURCE: &str = "source.toolkit.fluxcd.io";
const NOTIFICATION: &str = "notification.toolkit.fluxcd.io";
const IMAGE: &str = "image.toolkit.fluxcd.io";
const HELM: &str = "helm.toolkit.fluxcd.io";
const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";

/// Of Kubernetes: kinds that no module has any more, and what its servers say of v1 kinds. Of the others:
/// their changelogs and the markers in their API modules.
#[rustfmt::skip]
const ROWS: [Row; 36] = [
    row(Project::Kubernetes, "", "Endpoints", "v1", [since(1, 33), None], "discovery.k8s.io/v1 EndpointSlice"),
    row(Project::Kubernetes, "", "ComponentStatus", "v1", [since(1, 19), None], ""),
    row(Project::Kubernetes, "policy", "PodSecurityPolicy", "v1beta1", [since(1, 21), since(1, 25)], ""),
    row(Project::Kubernetes, "extensions", "PodSecurityPolicy", "v1beta1", [since(1, 10), since(1, 16)], ""),
    row(Project::Kubernetes, "settings.k8s.io", "PodPreset", "v1alpha1", [None, since(1, 20)], ""),
    row(Project::Kubernetes, "auditregistration.k8s.io", "AuditSink", "v1alpha1", [None, since(1, 19)], ""),
    row(Project::Flux, SOURCE, "GitRepository HelmRepository HelmChart Bucket", "v1beta1", [since(2, 0), since(2, 7)], "v1"),
    row(Project::Flux, SOURCE, "GitRepository", "v1beta2", [since(2, 0), since(2, 8)], "v1"),
    row(Project::Flux, SOURCE, "HelmRepository HelmChart", "v1beta2", [since(2, 3), since(2, 8)], "v1"),
    row(Project::Flux, SOURCE, "Bucket", "v1beta2", [since(2, 4), since(2, 8)], "v1"),
    row(Project::Flux, SOURCE, "OCIRepository", "v1beta2", [since(2, 6), since(2, 8)], "v1"),
    row(Project::Flux, KUSTOMIZE, "Kustomization", "v1beta1", [since(2, 0), since(2, 7)], "v1"),
    row(Project::Flux, KUSTOMIZE, "Kustomization", "v1beta2", [since(2, 0), since(2, 8)], "v1"),
    row(Project::Flux, HELM, "HelmRelease", "v2beta1", [since(2, 2), since(2, 7)], "v2"),
    row(Project::Flux, HELM, "HelmRelease", "v2beta2", [since(2, 3), since(2, 8)], "v2"),
    row(Project::Flux, NOTIFICATION, "Receiver", "v1beta1", [since(2, 0), since(2, 7)], "v1"),
    row(Project::Flux, NOTIFICATION, "Alert Provider", "v1beta1", [since(2, 0), since(2, 7)], "v1beta3"),
    row(Project::Flux, NOTIFICATION, "Receiver", "v1beta2", [since(2, 0), since(2, 9)], "v1"),
    row(Project::Flux, NOTIFICATION, "Alert Provider", "v1beta2", [since(2, 2), since(2, 9)], "v1beta3"),
    row(Project::Flux, NOTIFICATION, "Alert Provider", "v1beta3", [since(2, 10), None], "v1"),
    row(Project::Flux, IMAGE, "ImageRepository ImagePolicy ImageUpdateAutomation", "v1alpha1", [since(2, 0), since(2, 7)], "v1"),
    row(Project::Flux, IMAGE, "ImageRepository ImagePolicy ImageUpdateAutomation", "v1beta1", [since(2, 3), since(2, 7)], "v1"),
    row(Project::Flux, IMAGE, "ImageRepository ImagePolicy ImageUpdateAutomation", "v1beta2", [since(2, 7), since(2, 9)], "v1"),
    row(SECRETS, "external-secrets.io", "ExternalSecret ClusterExternalSecret SecretStore ClusterSecretStore", "v1alpha1", [None, since(0, 16)], "v1"),
    row(SECRETS, "external-secrets.io", "ExternalSecret ClusterExternalSecret SecretStore ClusterSecretStore", "v1beta1", [since(0, 16), since(0, 17)], "v1"),
    row(CERT_MANAGER, "cert-manager.io", "Certificate CertificateRequest Issuer ClusterIssuer", "v1alpha2", [since(1, 4), since(1, 6)], "v1"),
    row(CERT_MANAGER, "cert-manager.io", "Certificate CertificateRequest Issuer ClusterIssuer", "v1alpha3", [since(1, 4), since(1, 6)], "v1"),
    row(CERT_MANAGER, "cert-manager.io", "Certificate CertificateRequest Issuer ClusterIssuer", "v1beta1", [since(1, 4), since(1, 6)], "v1"),
    row(FLAGGER, "flagger.app", "Canary", "v1alpha3", [since(1, 0), since(1, 0)], "v1beta1"),
    row(GATEWAY, "gateway.networking.k8s.io", "GatewayClass Gateway HTTPRoute", "v1alpha2", [since(0, 5), since(1, 0)], "v1"),
    row(GATEWAY, "gateway.networking.k8s.io", "GRPCRoute", "v1alpha2", [since(1, 1), since(1, 2)], "v1"),
    row(GATEWAY, "gateway.networking.k8s.io", "ReferenceGrant", "v1alpha2", [since(0, 6), since(1, 2)], "v1beta1"),
    row(GATEWAY, "gateway.networking.k8s.io", "TCPRoute UDPRoute TLSRoute", "v1alpha2", [None, None], "v1"),
    row(GATEWAY, "gateway.networking.k8s.io", "BackendTLSPolicy TLSRoute", "v1alpha3", [None, None], "v1"),
    row(TRAEFIK, "traefik.containo.us", "IngressRoute IngressRouteTCP IngressRouteUDP Middleware MiddlewareTCP TLSOption TLSStore TraefikService ServersTransport", "v1alpha1", [since(2, 10), since(3, 0)], "traefik.io/v1alpha1"),
    row(SNAPSHOTS, "snapshot.storage.k8s.io", "VolumeSnapshot VolumeSnapshotClass VolumeSnapshotContent", "v1beta1", [since(4, 0), None], "v1"),
];

/// The rows by group, version and kind.
pub(super) fn all() -> impl Iterator<Item = (SmolStr, SmolStr, Lifecycle)> {
    ROWS.iter().flat_map(|row| {
        row.kinds
            .split(' ')
            .map(|kind| (kind.into(), row.version.into(), row.lifecycle(kind)))
    })
}

impl Row {
    fn lifecycle(&self, kind: &str) -> Lifecycle {
        let replacement = match self.replacement.split_once(' ') {
            Some((api_version, kind)) => Some((api_version.into(), kind)),
            None if self.replacement.contains('/') => Some((self.replacement.into(), kind)),
            None if self.replacement.is_empty() => None,
            None => Some((format_smolstr!("{}/{}", self.group, self.replacement), kind)),
        };
        Lifecycle {
            group: self.group.into(),
            project: self.project,
            deprecated: self.deprecated,
            removed: self.removed,
            replacement: replacement.map(|(api_version, kind)| Replacement {
                api_version,
                kind: kind.into(),
            }),
        }
    }
}
