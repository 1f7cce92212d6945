declare_rule! {
    /// ## What it does
    /// Reports `sortOptions` that kustomize does not accept. The `order` is unknown, or
    /// `legacySortOptions` are without the order they belong to.
    ///
    /// ## Why it matters
    /// The build fails. The order is one of `legacy`, which sorts by kind with Namespaces and definitions
    /// first, and `fifo`, which keeps the order of the resources. Flux sorts again before it applies, so
    /// for Flux the order of the build is of little importance.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// sortOptions:
    ///   order: alphabetical
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Write `legacy` or `fifo`, or take `sortOptions` out.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// sortOptions:
    ///   order: legacy
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_ORDER,
        name: "invalid-order",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/sortoptions/>",
        ],
    }
}
