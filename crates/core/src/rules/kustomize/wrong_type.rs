declare_rule! {
    /// ## What it does
    /// Reports a field of a kustomization whose value has the wrong type. It may be text where a list must
    /// be, or a number where text must be.
    ///
    /// ## Why it matters
    /// kustomize refuses the whole file. It reads it by the rules of YAML 1.1, by which `yes`, `no`, `on`,
    /// `off`, `y` and `n` are booleans: a namespace or label value that looks like one must be in quotes,
    /// and so must a version such as `1.10` and a value that is all digits.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// namespace: on
    /// resources:
    ///   - web.yaml
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Put text that looks like something else into quotes, and write a list where a list is wanted.
    /// ```yaml
    /// # kustomization.yaml
    /// namespace: "on"
    /// resources:
    ///   - web.yaml
    /// ```
    RULE {
        code: tidegate_kustomize::codes::WRONG_TYPE,
        name: "wrong-type",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
