use std::sync::Arc;

use jiff::Timestamp;
use tidegate_artifact::evidence::Policy;
use tidegate_artifact::ledger::Environment;
use tidegate_artifact::promotion::Passage;
use tidegate_artifact::{Digest, Repository};
use tidegate_core::TreePacking;
use tidegate_registry::{Reference, RepositoryName, parse_reference};
use tidegate_source::{Diagnostic, LineCol, Location, Severity, Sources, Span, TreePath};

use super::{Connection, policy::policy};
use crate::args::RepositoryArgs;
use crate::commands::{Failure, working_folder};
use crate::config::Configured;
use crate::place::WorkingFolder;
use crate::tree::Tree;

/// An artifact as it was typed.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The repository, where it was named too.
    repository: Option<RepositoryName>,
    /// The digest or a tag.
    pub(crate) reference: Reference,
}

impl Named {
    /// Reads `sha256:...`, or `oci://...` with a digest or a tag.
    pub(crate) fn parse(text: &str) -> Result<Named, Failure> {
        if let Some(digest) = Digest::parse(text) {
            return Ok(Named {
                repository: None,
                reference: Reference::Digest(digest),
            });
        }
        let help = "write sha256:... with all 64 digits, or oci://HOST/PATH@sha256:...";
        match text.starts_with("oci://") {
            true => match parse_reference(text) {
                Ok((name, Some(reference))) => Ok(Named {
                    repository: Some(name),
                    reference,
                }),
                Ok((_, None)) => {
                    let message =
                        format!("{text} names no artifact: it has neither tag nor digest");
                    Err(Failure::new(message).with_help(help))
                }
                Err(error) => Err(Failure::new(error.to_string()).with_help(help)),
            },
            false => Err(Failure::new(format!("`{text}` is no digest")).with_help(help)),
        }
    }

    /// The digest, where it was typed.
    pub(crate) fn digest(self) -> Result<Digest, Failure> {
        match self.reference {
            Reference::Digest(digest) => Ok(digest),
            Reference::Tag(tag) => Err(Failure::new(format!(
                "`{tag}` is a tag, which may lead elsewhere tomorrow"
            ))
            .with_help("name the artifact by its digest: `tidegate history` and `status` show it")),
        }
    }
}

/// What a command goes by.
pub(crate) struct Setting {
    pub(crate) working: WorkingFolder,
    pub(crate) tree: Tree,
    pub(crate) configured: Configured,
    pub(crate) policy: Policy,
    pub(crate) name: RepositoryName,
    /// The time at which the command began.
    pub(crate) now: Timestamp,
    connection: Connection,
}

impl Setting {
    /// Reads the config. `environments` are those that were named.
    pub(crate) fn open(
        args: &RepositoryArgs,
        environments: &[&str],
        named: Option<&Named>,
    ) -> Result<Setting, Failure> {
        let working = working_folder()?;
        let tree = Tree::open(&args.tree, None, &working)?;
        let sources = tree.sources(&TreePacking::default());
        let start = tree.folder(&args.tree, &working)?;
        let config = args.config.as_deref();
        let configured = Configured::find(config, &start, &tree, &sources, &working)?;
        let place = Place {
            configured: &configured,
            working: &working,
            tree: &tree,
            sources: &sources,
        };
        let mut findings = configured.findings.iter();
        if let Some(error) = findings.find(|finding| finding.severity == Severity::Error) {
            return Err(place.failure(error));
        }
        let policy = policy(&configured.config, environments);
        let policy = policy.map_err(|finding| place.failure(&finding))?;
        let name = repository(args, named, &configured)?;
        Ok(Setting {
            connection: Connection::new(&args.registry),
            working,
            tree,
            configured,
            policy,
            name,
            now: Timestamp::now(),
        })
    }

    pub(crate) fn repository(&self) -> Repository<'_> {
        self.connection.repository(&self.name)
    }

    /// The way into an environment.
    pub(crate) fn passage<'s, R>(
        &'s self,
        repository: &'s R,
        from: Option<&'s Environment>,
        to: &'s Environment,
    ) -> Passage<'s, R> {
        Passage {
            repository,
            policy: &self.policy,
            from,
            to,
            now: self.now,
        }
    }

    /// The environment that artifacts of another one come from, by the config.
    pub(crate) fn from(&self, environment: &str) -> Option<&str> {
        let declared = self.configured.config.environment(environment)?;
        declared.from.as_ref().map(|from| from.value.as_str())
    }

    /// What is said each time where evidence need not be signed.
    pub(crate) fn warning(&self) -> Option<&'static str> {
        self.policy.unsigned.then_some(
            "warning: evidence counts without a signature (`evidence = \"unsigned\"`): whoever may push to the \
             repository may promote\n",
        )
    }
}

fn repository(
    args: &RepositoryArgs,
    named: Option<&Named>,
    configured: &Configured,
) -> Result<RepositoryName, Failure> {
    let typed = args.repository.as_deref();
    let declared = configured.config.promotion.repository.as_ref();
    let url = typed.or(declared.map(|url| url.value.as_str()));
    let of_artifact = named.and_then(|named| named.repository.clone());
    let name = url
        .map(RepositoryName::parse)
        .transpose()
        .map_err(|error| Failure::new(error.to_string()))?;
    match (of_artifact, name) {
        (Some(own), Some(name)) if own != name && typed.is_some() => Err(Failure::new(format!(
            "the artifact is in {own}, and --repository is {name}"
        ))),
        (Some(own), _) => Ok(own),
        (None, Some(name)) => Ok(name),
        (None, None) => Err(Failure::new("the repository of the artifacts is not known")
            .with_help(
                "add it to tidegate.toml: `[promotion] repository = \"oci://ghcr.io/acme/platform\"`; or name it: \
                 --repository URL",
            )),
    }
}

/// An environment that was typed.
pub(crate) fn environment(name: &str) -> Result<Environment, Failure> {
    Environment::new(name).map_err(|error| Failure::new(error.to_string()))
}

/// The file and line of a span.
pub(super) fn place(sources: &Sources, span: Span) -> Option<(TreePath, LineCol)> {
    let span = sources.real(span);
    let file = sources.get(span.file)?;
    Some((file.path().clone(), file.line_col(span.start)))
}

/// Where findings about the config are shown.
struct Place<'a> {
    configured: &'a Configured,
    working: &'a WorkingFolder,
    tree: &'a Tree,
    sources: &'a Arc<Sources>,
}

impl Place<'_> {
    fn failure(&self, finding: &Diagnostic) -> Failure {
        let at = match finding.primary {
            Location::Span(span) => place(self.sources, span),
            Location::Path(_) => None,
        };
        let place = at.map_or_else(String::new, |(path, at)| {
            let root = self.tree.root();
            let path = self.configured.shown(self.working, root, &path);
            format!("{path}:{}:{}: ", at.line, at.column)
        });
        let failure = Failure::new(format!("{place}{}", finding.message));
        match &finding.help {
            Some(help) => failure.with_help(help.clone()),
            None => failure,
        }
    }
}
