declare_rule! {
    /// ## What it does
    /// Reports a `[[files]]` entry whose `path` exists, so that nothing has to stand in for it.
    ///
    /// ## Why it matters
    /// The file of the tree is what Flux sees and what is checked. Whoever edits the declaration believes
    /// that it has an effect.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// [[files]]
    /// path = "clusters/live/vars.env"
    /// values = { cluster_name = "live" }
    /// # clusters/live/vars.env
    /// cluster_name=live
    /// ```
    ///
    /// ## How to fix
    /// Take the entry out, or write the path of the file that is missing.
    ///
    /// ```toml
    /// # tidegate.toml (removed)
    /// ```
    RULE {
        code: crate::config::codes::UNUSED_DECLARATION,
        name: "unused-declaration",
        severity: Warning,
        since: "0.1.0",
        scope: Config,
        fix: None,
        sources: [],
    }
}
