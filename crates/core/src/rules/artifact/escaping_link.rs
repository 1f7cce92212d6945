declare_rule! {
    /// ## What it does
    /// Reports a symbolic link among the packed files that leads out of what is packed, or nowhere. It cannot be
    /// waived.
    ///
    /// Links that stay inside are left out of the artifact too; where a kustomization needs one, that is a finding
    /// of its own.
    ///
    /// ## Why it matters
    /// On the machine that packs, what the link leads to seems to be part of the tree, and no cluster gets it. On
    /// another machine the same link leads to something else.
    ///
    /// ## Example
    /// `apps/shared` is a link to `../../elsewhere/shared`, above the top of the tree.
    ///
    /// ## How to fix
    /// Keep what it leads to in the tree, and have kustomizations name it by its own path.
    RULE {
        code: crate::codes::ESCAPING_LINK,
        name: "escaping-link",
        severity: Error,
        since: "0.1.0",
        scope: Artifact,
        fix: None,
        sources: ["fluxcd/pkg/tar"],
    }
}
