declare_rule! {
    /// ## What it does
    /// Reports an entry of `vars` that cannot be resolved, that is there twice, or that is used nowhere.
    ///
    /// A variable that is used nowhere is a warning.
    ///
    /// ## Why it matters
    /// A variable whose object or field is missing makes the build fail. One that is used nowhere is often
    /// misspelt at the place of use, where `$(NAME)` then stays as it is and reaches the cluster.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// replacements: []
    /// configurations:
    ///   - config.yaml
    /// vars:
    ///   - name: WEB
    ///     objref:
    ///       apiVersion: v1
    ///       kind: Service
    ///       name: website
    /// # config.yaml
    /// varReference:
    ///   - path: metadata/annotations
    ///     kind: Service
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   annotations:
    ///     address: $(WEB).shop
    /// ```
    ///
    /// ## How to fix
    /// Name an object of the build in `objref`, by its name before any prefix. Better still, use a
    /// replacement, as `vars` are deprecated (KUS018).
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// replacements:
    ///   - source:
    ///       kind: Service
    ///       name: web
    ///     targets:
    ///       - select:
    ///           kind: Service
    ///         fieldPaths:
    ///           - metadata.annotations.address
    ///         options:
    ///           delimiter: "."
    /// # config.yaml (removed)
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_VARIABLE,
        name: "invalid-variable",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/vars/>",
        ],
    }
}
