declare_rule! {
    /// ## What it does
    /// Reports an entry of `generators`, `transformers` or `validators` that is no built-in plugin, or whose
    /// configuration is not valid.
    ///
    /// ## Why it matters
    /// Flux and `kustomize build` without `--enable-alpha-plugins` run built-in plugins only, those with
    /// `apiVersion: builtin`. Any other entry makes the build fail.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// transformers:
    ///   - prefix.yaml
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// # prefix.yaml
    /// apiVersion: example.com/v1
    /// kind: PrefixTransformer
    /// metadata:
    ///   name: prefix
    /// prefix: live-
    /// fieldSpecs:
    ///   - path: metadata/name
    /// ```
    ///
    /// ## How to fix
    /// Use a built-in plugin, or the field of the kustomization that does the same, here `namePrefix`.
    /// ```yaml
    /// # prefix.yaml
    /// apiVersion: builtin
    /// kind: PrefixTransformer
    /// metadata:
    ///   name: prefix
    /// prefix: live-
    /// fieldSpecs:
    ///   - path: metadata/name
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_PLUGIN,
        name: "invalid-plugin",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/builtins/>",
        ],
    }
}
