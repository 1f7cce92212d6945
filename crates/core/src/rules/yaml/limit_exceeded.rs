declare_rule! {
    /// ## What it does
    /// Reports a file or a build that exceeds a limit. Values of a file are nested too deep or are too
    /// many, where aliases count as what they stand for; or kustomizations are nested too deep, or make
    /// too many objects.
    ///
    /// The message names the limit. They are far above what people and generators need.
    ///
    /// ## Why it matters
    /// A few lines of aliases can stand for billions of values, and a few bases that name each other
    /// several times for millions of objects. Without limits they would take all memory of whoever
    /// reads them; the tools of Kubernetes have limits of their own for files.
    ///
    /// ## Example
    /// Each line stands for nine times the one above it:
    /// ```text
    /// a: &a [x, x, x, x, x, x, x, x, x]
    /// b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
    /// c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
    /// d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
    /// ```
    ///
    /// ## How to fix
    /// Write fewer aliases of aliases, and name a base fewer times. Where the data is real, split the file.
    RULE {
        code: tidegate_yaml::codes::LIMIT,
        name: "limit-exceeded",
        severity: Error,
        since: "0.1.0",
        scope: Document,
        fix: None,
        sources: [
            "The limit of go-yaml against alias bombs: <https://github.com/go-yaml/yaml/pull/515>",
        ],
    }
}
