declare_rule! {
    /// ## What it does
    /// Reports a rule in the config that does not exist.
    ///
    /// ## Why it matters
    /// The level or the waiver would have no effect. Nothing is checked until it is mended; the exit status
    /// is 2.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// [rules]
    /// path-mising = "warning"
    /// ```
    ///
    /// ## How to fix
    /// Write the code or the name of a rule: `tidegate rules` lists all of them.
    ///
    /// ```toml
    /// # tidegate.toml
    /// [rules]
    /// path-missing = "warning"
    /// ```
    RULE {
        code: crate::config::codes::UNKNOWN_RULE,
        name: "unknown-rule",
        severity: Error,
        since: "0.1.0",
        scope: Config,
        fix: None,
        sources: [],
    }
}
