declare_rule! {
    /// ## What it does
    /// Reports a file or folder whose name no client of Flux extracts: with a backslash in it, or below a folder
    /// whose name ends in `..`. It cannot be waived.
    ///
    /// ## Why it matters
    /// Such an artifact is packed and pushed without a word. Every cluster then refuses all of it, not the one file.
    ///
    /// ## Example
    /// A folder `v1..` with a file in it, or a file `a\b.yaml`, which is what a program writes that was made for
    /// Windows.
    ///
    /// ## How to fix
    /// Rename the file or folder, and whatever names it.
    RULE {
        code: crate::codes::UNEXTRACTABLE_NAME,
        name: "unextractable-name",
        severity: Error,
        since: "0.1.0",
        scope: Artifact,
        fix: None,
        sources: ["fluxcd/pkg/tar"],
    }
}
