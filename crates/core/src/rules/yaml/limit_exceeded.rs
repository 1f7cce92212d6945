declare_rule! {
    /// ## What it does
    /// Reports a file whose values are nested too deep or are too many. Aliases count as what they stand
    /// for.
    ///
    /// The message names the limit. They are far above what a file written by people or generators needs.
    ///
    /// ## Why it matters
    /// A few lines of aliases can stand for billions of values. Without limits such a file would take all
    /// memory of whoever reads it; the tools of Kubernetes have limits of their own and refuse it too.
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
    /// Write fewer aliases of aliases. Where the data is real, split the file.
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
