declare_rule! {
    /// ## What it does
    /// Reports that there is no file to pack. It cannot be waived.
    ///
    /// ## Why it matters
    /// Flux takes an artifact without files for a tree from which all was removed, and deletes what it applied
    /// before.
    ///
    /// ## Example
    /// A folder with nothing in it but images, which the packer leaves out.
    ///
    /// ## How to fix
    /// Name the folder that holds the clusters and what they apply.
    RULE {
        code: crate::codes::NOTHING_PACKED,
        name: "nothing-packed",
        severity: Error,
        since: "0.1.0",
        scope: Artifact,
        fix: None,
        sources: [],
    }
}
