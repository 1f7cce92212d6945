declare_rule! {
    /// ## What it does
    /// Reports an entry of `replicas` whose name is that of no object that can be scaled.
    ///
    /// ## Why it matters
    /// kustomize fails for such an entry, other than for `images`, where one that fits nothing is passed
    /// over. The name is the one that the object was written with, before any prefix.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// replicas:
    ///   - name: wep
    ///     count: 3
    /// # web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Write the name of a Deployment, StatefulSet, ReplicaSet or ReplicationController of the build. For
    /// other kinds use a patch.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// replicas:
    ///   - name: web
    ///     count: 3
    /// ```
    RULE {
        code: tidegate_kustomize::codes::NOTHING_TO_CHANGE,
        name: "nothing-to-change",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replicas/>",
        ],
    }
}
