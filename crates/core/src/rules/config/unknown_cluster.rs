declare_rule! {
    /// ## What it does
    /// Reports a cluster in the config that is neither found in the tree nor has a `path`, and one whose
    /// `path` or `root` is not a folder.
    ///
    /// ## Why it matters
    /// What is said of it would have no effect: a misspelt `[clusters.live]` leaves the cluster without its
    /// variables. Nothing is checked until it is mended; the exit status is 2.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// [clusters.production]
    /// flux = "2.8"
    /// ```
    ///
    /// ```yaml
    /// # clusters/live/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ## How to fix
    /// Write the name of the folder in `clusters/`, or add the `path` of the folder that Flux applies
    /// first.
    ///
    /// ```toml
    /// # tidegate.toml
    /// [clusters.production]
    /// path = "clusters/live"
    /// flux = "2.8"
    /// ```
    RULE {
        code: crate::config::codes::UNKNOWN_CLUSTER,
        name: "unknown-cluster",
        severity: Error,
        since: "0.1.0",
        scope: Config,
        fix: None,
        sources: [],
    }
}
