declare_rule! {
    /// ## What it does
    /// Reports a name that stands for several objects of the build, where kustomize must know which one is
    /// meant. It stands in a patch, a variable, a generator with a `behavior`, or a field that refers to an
    /// object.
    ///
    /// ## Why it matters
    /// The build fails. kustomize knows an object by all the names it had while prefixes, suffixes and
    /// namespaces were added, so two objects that had one name before are both found by it.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - one
    ///   - two
    /// patches:
    ///   - patch: |-
    ///       apiVersion: v1
    ///       kind: Service
    ///       metadata:
    ///         name: web
    ///       spec:
    ///         type: NodePort
    /// # one/kustomization.yaml
    /// namePrefix: one-
    /// resources:
    ///   - web.yaml
    /// # one/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// # two/kustomization.yaml
    /// namePrefix: two-
    /// resources:
    ///   - web.yaml
    /// # two/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Write the name that the one object has at that point. A `target` may select several objects, and the
    /// patch is then applied to each.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - one
    ///   - two
    /// patches:
    ///   - patch: |-
    ///       apiVersion: v1
    ///       kind: Service
    ///       metadata:
    ///         name: one-web
    ///       spec:
    ///         type: NodePort
    /// ```
    RULE {
        code: tidegate_kustomize::codes::AMBIGUOUS_REFERENCE,
        name: "ambiguous-reference",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/nameprefix/>",
        ],
    }
}
