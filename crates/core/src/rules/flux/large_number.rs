declare_rule! {
    /// ## What it does
    /// Reports a whole number that is larger than 9223372036854775807.
    ///
    /// ## Why it matters
    /// What Flux reads holds such a number with 15 to 17 digits only, so another number is applied.
    /// (Where variables are put into an object, that begins at 9007199254740992, which `SUB011`
    /// reports.)
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/meter.yaml
    /// apiVersion: example.com/v1
    /// kind: Meter
    /// metadata:
    ///   name: meter
    /// spec:
    ///   limit: 9223372036854775809
    /// ```
    ///
    /// ## How to fix
    /// Put it in quotes if the field takes text, or write a smaller number.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/meter.yaml
    /// apiVersion: example.com/v1
    /// kind: Meter
    /// metadata:
    ///   name: meter
    /// spec:
    ///   limit: "9223372036854775809"
    /// ```
    RULE {
        code: crate::codes::LARGE_NUMBER,
        name: "large-number",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "k8s.io/apimachinery: how JSON is read",
        ],
    }
}
