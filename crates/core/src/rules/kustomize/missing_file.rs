declare_rule! {
    /// ## What it does
    /// Reports a file or folder that a kustomization names and that does not exist or cannot be read.
    ///
    /// That is so for all fields that name files: `resources`, `components`, `patches`, `crds`,
    /// `configurations`, `replacements`, and the `files` and `envs` of generators. All missing files of a
    /// kustomization are reported in one run.
    ///
    /// ## Why it matters
    /// The build fails with the first of them, and Flux reports `BuildFailed` for the Kustomization: none
    /// of its objects is applied, not only those of the missing file. Typical are a file that was renamed,
    /// a file that `.gitignore` keeps out of the repository, and one that an earlier job was to write.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - deployment.yml
    /// # deployment.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Name a file that exists, relative to the folder of the kustomization.yaml, or add the file.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - deployment.yaml
    /// ```
    RULE {
        code: tidegate_kustomize::codes::MISSING_FILE,
        name: "missing-file",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/>",
        ],
    }
}
