declare_rule! {
    /// ## What it does
    /// Reports a kustomization that leads back to itself, directly or through its bases and components.
    ///
    /// ## Why it matters
    /// The build would never end, so kustomize refuses it. It also refuses a base that is a parent folder
    /// of the kustomization that names it.
    ///
    /// ## Example
    /// ```yaml
    /// # apps/kustomization.yaml
    /// resources:
    ///   - ../base
    /// # base/kustomization.yaml
    /// resources:
    ///   - ../apps
    /// ```
    ///
    /// ## How to fix
    /// Take the entry out that closes the circle. What both sides need goes into a base of its own, which
    /// both of them name.
    /// ```yaml
    /// # base/kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// # base/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    RULE {
        code: tidegate_kustomize::codes::CYCLE,
        name: "base-cycle",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/>",
        ],
    }
}
