declare_rule! {
    /// ## What it does
    /// Reports a value of the config that is not what its key asks for, a key that is missing, and two that
    /// contradict each other.
    ///
    /// ## Why it matters
    /// tidegate does not guess what was meant. Nothing is checked until it is mended; the exit status is 2.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// flux = 2.9
    /// ```
    ///
    /// ## How to fix
    /// Write a value of the type that the message and `docs/config.md` ask for.
    ///
    /// ```toml
    /// # tidegate.toml
    /// flux = "2.9"
    /// ```
    RULE {
        code: crate::config::codes::INVALID_VALUE,
        name: "invalid-config-value",
        severity: Error,
        since: "0.1.0",
        scope: Config,
        fix: None,
        sources: [],
    }
}
