declare_rule! {
    /// ## What it does
    /// Reports a waiver that waives nothing: a comment where its rule finds nothing, or an entry of
    /// `[[waivers]]` that fits no finding.
    ///
    /// Comments are looked for in the files that are read. Where only a part of the tree is checked,
    /// nothing is reported.
    ///
    /// ## Why it matters
    /// What the waiver was for is gone or has moved. It would hide the next fault of that kind without
    /// anyone having accepted it.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop # tidegate: allow(duplicate-key) made by a vendor's tool
    /// ```
    ///
    /// ## How to fix
    /// Take the waiver out, or move it to the line of the finding, or into the lines above that one.
    ///
    /// ```yaml
    /// # clusters/live/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    RULE {
        code: crate::waivers::codes::UNUSED_WAIVER,
        name: "unused-waiver",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: Sometimes,
        sources: [],
    }
}
