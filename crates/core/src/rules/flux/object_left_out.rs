declare_rule! {
    /// ## What it does
    /// Reports an object whose name or `apiVersion` is a number, a boolean or null. (Where a variable
    /// makes it one, that is `SUB007`.)
    ///
    /// ## Why it matters
    /// kustomize builds such an object. kustomize-controller, which reads the build back, takes it to
    /// have no name and leaves it out: nothing fails, and the object is not there.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/year.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: 2026
    /// ```
    ///
    /// ## How to fix
    /// Put the value in quotes.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/year.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: "2026"
    /// ```
    RULE {
        code: crate::codes::OBJECT_LEFT_OUT,
        name: "object-left-out",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "fluxcd/pkg, ssa: how a build is read",
        ],
    }
}
