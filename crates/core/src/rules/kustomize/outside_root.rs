declare_rule! {
    /// ## What it does
    /// Reports a path that leads out of where a kustomization may read.
    ///
    /// For `kustomize build` that is a file outside the folder of the kustomization, unless it is given
    /// `--load-restrictor LoadRestrictionsNone`; for all tools it is what lies outside the tree.
    ///
    /// ## Why it matters
    /// `kustomize build` refuses the file, so that a base that was fetched from elsewhere cannot read other
    /// files of the machine. Flux allows any file of the artifact, but what is outside of it is not there
    /// when Flux builds. Folders are not restricted: a base may be anywhere in the tree.
    ///
    /// ## Example
    /// ```yaml
    /// # apps/kustomization.yaml
    /// resources:
    ///   - ../shared/namespace.yaml
    /// # shared/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ## How to fix
    /// Give the folder of the file a kustomization.yaml, and name the folder.
    /// ```yaml
    /// # apps/kustomization.yaml
    /// resources:
    ///   - ../shared
    /// # shared/kustomization.yaml
    /// resources:
    ///   - namespace.yaml
    /// ```
    RULE {
        code: tidegate_kustomize::codes::OUTSIDE_ROOT,
        name: "outside-root",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "`kustomize build --load-restrictor`: <https://kubectl.docs.kubernetes.io/references/kustomize/cmd/build/>",
        ],
    }
}
