declare_rule! {
    /// ## What it does
    /// Reports an entry of `[[waivers]]` whose `until` has passed. The findings that it waived count again.
    ///
    /// ## Why it matters
    /// Someone meant to mend something by that day.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// [[waivers]]
    /// code = "missing-file"
    /// path = "clusters/integration/**"
    /// reason = "the pipeline writes these files, until the clusters have moved"
    /// until = 2026-01-31
    /// ```
    ///
    /// ## How to fix
    /// Mend what the waiver was for and take it out, or write a later day.
    ///
    /// ```toml
    /// # tidegate.toml (removed)
    /// ```
    RULE {
        code: crate::waivers::codes::EXPIRED_WAIVER,
        name: "expired-waiver",
        severity: Warning,
        since: "0.1.0",
        scope: Config,
        fix: None,
        sources: [],
    }
}
