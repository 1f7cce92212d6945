declare_rule! {
    /// ## What it does
    /// Reports text that is not YAML, at the place where reading had to stop.
    ///
    /// The rest of that document is skipped; the documents behind the next `---` are read and checked.
    /// What go-yaml refuses counts too, though YAML allows it: an alias without its anchor, a
    /// `%YAML` directive, a tag that does not fit its value.
    ///
    /// ## Why it matters
    /// Neither kustomize nor the controllers of Flux can read the file. The build of every kustomization
    /// that names it fails, so nothing of it is applied, and what was applied before stays as it was.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - service.yaml
    /// # service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels: [app, web
    /// spec:
    ///   ports:
    ///     - port: 80
    /// ```
    ///
    /// ## How to fix
    /// Mend the text at the place. The fault is often a little before it: a bracket or quote that is not
    /// closed, a tab, a line that is indented less than its neighbours, or a `:` in text without quotes.
    /// ```yaml
    /// # service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   ports:
    ///     - port: 80
    /// ```
    RULE {
        code: tidegate_yaml::codes::SYNTAX,
        name: "yaml-syntax",
        severity: Error,
        since: "0.1.0",
        scope: Document,
        fix: None,
        sources: [
            "YAML 1.2.2: <https://yaml.org/spec/1.2.2/>",
        ],
    }
}
