declare_rule! {
    /// ## What it does
    /// Reports a strategic merge patch for an object that is not in the build.
    ///
    /// Without a `target`, a patch is for the object with its own group, version, kind, name and namespace.
    /// The names of before and after a `namePrefix` or `namespace` both count. A `target` that selects
    /// nothing is a warning where it has a name, or a kind that is nearly that of an object, unless the build
    /// has charts or remote bases that are not rendered.
    ///
    /// ## Why it matters
    /// kustomize fails with "no matches for Id", mostly because a base renamed or dropped an object that
    /// this overlay still wants to change. A `target` that selects nothing it passes over without a word: the
    /// build succeeds, and the patch is lost.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - patch: |-
    ///       apiVersion: apps/v1
    ///       kind: Deployment
    ///       metadata:
    ///         name: website
    ///       spec:
    ///         replicas: 2
    /// # web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Write the name and kind of an object of the build, or take the patch out.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - patch: |-
    ///       apiVersion: apps/v1
    ///       kind: Deployment
    ///       metadata:
    ///         name: web
    ///       spec:
    ///         replicas: 2
    /// ```
    RULE {
        code: tidegate_kustomize::codes::PATCH_TARGET_MISSING,
        name: "patch-target-missing",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/>",
        ],
    }
}
