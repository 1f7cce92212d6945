declare_rule! {
    /// ## What it does
    /// Reports a key of the config that tidegate does not know.
    ///
    /// ## Why it matters
    /// A misspelt key would do nothing, in silence. Nothing is checked until it is mended; the exit status
    /// is 2.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// fail-on = "warning"
    /// ```
    ///
    /// ## How to fix
    /// Write the key as `docs/config.md` does. An editor that knows the JSON schema,
    /// `docs/tidegate.schema.json`, completes keys and shows what they mean.
    ///
    /// ```toml
    /// # tidegate.toml
    /// fail_on = "warning"
    /// ```
    RULE {
        code: crate::config::codes::UNKNOWN_KEY,
        name: "unknown-config-key",
        severity: Error,
        since: "0.1.0",
        scope: Config,
        fix: Sometimes,
        sources: [],
    }
}
