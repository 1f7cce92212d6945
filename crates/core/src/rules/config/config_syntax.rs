declare_rule! {
    /// ## What it does
    /// Reports a config that is not TOML, or not UTF-8 text.
    ///
    /// ## Why it matters
    /// Nothing is checked: without the config, tidegate would check other clusters, with other variables,
    /// than those that are meant. The exit status is 2.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// flux = 2.9.1
    /// ```
    ///
    /// ## How to fix
    /// Write what TOML asks for: text, and so a version, is in quotes.
    ///
    /// ```toml
    /// # tidegate.toml
    /// flux = "2.9.1"
    /// ```
    RULE {
        code: crate::config::codes::CONFIG_SYNTAX,
        name: "config-syntax",
        severity: Error,
        since: "0.1.0",
        scope: Config,
        fix: None,
        sources: [
            "TOML v1.1.0: <https://toml.io/en/v1.1.0>",
        ],
    }
}
