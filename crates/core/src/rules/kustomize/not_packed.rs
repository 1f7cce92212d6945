declare_rule! {
    /// ## What it does
    /// Reports what a kustomization needs and Flux leaves out of the artifact that it makes of the tree.
    ///
    /// source-controller packs the tree of a GitRepository, and packs that of an OCIRepository again. It
    /// leaves out symbolic links, the files of git, and what `.sourceignore` files (in any folder) and
    /// `spec.ignore` of the source say. Where the whole tree has no such rule, it leaves out images, archives,
    /// `.github/` and the files of some other tools, such as `.sops.yaml` and `cloudbuild.yaml`. The syntax is
    /// that of `.gitignore`, but what `.gitignore` itself says does not count.
    ///
    /// A warning tells of a `kustomization.yaml` that is left out of the folder of a Flux Kustomization.
    ///
    /// ## Why it matters
    /// On disk the build works, in the cluster the file does not exist: the Kustomization fails with
    /// `BuildFailed`. Without its `kustomization.yaml`, Flux takes all YAML files of the folder instead.
    ///
    /// ## Example
    /// ```yaml
    /// # .sourceignore
    /// docs/
    /// # app/kustomization.yaml
    /// resources:
    ///   - docs/grafana.yaml
    /// # app/docs/grafana.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: grafana
    /// ```
    ///
    /// ## How to fix
    /// Make the rule narrower, or bring the file back with a later rule.
    /// ```yaml
    /// # .sourceignore
    /// /docs/
    /// ```
    RULE {
        code: tidegate_kustomize::codes::NOT_PACKED,
        name: "not-packed",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "Flux, GitRepository, excluding files: <https://fluxcd.io/flux/components/source/gitrepositories/#excluding-files>",
        ],
    }
}
