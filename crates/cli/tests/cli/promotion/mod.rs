//! Promotions in the registry of the distribution project.

mod at_once;
mod attest;
mod promote;
mod rollback;
mod views;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use tempfile::TempDir;
use tidegate_artifact::evidence::{
    Details, Envelope, Evidence, Outcome, SigningKey, Statement, TestResult,
};
use tidegate_artifact::ledger::{Entry, Environment, Tags as _, entries};
use tidegate_artifact::{Artifact, Digest, Modes, Repository, pack};
use tidegate_registry::{Http, Keychain, Registries, RepositoryName, Settings};
use tidegate_source::{IgnoreRules, MemorySystem, Packed, Packing, TreePath};

use crate::docker::{Access, Docker};
use crate::{Run, tidegate, tree};

/// The gate signs with it.
const GATE: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJV3DWs0vldTtboO9\nKe3fXu+AMJzXVIf8gSD7LWoFPSGhRANCAATAIBfEQa0Y+fK91VGZjfmROtpdogFC\nwG1juiq0hWcgmBtbTOQiz2NG+Ie0qQJa+75eoHZnrujEbDtRSmH4PsIl\n-----END PRIVATE KEY-----\n";
const GATE_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwCAXxEGtGPnyvdVRmY35kTraXaIB\nQsBtY7oqtIVnIJgbW0zkIs9jRviHtKkCWvu+XqB2Z67oxGw7UUph+D7CJQ==\n-----END PUBLIC KEY-----\n";
/// Who validates and approves signs with it.
const PERSON: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBX7hUPZ4MdieGOmeg79kK4lS4wRcPYIF1OW+jGdm0g3\n-----END PRIVATE KEY-----\n";
const PERSON_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAMoibJwc1LbI5sVisdHr4hBuou8H4hd1AZk9shICGfCw=\n-----END PUBLIC KEY-----\n";

/// The policy that the tests begin with.
const SIGNED: &str = "keys.gate = ['gate.pub']\n\n[environments.integration]\nkeys.validate = ['person.pub']\n\n\
                      [environments.live]\nfrom = 'integration'\nkeys.approve = ['person.pub']\n";

/// A tree with a config, and a registry.
struct World {
    folder: TempDir,
    registries: Registries,
    name: RepositoryName,
    _docker: Docker,
}

impl World {
    /// None where the registry is not installed.
    fn new() -> Option<World> {
        let docker = Docker::start(Access::Open)?;
        let authority = docker.authority();
        let url = format!("oci://{authority}/team/platform");
        let config = config(&url, SIGNED);
        let source = source(&url, "ref: {tag: live}");
        let folder = tree(&[
            ("tidegate.toml", &config),
            ("gate.pub", GATE_PUBLIC),
            ("person.pub", PERSON_PUBLIC),
            ("gate.key", GATE),
            ("person.key", PERSON),
            ("clusters/live/flux.yaml", &source),
            (
                "apps/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            ),
        ]);
        let http = Arc::new(Http::new(Settings::default()));
        Some(World {
            folder,
            registries: Registries::new(http, Keychain::default()),
            name: RepositoryName::parse(&url).unwrap(),
            _docker: docker,
        })
    }

    fn repository(&self) -> Repository<'_> {
        Repository::new(self.registries.repository(&self.name))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Replaces what the config says behind the repository.
    fn policy(&self, policy: &str) {
        self.write("tidegate.toml", &config(&self.name.to_string(), policy));
    }

    /// Replaces what the source of live says.
    fn follow(&self, reference: &str) {
        let source = source(&self.name.to_string(), reference);
        self.write("clusters/live/flux.yaml", &source);
    }

    fn run(&self, args: &[&str]) -> Run {
        tidegate(self.folder.path(), args)
    }

    /// Pushes an artifact.
    fn push(&self, text: &str) -> Digest {
        let artifact = artifact(text);
        self.repository().push(&artifact).unwrap().digest
    }

    fn attach(&self, digest: &Digest, result: &TestResult, key: Option<&str>) {
        let envelope = envelope(digest, result, key);
        self.repository().attach(digest, &envelope).unwrap();
    }

    /// Records that an artifact passed the gate, and selects it in integration.
    fn gate(&self, digest: &Digest) {
        self.attach(digest, &result(Evidence::Gate, None, digest), Some(GATE));
        self.select("integration", digest);
    }

    /// Writes an entry and the pointer, as `push` does and anyone can.
    fn select(&self, environment: &str, digest: &Digest) {
        self.entry(environment, digest, jiff::Timestamp::now());
        self.repository().set(environment, digest).unwrap();
    }

    fn entry(&self, environment: &str, digest: &Digest, time: jiff::Timestamp) {
        let environment = Environment::new(environment).unwrap();
        let entry = Entry::new(&environment, time, digest);
        self.repository().set(&entry.tag, digest).unwrap();
    }

    fn validate(&self, digest: &Digest) {
        let passed = result(Evidence::Validation, Some("integration"), digest);
        self.attach(digest, &passed, Some(PERSON));
    }

    /// An artifact that may go live.
    fn ready(&self, text: &str) -> Digest {
        let digest = self.push(text);
        self.gate(&digest);
        self.validate(&digest);
        digest
    }

    fn promote(&self, digest: &Digest, more: &[&str]) -> Run {
        let digest = digest.to_string();
        let mut args = vec!["promote", &digest, "--to", "live"];
        args.extend(more);
        self.run(&args)
    }

    /// Promotes what may be.
    fn promoted(&self, digest: &Digest) {
        let run = self.promote(digest, &[]);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
    }

    fn rollback(&self, to: &str, more: &[&str]) -> Run {
        let mut args = vec!["rollback", "--env", "live", "--to", to];
        args.extend(more);
        self.run(&args)
    }

    fn live(&self) -> Option<Digest> {
        self.repository().resolve("live").unwrap()
    }

    /// The log of live.
    fn log(&self) -> Vec<Entry> {
        let tags = self.repository().tags().unwrap();
        entries(&Environment::new("live").unwrap(), &tags)
    }

    /// Checks that a run is refused for a reason, says what to do, and has changed nothing.
    fn check_refused(&self, args: &[&str], message: &str, help: &str) {
        let before = (self.live(), self.log());
        let run = self.run(args);
        assert_eq!(run.status, Some(1), "{}{}", run.stdout, run.stderr);
        assert_eq!(run.stdout, "");
        let said = run
            .stderr
            .lines()
            .find(|line| line.starts_with("refused: "));
        let said = said.unwrap_or_else(|| panic!("{}", run.stderr));
        assert!(said.contains(message), "{said}\nwanted: {message}");
        let helps = run.stderr.lines().find(|line| line.starts_with("help: "));
        let helps = helps.unwrap_or_default();
        assert!(helps.contains(help), "{helps}\nwanted: {help}");
        assert_eq!((self.live(), self.log()), before);
    }
}

fn config(url: &str, policy: &str) -> String {
    format!("[promotion]\nrepository = '{url}'\n{policy}")
}

fn source(url: &str, reference: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n\
         metadata: {{name: flux-system, namespace: flux-system}}\n\
         spec: {{interval: 1m, insecure: true, url: '{url}', {reference}}}\n---\n\
         apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
         metadata: {{name: apps, namespace: flux-system}}\n\
         spec: {{interval: 1m, prune: true, path: ./apps, sourceRef: {{kind: OCIRepository, name: flux-system}}}}\n"
    )
}

fn artifact(text: &str) -> Artifact {
    let tree = Arc::new(MemorySystem::new().with("a.yaml", text));
    let packing = Packing::flux_cli(IgnoreRules::of_flux_cli());
    let packed = Packed::new(tree, TreePath::root(), packing);
    let layer = pack(&packed, &TreePath::root(), Modes::Normal).unwrap();
    Artifact::new(layer, "2026-11-24T12:00:00Z", BTreeMap::new())
}

/// A result that passed just now.
fn result(kind: Evidence, environment: Option<&str>, content: &Digest) -> TestResult {
    TestResult::new(
        Outcome::Passed,
        Details {
            kind,
            environment: environment.map(str::to_owned),
            diff_id: Some(content.to_string()),
            inconclusive: false,
            time: now(),
            tool: String::new(),
            reason: None,
            report: None,
        },
    )
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

fn envelope(digest: &Digest, result: &TestResult, key: Option<&str>) -> Envelope {
    let statement = Statement::new("platform", digest, result);
    let key = key.map(|key| SigningKey::from_pem(key).unwrap());
    Envelope::of(&statement, key.as_ref())
}
