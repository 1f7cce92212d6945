declare_rule! {
    /// ## What it does
    /// Reports a part of the tree that could not be rendered, where the result is of no use without it.
    ///
    /// `check` counts such parts in its summary, as they are no faults of the tree. Commands whose output
    /// would be incomplete, such as `kustomize`, stop with this error instead.
    ///
    /// ## Why it matters
    /// What was not rendered was not checked either, and output that lacks it must not be applied or
    /// compared. tidegate never starts a program from a tree and builds without the network, so a remote
    /// base, a Helm chart that is not at hand and a plugin that runs a program cannot be rendered.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - https://github.com/fluxcd/flux2/manifests/install?ref=v2.7.0
    /// ```
    ///
    /// ## How to fix
    /// Keep a copy of the resource in the tree, which also makes each change of it visible in review.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - flux.yaml
    /// # flux.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: flux-system
    /// ```
    RULE {
        code: crate::codes::NOT_RENDERED,
        name: "not-rendered",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [],
    }
}
