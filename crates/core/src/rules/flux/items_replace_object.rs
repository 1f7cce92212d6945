declare_rule! {
    /// ## What it does
    /// Reports an object that has a list `items` at its top.
    ///
    /// ## Why it matters
    /// kustomize-controller takes such an object for a list: it applies the items, and the object
    /// itself is gone without a word.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/menu.yaml
    /// apiVersion: example.com/v1
    /// kind: Menu
    /// metadata:
    ///   name: menu
    /// items:
    ///   - apiVersion: v1
    ///     kind: Namespace
    ///     metadata:
    ///       name: shop
    /// ```
    ///
    /// ## How to fix
    /// Put the list elsewhere, such as below `spec`, and write objects that are to be applied as
    /// documents of their own.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/menu.yaml
    /// apiVersion: example.com/v1
    /// kind: Menu
    /// metadata:
    ///   name: menu
    /// spec:
    ///   items:
    ///     - tea
    /// ```
    RULE {
        code: crate::codes::ITEMS_REPLACE_OBJECT,
        name: "items-replace-object",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "fluxcd/pkg, ssa: how a build is read",
        ],
    }
}
