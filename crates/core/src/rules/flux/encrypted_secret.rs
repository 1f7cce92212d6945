declare_rule! {
    /// ## What it does
    /// Reports a Secret that SOPS has encrypted, in a Flux Kustomization without `spec.decryption`.
    ///
    /// ## Why it matters
    /// kustomize-controller refuses to apply the encrypted values, and nothing of the Kustomization
    /// is applied.
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
    /// # apps/secret.yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: login
    /// data:
    ///   password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
    /// sops:
    ///   version: 3.9.0
    /// ```
    ///
    /// ## How to fix
    /// Say how it is decrypted. Only where the encrypted text itself is wanted, annotate the Secret
    /// with `kustomize.toolkit.fluxcd.io/decrypt: disabled`.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   decryption:
    ///     provider: sops
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/secret.yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: login
    /// data:
    ///   password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
    /// sops:
    ///   version: 3.9.0
    /// ```
    RULE {
        code: crate::codes::ENCRYPTED_SECRET,
        name: "encrypted-secret",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "Flux, Kustomization, decryption: <https://fluxcd.io/flux/components/kustomize/kustomizations/#decryption>",
        ],
    }
}
