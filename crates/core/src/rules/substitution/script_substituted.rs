declare_rule! {
    /// ## What it does
    /// Reports what substitution takes out of a script. That is `$$`, of which one `$` is left, and without strict mode each `${VARIABLE}` of the
    /// script's own, which becomes empty. A value is a script where its first line starts with `#!`, or its key ends with `.sh`, `.bash` or `.py`.
    ///
    /// ## Why it matters
    /// The script still runs, and does something else. In strict mode a variable of the script's own fails the whole Kustomization instead.
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
    ///   postBuild:
    ///     substitute:
    ///       HOST: shop.example.com
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   run.sh: |
    ///     #!/bin/sh
    ///     echo "I am process $$"
    /// ```
    ///
    /// ## How to fix
    /// Write `$$$$` and `$${VARIABLE}`, or keep the object out of substitution.
    /// ```yaml
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    ///   annotations:
    ///     kustomize.toolkit.fluxcd.io/substitute: disabled
    /// data:
    ///   run.sh: |
    ///     #!/bin/sh
    ///     echo "I am process $$"
    /// ```
    RULE {
        code: crate::codes::SCRIPT_SUBSTITUTED,
        name: "script-substituted",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: Sometimes,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
