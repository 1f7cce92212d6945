declare_rule! {
    /// ## What it does
    /// Reports a comment that begins with `tidegate:` and is no waiver, such as one without a reason.
    ///
    /// It may also name a rule that does not exist, or be written in a way that tidegate does not read.
    ///
    /// ## Why it matters
    /// It waives nothing. A waiver without a reason leaves whoever reads it next with the question that it
    /// should answer.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop # tidegate: allow(duplicate-key)
    /// ```
    ///
    /// ## How to fix
    /// Write it as `# tidegate: allow(CODE) reason`, with the codes or the names of rules, at the line of
    /// the finding or in the lines above it; or take it out.
    ///
    /// ```yaml
    /// # clusters/live/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    RULE {
        code: crate::waivers::codes::INVALID_WAIVER,
        name: "invalid-waiver",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [],
    }
}
