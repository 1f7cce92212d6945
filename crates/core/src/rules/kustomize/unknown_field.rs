declare_rule! {
    /// ## What it does
    /// Reports a field of a kustomization, or of a part of it, that kustomize does not know.
    ///
    /// Where a known field is spelt nearly like it, that one is suggested.
    ///
    /// ## Why it matters
    /// kustomize refuses the whole kustomization, so Flux applies nothing of it. Names of fields are
    /// compared exactly, capital letters included: `namespace` is known, `nameSpace` is not.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resource:
    ///   - web.yaml
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Write the field as kustomize spells it, or take it out.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// ```
    RULE {
        code: tidegate_kustomize::codes::UNKNOWN_FIELD,
        name: "unknown-field",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: Sometimes,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
