//! The artifact that a digest names: what is in it, and whether a source would select it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tidegate_archive::unpack;
use tidegate_artifact::{Digest, Layer, Modes, Repository};
use tidegate_health::{Observed, Reason, ReasonKind, Target};
use tidegate_registry::{Http, Reference, RepositoryName, Timeouts, parse_reference};

use crate::args::RegistryArgs;
use crate::commands::Failure;
use crate::packing::Packaged;
use crate::place::WorkingFolder;
use crate::remote::{registries_over, settings};
use crate::rendering::Rendered;

/// How large an unpacked artifact may be: what a layer can hold.
const LARGEST: usize = 1 << 30;

/// An artifact in a registry.
pub(crate) struct Artifact<'a> {
    pub(crate) repository: Repository<'a>,
    pub(crate) digest: &'a Digest,
}

/// Reads the URL of a repository. A digest in it has to be the one that is meant.
pub(crate) fn repository(url: &str, digest: &Digest) -> Result<RepositoryName, Failure> {
    let (name, reference) =
        parse_reference(url).map_err(|error| Failure::new(error.to_string()))?;
    match reference {
        Some(Reference::Digest(other)) if other != *digest => Err(Failure::new(format!(
            "{url} is not the artifact of --digest {digest}"
        ))),
        _ => Ok(name),
    }
}

impl Artifact<'_> {
    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("{}@{}", self.repository.name(), self.digest)
    }

    /// Why a tree is not what the artifact was made of; none where it is.
    pub(crate) fn differs(
        &self,
        rendered: &Rendered,
        folder: &Path,
        working: &WorkingFolder,
    ) -> Result<Option<Reason>, Failure> {
        let content = match self.content() {
            Ok(content) => content,
            Err(why) => return Ok(Some(Reason::new(ReasonKind::NoArtifact, why))),
        };
        let tree = rendered
            .tree
            .to_pack(rendered.tree.folder(folder, working)?);
        let packing = rendered.render.packing();
        let packed = |modes| -> Result<Layer, Failure> {
            Ok(Packaged::new(&tree, &packing.root, modes)?.layer)
        };
        let normal = packed(Modes::Normal)?.diff_id;
        if normal == content || packed(Modes::Kept)?.diff_id == content {
            return Ok(None);
        }
        let message = format!(
            "{} packs to {normal}, and {} holds {content}",
            folder.display(),
            self.url()
        );
        Ok(Some(Reason::new(ReasonKind::OtherTree, message)))
    }

    /// The digest of what its layer holds, not the one that its config states: whoever pushed it wrote that.
    fn content(&self) -> Result<Digest, String> {
        let url = self.url();
        let failed = |why: &dyn std::fmt::Display| format!("{url} cannot be read: {why}");
        let repository = &self.repository;
        let manifest = repository
            .manifest(self.digest)
            .map_err(|error| failed(&error))?;
        let manifest = manifest.ok_or_else(|| failed(&"there is no such artifact"))?;
        let layer = repository
            .layer(&manifest)
            .map_err(|error| failed(&error))?;
        let content =
            unpack(&layer, LARGEST).map_err(|_| failed(&"its layer is not packed by gzip"))?;
        Ok(Digest::of(&content))
    }
}

/// What the source of a cluster selects, by the registry that it names. A range of versions is not looked at.
pub(crate) fn target(source: &Observed, digest: &Digest, args: &RegistryArgs) -> Target {
    let field = |name: &str| source.text(&["spec", "ref", name]);
    if !field("digest").is_empty() || !field("semver").is_empty() {
        return Target::Unknown;
    }
    let tag = match field("tag") {
        "" => "latest",
        tag => tag,
    };
    let name = RepositoryName::parse(source.text(&["spec", "url"]));
    let (Ok(name), Ok(reference)) = (name, Reference::tag(tag)) else {
        return Target::Unknown;
    };
    // The cluster may reach what this machine does not: that is found out soon, or not at all.
    let mut settings = settings(args);
    settings.retries.tries = 1;
    settings.timeouts = Timeouts {
        connect: SOON,
        idle: SOON,
        total: SOON,
    };
    let registries = registries_over(Arc::new(Http::new(settings)));
    let repository = match source.is_true(&["spec", "insecure"]) {
        true => registries.insecure_repository(&name),
        false => registries.repository(&name),
    };
    match repository.resolve(&reference) {
        Ok(Some(found)) if found == *digest => Target::This,
        Ok(Some(_)) => Target::Other,
        Ok(None) | Err(_) => Target::Unknown,
    }
}

/// How long is waited for a registry that only tells whether waiting makes sense.
const SOON: Duration = Duration::from_secs(5);
