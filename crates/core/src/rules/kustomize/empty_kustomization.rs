declare_rule! {
    /// ## What it does
    /// Reports a kustomization that has no field but `apiVersion` and `kind`.
    ///
    /// ## Why it matters
    /// `kustomize build` takes it for a mistake and fails, alone or as a base. Flux accepts it as the
    /// folder of a Flux Kustomization, where it means that nothing is to be applied; with `prune: true`
    /// Flux then deletes what it had applied before. `resources: []` says the same and is accepted by both.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// ```
    ///
    /// ## How to fix
    /// List at least one resource, or remove the file and the entry that names its folder.
    /// ```yaml
    /// # kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// resources:
    ///   - namespace.yaml
    /// # namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    RULE {
        code: tidegate_kustomize::codes::EMPTY_KUSTOMIZATION,
        name: "empty-kustomization",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
