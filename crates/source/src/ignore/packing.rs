use super::IgnoreRules;

/// Who packs a tree, and so by which rules.
#[derive(Clone, Debug)]
pub struct Packing {
    pub(super) packer: Packer,
    /// The rules from outside of the tree, which count more than those in it.
    pub(super) given: IgnoreRules,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packer {
    SourceController,
    Bucket,
    FluxCli,
}

impl Packing {
    /// source-controller, for a GitRepository or an OCIRepository: the rules of `.sourceignore` in
    /// any folder, then `spec.ignore`. Where there is none of either in the whole tree, a list of
    /// its own; in any case the files of git.
    pub fn source_controller(spec_ignore: IgnoreRules) -> Packing {
        Packing {
            packer: Packer::SourceController,
            given: spec_ignore,
        }
    }

    /// source-controller, for a Bucket: the rules of `.sourceignore` at the top, then
    /// `spec.ignore`, and no others.
    pub fn bucket(spec_ignore: IgnoreRules) -> Packing {
        Packing {
            packer: Packer::Bucket,
            given: spec_ignore,
        }
    }

    /// `flux push artifact` and `flux build artifact`: the rules of `--ignore-paths`, by default
    /// [`IgnoreRules::of_flux_cli`], and no others.
    pub fn flux_cli(ignore_paths: IgnoreRules) -> Packing {
        Packing {
            packer: Packer::FluxCli,
            given: ignore_paths,
        }
    }
}
