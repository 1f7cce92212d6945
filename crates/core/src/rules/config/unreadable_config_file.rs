declare_rule! {
    /// ## What it does
    /// Reports a file that the config names and that is absent, or is not what it should be.
    ///
    /// ## Why it matters
    /// The variables in it would be undefined everywhere. Nothing is checked until it is mended; the exit
    /// status is 2.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// [[provides]]
    /// name = "cluster-vars"
    /// env_file = "ci/cluster.env"
    /// ```
    ///
    /// ## How to fix
    /// Write the path of a file that exists, relative to the config. A config inside the tree names files
    /// of the tree; one outside of it, given with `--config`, may name any.
    ///
    /// ```toml
    /// # tidegate.toml
    /// [[provides]]
    /// name = "cluster-vars"
    /// env_file = "ci/vars.env"
    /// # ci/vars.env
    /// cluster_name=live
    /// ```
    RULE {
        code: crate::config::codes::UNREADABLE_FILE,
        name: "unreadable-config-file",
        severity: Error,
        since: "0.1.0",
        scope: Config,
        fix: None,
        sources: [],
    }
}
