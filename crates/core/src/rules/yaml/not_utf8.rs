declare_rule! {
    /// ## What it does
    /// Reports a YAML file whose bytes are not UTF-8, at the first byte that is not.
    ///
    /// UTF-16 is read too, if it begins with a byte order mark.
    ///
    /// ## Why it matters
    /// kustomize refuses the file, so the build fails. It is mostly a file saved as Latin-1 or
    /// Windows-1252 by an editor, or something binary that was listed under `resources`.
    ///
    /// ## Example
    /// A comment with an umlaut, saved as Latin-1, where `ü` is the single byte `FC`:
    /// ```text
    /// # f<FC>r die Kasse
    /// apiVersion: v1
    /// ```
    ///
    /// ## How to fix
    /// Save the file as UTF-8, for example with `iconv -f latin1 -t utf-8`. Binary data belongs under
    /// `binaryData` of a ConfigMap, in base64, or into a file that a `configMapGenerator` names.
    RULE {
        code: tidegate_yaml::codes::ENCODING,
        name: "not-utf8",
        severity: Error,
        since: "0.1.0",
        scope: Document,
        fix: None,
        sources: [
            "YAML 1.2.2, character encodings: <https://yaml.org/spec/1.2.2/#52-character-encodings>",
        ],
    }
}
