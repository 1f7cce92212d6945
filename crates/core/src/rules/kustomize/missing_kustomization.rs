declare_rule! {
    /// ## What it does
    /// Reports a folder that is named as a base or component, or given to `tidegate kustomize`, and has
    /// no kustomization file.
    ///
    /// The file is called `kustomization.yaml`, `kustomization.yml` or `Kustomization`.
    ///
    /// ## Why it matters
    /// kustomize does not collect the YAML files of a folder by itself, so the build fails. Flux does it,
    /// but only for the folder that `spec.path` names: a base below it still needs its file.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web
    /// # web/service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Add a kustomization.yaml to the folder, or list the files in it.
    /// ```yaml
    /// # web/kustomization.yaml
    /// resources:
    ///   - service.yaml
    /// ```
    RULE {
        code: tidegate_kustomize::codes::MISSING_KUSTOMIZATION,
        name: "missing-kustomization",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/>",
        ],
    }
}
