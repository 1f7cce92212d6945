declare_rule! {
    /// ## What it does
    /// Reports a folder with more than one of `kustomization.yaml`, `kustomization.yml` and
    /// `Kustomization`.
    ///
    /// ## Why it matters
    /// kustomize does not choose one, it stops. Such a pair is left behind by a rename that was a copy, or
    /// made by a tool that writes the other name.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// # kustomization.yml
    /// resources:
    ///   - web.yaml
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Keep one of them. Most trees, and Flux where it makes the file itself, use `kustomization.yaml`.
    /// ```yaml
    /// # kustomization.yml (removed)
    /// ```
    RULE {
        code: tidegate_kustomize::codes::SEVERAL_KUSTOMIZATIONS,
        name: "several-kustomizations",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
