//! Artifacts in registries, as trees.

use std::path::Path;
use std::sync::Arc;

use tidegate_artifact::Repository;
use tidegate_registry::{Http, Keychain, Reference, Registries, Settings, parse_reference};
use tidegate_system::ArtifactSystem;

use crate::args::RegistryArgs;
use crate::charts::environment;
use crate::commands::Failure;
use crate::place::WorkingFolder;
use crate::tree::Tree;

/// What a place in a registry begins with.
const SCHEME: &str = "oci://";

/// The address of an artifact, where that is what was typed.
pub(crate) fn artifact_url(typed: &Path) -> Option<&str> {
    typed.to_str().filter(|typed| typed.starts_with(SCHEME))
}

/// All registries, with the logins and proxies of the environment.
pub(crate) fn registries(args: &RegistryArgs) -> Registries {
    registries_over(Arc::new(Http::new(settings(args))))
}

/// All registries over a client, with the logins of the environment.
pub(crate) fn registries_over(http: Arc<Http>) -> Registries {
    Registries::new(http, Keychain::read(&environment::logins()))
}

/// How servers are spoken to, with the proxies of the environment.
pub(crate) fn settings(args: &RegistryArgs) -> Settings {
    Settings {
        proxies: environment::proxies(),
        insecure: args.insecure_registry.clone(),
        ..Settings::default()
    }
}

/// The tree that a command is about: a folder of the disk, a revision of it, or an artifact.
pub(crate) fn open(
    typed: &Path,
    revision: Option<&str>,
    args: &RegistryArgs,
    working: &WorkingFolder,
) -> Result<Tree, Failure> {
    match (artifact_url(typed), revision) {
        (None, _) => Tree::open(typed, revision, working),
        (Some(url), None) => pull(url, args),
        (Some(url), Some(_)) => {
            let failure = Failure::new(format!("{url} has no revisions: it is an artifact"));
            Err(failure.with_help("name the artifact by its tag or digest, without --rev"))
        }
    }
}

/// The files of an artifact, as Flux extracts them.
fn pull(url: &str, args: &RegistryArgs) -> Result<Tree, Failure> {
    let (name, reference) =
        parse_reference(url).map_err(|error| Failure::new(error.to_string()))?;
    let Some(reference) = reference else {
        let failure = Failure::new(format!("{url} names no artifact of the repository"));
        return Err(failure.with_help(format!(
            "write a tag or a digest behind it, such as {url}:live"
        )));
    };
    let failure =
        |why: &dyn std::fmt::Display| Failure::new(format!("{url} cannot be read: {why}"));
    let registries = registries(args);
    let registry = registries.repository(&name);
    let found = registry.artifact(&reference).map_err(|why| failure(&why))?;
    let Some((manifest, digest)) = found else {
        let what = match reference {
            Reference::Tag(tag) => format!("has no tag `{tag}`"),
            Reference::Digest(digest) => format!("has no artifact {digest}"),
        };
        return Err(Failure::new(format!("{name} {what}")));
    };
    let layer = Repository::new(registry).layer(&manifest);
    let layer = layer.map_err(|why| failure(&why))?;
    let system = ArtifactSystem::new(&layer).map_err(|why| failure(&why))?;
    let short = name.to_string();
    let short = short.rsplit('/').next().unwrap_or(&short);
    Ok(Tree::of_artifact(short, &digest, system))
}
