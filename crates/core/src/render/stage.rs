use std::fmt;

/// The step at which something fails that applies objects. Those of a Kustomization are the steps of
/// kustomize-controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The object itself cannot be read as a Kustomization.
    Decode,
    /// `spec.path` leads to no folder of the source.
    Path,
    /// No kustomization can be generated for the folder, or its own cannot be read.
    Generate,
    /// `kustomize build`.
    Build,
    /// The templates of a ResourceSet or of a chart.
    Template,
    /// The variables of `spec.postBuild`.
    Substitute,
    /// What is handed to the API server.
    Apply,
}

impl Stage {
    /// One word for people and machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Decode => "decode",
            Stage::Path => "path",
            Stage::Generate => "generate",
            Stage::Build => "build",
            Stage::Template => "template",
            Stage::Substitute => "substitute",
            Stage::Apply => "apply",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
