declare_rule! {
    /// ## What it does
    /// Reports an object of a version that the cluster serves no longer.
    ///
    /// What is served depends for kinds of Kubernetes itself on the version of Kubernetes, for those of Flux on
    /// the version of Flux, and for those of External Secrets, cert-manager, Gateway API and others on their
    /// CustomResourceDefinitions. The versions come from `tidegate.toml`. `tidegate check --kubernetes-version 1.36` tells what breaks
    /// on an upgrade.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of its Kustomization.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/cleanup.yaml
    /// apiVersion: batch/v1beta1
    /// kind: CronJob
    /// metadata:
    ///   name: cleanup
    ///   namespace: shop
    /// spec:
    ///   schedule: 0 3 * * *
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           restartPolicy: Never
    ///           containers:
    ///             - name: cleanup
    ///               image: busybox:1.37
    /// ```
    ///
    /// ## How to fix
    /// Use the version that the finding names. Where nothing else has to change, `tidegate check --fix`
    /// writes it.
    /// ```yaml
    /// # clusters/live/cleanup.yaml
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: cleanup
    ///   namespace: shop
    /// spec:
    ///   schedule: 0 3 * * *
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           restartPolicy: Never
    ///           containers:
    ///             - name: cleanup
    ///               image: busybox:1.37
    /// ```
    RULE {
        code: crate::codes::REMOVED_VERSION,
        name: "removed-version",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: Sometimes,
        sources: [
            "<https://kubernetes.io/docs/reference/using-api/deprecation-guide/>",
        ],
    }
}
