declare_rule! {
    /// ## What it does
    /// Reports a Secret whose values are in clear text in the files that are packed: as a manifest, or in
    /// what a `secretGenerator` takes. `gate` and `push` look for them, `check` does not.
    ///
    /// Values that SOPS has encrypted are fine, and so are those that come from outside of the tree, such as
    /// through an ExternalSecret. What charts make is not looked at.
    ///
    /// ## Why it matters
    /// Whoever may pull the artifact can read them, and artifacts are copied, cached and kept: taking the value
    /// out of the tree later does not take it out of the registry.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/database.yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: database
    ///   namespace: shop
    /// stringData:
    ///   password: hunter2
    /// ```
    ///
    /// ## How to fix
    /// Encrypt the file with SOPS, or have an operator make the Secret. A value that is no secret is waived with
    /// a comment.
    /// ```yaml
    /// # clusters/live/database.yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: database
    ///   namespace: shop
    /// stringData:
    ///   # tidegate: allow(clear-secret) the database of the demo, which holds nothing
    ///   password: hunter2
    /// ```
    RULE {
        code: crate::codes::CLEAR_SECRET,
        name: "clear-secret",
        severity: Error,
        since: "0.1.0",
        scope: Artifact,
        fix: None,
        sources: [],
    }
}
