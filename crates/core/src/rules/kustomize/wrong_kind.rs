declare_rule! {
    /// ## What it does
    /// Reports a kustomization file whose `apiVersion` or `kind` is not that of one. A component that is
    /// used as a base, and a base that is used as a component, count too.
    ///
    /// ## Why it matters
    /// kustomize refuses it. A base is built by itself and its objects are added; a component changes the
    /// objects that are there already, so the two are listed in different fields. The Kustomization of Flux
    /// has the same kind and another group: listed in a kustomization.yaml it is an object like any other,
    /// and as the kustomization.yaml itself it is an error.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    ///   - tls
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// # tls/kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1alpha1
    /// kind: Component
    /// commonAnnotations:
    ///   tls: "true"
    /// ```
    ///
    /// ## How to fix
    /// List a component under `components`, a base under `resources`.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// components:
    ///   - tls
    /// ```
    RULE {
        code: tidegate_kustomize::codes::WRONG_KIND,
        name: "wrong-kind",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/components/>",
        ],
    }
}
