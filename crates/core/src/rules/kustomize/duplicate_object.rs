declare_rule! {
    /// ## What it does
    /// Reports two objects with the same group, version, kind, namespace and name in one build.
    ///
    /// The place is the entry that brings the second one in, where there is one. An object that has no
    /// namespace yet counts as one in the namespace `default`.
    ///
    /// ## Why it matters
    /// In a cluster there can be only one object of an identity, so kustomize refuses to build both. The
    /// usual reasons are one file listed by two bases that meet in an overlay, and a copy whose name was
    /// not changed.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    ///   - copy.yaml
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// # copy.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Take one of the two out, or give it another name or namespace. Bases that are used several times in
    /// one build need a `namePrefix`, a `nameSuffix` or a `namespace` each.
    /// ```yaml
    /// # copy.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web-canary
    /// ```
    RULE {
        code: tidegate_kustomize::codes::DUPLICATE_OBJECT,
        name: "duplicate-object",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/>",
        ],
    }
}
