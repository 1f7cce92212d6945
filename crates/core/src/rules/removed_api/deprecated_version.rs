declare_rule! {
    /// ## What it does
    /// Reports an object of a version that is deprecated, and tells what to use instead and, where that is
    /// known, with which release it goes.
    ///
    /// ## Why it matters
    /// After the upgrade that takes the version away, the API server refuses the object, and Flux applies
    /// nothing of its Kustomization.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/database.yaml
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata:
    ///   name: database
    ///   namespace: shop
    /// subsets:
    ///   - addresses:
    ///       - ip: 10.0.0.5
    ///     ports:
    ///       - port: 5432
    /// ```
    ///
    /// ## How to fix
    /// Use what replaces it. Where nothing but the version has to change, `tidegate check --fix` writes it.
    /// ```yaml
    /// # clusters/live/database.yaml
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata:
    ///   name: database-1
    ///   namespace: shop
    ///   labels:
    ///     kubernetes.io/service-name: database
    /// addressType: IPv4
    /// endpoints:
    ///   - addresses:
    ///       - 10.0.0.5
    /// ports:
    ///   - port: 5432
    /// ```
    RULE {
        code: crate::codes::DEPRECATED_VERSION,
        name: "deprecated-version",
        severity: Warning,
        since: "0.1.0",
        scope: Object,
        fix: Sometimes,
        sources: [
            "<https://kubernetes.io/docs/reference/using-api/deprecation-guide/>",
            "<https://fluxcd.io/flux/releases/>",
        ],
    }
}
