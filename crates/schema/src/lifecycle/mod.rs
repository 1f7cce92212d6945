//! What becomes of versions of kinds: since when one is deprecated, when it is no longer served, and
//! what to use instead.

mod known;

use std::fmt;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::catalog::{Catalog, Deprecated, Kind, KubernetesVersion, Lookup, field};

/// One line for each version of a kind of Kubernetes that is or will be deprecated or removed, as
/// `cargo xtask schemas lifecycle` writes them.
const KUBERNETES: &str = include_str!("../../../../schemas/lifecycle.jsonl");

/// Whose releases say when a version of a kind goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Project {
    /// Kubernetes itself.
    Kubernetes,
    /// Flux.
    Flux,
    /// Another one, by its name. Which of its releases a cluster runs is not known.
    Other(&'static str),
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Project::Kubernetes => "Kubernetes",
            Project::Flux => "Flux",
            Project::Other(name) => name,
        })
    }
}

/// A release by its first two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release(pub u32, pub u32);

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// What is to be used in place of a version of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Its `apiVersion`.
    pub api_version: SmolStr,
    /// Its `kind`.
    pub kind: SmolStr,
}

/// What becomes of a version of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// The group of the kind.
    pub group: SmolStr,
    /// Whose releases these are.
    pub project: Project,
    /// The first release in which it is deprecated.
    pub deprecated: Option<Release>,
    /// The first release that does not serve it.
    pub removed: Option<Release>,
    /// What to use instead, where there is something.
    pub replacement: Option<Replacement>,
}

/// How a version of a kind stands in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known against it.
    Current,
    /// It is served, and will go.
    Deprecated(Lifecycle),
    /// It is served, and its own CustomResourceDefinition says that it is deprecated.
    DeprecatedByDefinition {
        /// What the API server says of it, where the definition has words of its own.
        warning: Option<SmolStr>,
        /// What to use instead, where that is clear.
        replacement: Option<Replacement>,
    },
    /// It is not served any more.
    Removed(Lifecycle),
    /// The API server serves it only where it is told to with `--runtime-config`; what it serves anyway.
    NotByDefault(Option<Replacement>),
    /// Only later releases of Kubernetes serve it; the first one that does.
    NotYet(KubernetesVersion),
}

/// What a cluster runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// The release of Kubernetes.
    pub kubernetes: KubernetesVersion,
    /// The release of Flux.
    pub flux: Release,
}

/// All that is known.
#[derive(Clone, Debug)]
pub struct Lifecycles {
    /// By kind: of a version and its group.
    all: FxHashMap<SmolStr, Vec<(SmolStr, Lifecycle)>>,
}

impl Lifecycles {
    /// What comes with tidegate: Kubernetes itself, Flux, and some that are widely used with it.
    pub fn known() -> Lifecycles {
        let mut lifecycles = Lifecycles {
            all: FxHashMap::default(),
        };
        for line in KUBERNETES.lines() {
            let text = |name: &str| field(line, name);
            let release = |name: &str| Some(Release(1, text(name)?.parse().ok()?));
            let [group, version, kind] =
                ["g", "v", "k"].map(|name| SmolStr::from(text(name).unwrap_or_default()));
            let replacement = text("r").and_then(|text| text.split_once(' '));
            let lifecycle = Lifecycle {
                group,
                project: Project::Kubernetes,
                deprecated: release("d"),
                removed: release("x"),
                replacement: replacement.map(|(api_version, kind)| Replacement {
                    api_version: api_version.into(),
                    kind: kind.into(),
                }),
            };
            lifecycles.add(kind, version, lifecycle);
        }
        for (kind, version, lifecycle) in known::all() {
            lifecycles.add(kind, version, lifecycle);
        }
        lifecycles
    }

    fn add(&mut self, kind: SmolStr, version: SmolStr, lifecycle: Lifecycle) {
        let of_kind = self.all.entry(kind).or_default();
        let same =
            |(of, known): &(SmolStr, Lifecycle)| *of == version && known.group == lifecycle.group;
        match of_kind.iter().position(same) {
            Some(at) => of_kind[at].1 = lifecycle,
            None => of_kind.push((version, lifecycle)),
        }
    }

    /// How a version of a kind stands in a cluster with that catalog.
    pub fn standing(
        &self,
        api_version: &str,
        kind: &str,
        catalog: &Catalog,
        running: Running,
    ) -> Standing {
        let is_off = catalog.is_off_by_default(api_version, kind);
        let not_by_default = || {
            let group = api_version.split_once('/').map_or("", |(group, _)| group);
            Standing::NotByDefault(stable(group, kind, catalog))
        };
        let Some(lifecycle) = self.find(api_version, kind) else {
            if let Some(Deprecated { warning }) = catalog.deprecated(api_version, kind) {
                let group = api_version.split_once('/').map_or("", |(group, _)| group);
                return Standing::DeprecatedByDefinition {
                    warning: warning.clone(),
                    replacement: current(group, kind, catalog),
                };
            }
            return match (is_off, catalog.served_later(api_version, kind)) {
                (true, _) => not_by_default(),
                (false, Some(version)) => Standing::NotYet(version),
                (false, None) => Standing::Current,
            };
        };
        let is_reached =
            |since: Option<Release>, release| since.is_some_and(|since: Release| since <= release);
        let (is_removed, is_deprecated) = match lifecycle.project {
            Project::Kubernetes => {
                let KubernetesVersion { major, minor } = running.kubernetes;
                let release = Release(major, minor);
                (
                    is_reached(lifecycle.removed, release),
                    is_reached(lifecycle.deprecated, release),
                )
            }
            // What a definition in the tree serves is served, whatever the release.
            Project::Flux => match catalog.find(api_version, kind) {
                Lookup::OtherVersion if !catalog.is_known(api_version, kind) => (true, true),
                Lookup::OtherVersion => (
                    is_reached(lifecycle.removed, running.flux),
                    is_reached(lifecycle.deprecated, running.flux),
                ),
                _ => (false, is_reached(lifecycle.deprecated, running.flux)),
            },
            Project::Other(_) => match catalog.find(api_version, kind) {
                Lookup::OtherVersion => (true, true),
                _ => (false, true),
            },
        };
        match (is_removed, is_deprecated) {
            (true, _) => Standing::Removed(self.with_replacement(lifecycle, kind, catalog)),
            _ if is_off => not_by_default(),
            (_, true) => Standing::Deprecated(self.with_replacement(lifecycle, kind, catalog)),
            _ => Standing::Current,
        }
    }

    fn find(&self, api_version: &str, kind: &str) -> Option<&Lifecycle> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let mut of_kind = self.all.get(kind)?.iter();
        let found = of_kind.find(|(of, lifecycle)| of == version && lifecycle.group == group);
        found.map(|(_, lifecycle)| lifecycle)
    }

    /// A lifecycle with a replacement that is served: what is to be used in place of a version may have
    /// gone itself.
    fn with_replacement(&self, of: &Lifecycle, kind: &str, catalog: &Catalog) -> Lifecycle {
        const LONGEST: usize = 4;
        let is_gone = |next: &Replacement| {
            matches!(
                catalog.find(&next.api_version, &next.kind),
                Lookup::OtherVersion
            )
        };
        let mut out = of.clone();
        for _ in 0..LONGEST {
            let next = out.replacement.as_ref().filter(|next| is_gone(next));
            let Some(next) = next.and_then(|next| self.find(&next.api_version, &next.kind)) else {
                break;
            };
            out.replacement.clone_from(&next.replacement);
        }
        if out.replacement.as_ref().is_none_or(is_gone)
            && let Some(served) = stable(&out.group, kind, catalog)
        {
            out.replacement = Some(served);
        }
        out
    }
}

/// The stable version of a kind that is served.
fn stable(group: &str, kind: &str, catalog: &Catalog) -> Option<Replacement> {
    catalog.stable(group, kind).map(replacement)
}

/// The version of a kind that is left where its definition deprecates the others.
fn current(group: &str, kind: &str, catalog: &Catalog) -> Option<Replacement> {
    catalog.only_current(group, kind).map(replacement)
}

fn replacement(kind: &Kind) -> Replacement {
    Replacement {
        api_version: kind.api_version().into(),
        kind: kind.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kubernetes: u32, flux: u32, object: &str, expected: &str) {
        let kubernetes = KubernetesVersion::new(1, kubernetes);
        let running = Running {
            kubernetes,
            flux: Release(2, flux),
        };
        let catalog = Catalog::known(kubernetes);
        let (api_version, kind) = object.split_once(' ').unwrap();
        let said = |standing: &str, of: Lifecycle| {
            let removed = of.removed.map_or_else(String::new, |at| format!(" {at}"));
            let instead = of
                .replacement
                .map(|to| format!(": {} {}", to.api_version, to.kind));
            format!("{standing}{removed}{}", instead.unwrap_or_default())
        };
        let found = match Lifecycles::known().standing(api_version, kind, &catalog, running) {
            Standing::Current => "current".to_owned(),
            Standing::NotYet(version) => format!("not before {version}"),
            Standing::NotByDefault(None) => "not by default".to_owned(),
            Standing::NotByDefault(Some(to)) => format!("not by default: {}", to.api_version),
            Standing::Deprecated(of) => said("deprecated", of),
            Standing::Removed(of) => said("removed", of),
            Standing::DeprecatedByDefinition { .. } => "deprecated by its definition".to_owned(),
        };
        assert_eq!(
            found, expected,
            "{object} in 1.{} and 2.{flux}",
            kubernetes.minor
        );
    }

    #[test]
    fn kubernetes() {
        check(35, 9, "apps/v1 Deployment", "current");
        check(
            35,
            9,
            "extensions/v1beta1 Deployment",
            "removed 1.16: apps/v1 Deployment",
        );
        check(
            35,
            9,
            "batch/v1beta1 CronJob",
            "removed 1.25: batch/v1 CronJob",
        );
        check(
            24,
            9,
            "batch/v1beta1 CronJob",
            "deprecated 1.25: batch/v1 CronJob",
        );
        let flow = "removed 1.29: flowcontrol.apiserver.k8s.io/v1 FlowSchema";
        check(
            35,
            9,
            "flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema",
            flow,
        );
        check(35, 9, "policy/v1beta1 PodSecurityPolicy", "removed 1.25");
        check(32, 9, "v1 Endpoints", "current");
        check(
            33,
            9,
            "v1 Endpoints",
            "deprecated: discovery.k8s.io/v1 EndpointSlice",
        );
        check(
            35,
            9,
            "resource.k8s.io/v1beta2 ResourceClaim",
            "not by default: resource.k8s.io/v1",
        );
        check(
            39,
            9,
            "resource.k8s.io/v1beta2 ResourceClaim",
            "removed 1.39: resource.k8s.io/v1 ResourceClaim",
        );
        check(35, 9, "example.com/v1 Thing", "current");
        let policy = "admissionregistration.k8s.io/v1 MutatingAdmissionPolicy";
        check(35, 9, policy, "not before 1.36");
        check(36, 9, policy, "current");
    }

    #[test]
    fn definitions() {
        let kind = "kustomize.toolkit.fluxcd.io/v1beta2 Kustomization";
        let v1 = "kustomize.toolkit.fluxcd.io/v1 Kustomization";
        check(35, 9, kind, &format!("removed 2.8: {v1}"));
        check(35, 7, kind, &format!("deprecated 2.8: {v1}"));
        check(35, 9, v1, "current");
        let alert = "notification.toolkit.fluxcd.io/v1beta3 Alert";
        check(35, 9, alert, "current");
        let secret = "external-secrets.io/v1beta1 ExternalSecret";
        check(
            35,
            9,
            secret,
            "removed 0.17: external-secrets.io/v1 ExternalSecret",
        );
        let route = "traefik.containo.us/v1alpha1 IngressRoute";
        check(
            35,
            9,
            route,
            "deprecated 3.0: traefik.io/v1alpha1 IngressRoute",
        );
    }

    #[test]
    fn a_definition_in_the_tree_goes_before_the_release() {
        let mut catalog = Catalog::known(KubernetesVersion::COMPARED);
        let crd = r#"{"kind":"CustomResourceDefinition","spec":{"group":"external-secrets.io",
            "names":{"kind":"ExternalSecret"},"versions":[{"name":"v1beta1","served":true}]}}"#;
        assert!(catalog.add_crd(&crate::json::read(crd).unwrap()));
        let running = Running {
            kubernetes: KubernetesVersion::COMPARED,
            flux: Release(2, 9),
        };
        let lifecycles = Lifecycles::known();
        let standing =
            |api_version| lifecycles.standing(api_version, "ExternalSecret", &catalog, running);
        assert!(matches!(
            standing("external-secrets.io/v1beta1"),
            Standing::Deprecated(_)
        ));
        assert!(matches!(
            standing("external-secrets.io/v1alpha1"),
            Standing::Removed(_)
        ));
    }

    #[test]
    fn a_definition_deprecates_its_own_versions() {
        let mut catalog = Catalog::known(KubernetesVersion::COMPARED);
        let crd = r#"{"kind":"CustomResourceDefinition","spec":{"group":"example.com",
            "names":{"kind":"Thing"},"versions":[{"name":"v1alpha1","served":true,"deprecated":true},
            {"name":"v1beta1","served":true,"deprecated":true,"deprecationWarning":"use v1beta2"},
            {"name":"v1beta2","served":true},{"name":"v1","served":false}]}}"#;
        assert!(catalog.add_crd(&crate::json::read(crd).unwrap()));
        let running = Running {
            kubernetes: KubernetesVersion::COMPARED,
            flux: Release(2, 9),
        };
        let lifecycles = Lifecycles::known();
        let check = |version: &str, expected: Option<Option<&str>>| {
            let api_version = format!("example.com/{version}");
            let found = lifecycles.standing(&api_version, "Thing", &catalog, running);
            let expected = expected.map_or(Standing::Current, |warning| {
                Standing::DeprecatedByDefinition {
                    warning: warning.map(SmolStr::from),
                    replacement: Some(Replacement {
                        api_version: "example.com/v1beta2".into(),
                        kind: "Thing".into(),
                    }),
                }
            });
            assert_eq!(found, expected);
        };
        check("v1alpha1", Some(None));
        check("v1beta1", Some(Some("use v1beta2")));
        check("v1beta2", None);
    }

    #[test]
    fn what_is_removed_is_not_in_the_catalog() {
        let lifecycles = Lifecycles::known();
        let newest = KubernetesVersion::NEWEST.minor;
        for minor in KubernetesVersion::OLDEST.minor..=newest {
            let catalog = Catalog::kubernetes(KubernetesVersion::new(1, minor));
            let all = lifecycles.all.iter();
            let all = all.flat_map(|(kind, of)| of.iter().map(move |of| (kind, of)));
            let mut all: Vec<_> = all.collect();
            all.sort_by_key(|(kind, (version, of))| (&of.group, version, *kind));
            for (kind, (version, lifecycle)) in all {
                let group = &lifecycle.group;
                let is_kubernetes = lifecycle.project == Project::Kubernetes;
                let removed = lifecycle.removed.filter(|_| is_kubernetes);
                if removed.is_some_and(|at| at <= Release(1, minor)) {
                    let api_version = format!("{group}/{version}");
                    let is_known = matches!(catalog.find(&api_version, kind), Lookup::Served(_))
                        || catalog.is_off_by_default(&api_version, kind);
                    assert!(!is_known, "{api_version} {kind} in 1.{minor}");
                }
            }
        }
    }
}
