declare_rule! {
    /// ## What it does
    /// Reports a baseline that lists findings which tidegate does not find any more. It is silent where
    /// only a part of the tree is checked.
    ///
    /// ## Why it matters
    /// The work has been done, and the baseline would let it be undone without a word.
    ///
    /// ## Example
    /// ```toml
    /// # tidegate.toml
    /// baseline = "known.json"
    /// # known.json
    /// { "version": 1, "findings": [
    /// { "code": "KUS001", "path": "apps/kustomization.yaml", "object": "", "message": "..", "count": 1 }
    /// ] }
    /// ```
    ///
    /// ## How to fix
    /// Write it anew with `tidegate check --write-baseline FILE`.
    ///
    /// ```toml
    /// # known.json
    /// { "version": 1, "findings": [] }
    /// ```
    RULE {
        code: crate::waivers::codes::STALE_BASELINE,
        name: "stale-baseline",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [],
    }
}
