//! Records that an artifact passed the gate which someone else has packed and pushed.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use tidegate_artifact::evidence::{
    Envelope, Evidence, Outcome, Role, Signed, SigningKey, Statement, TestResult, VerifyingKey,
};
use tidegate_artifact::{Digest, Modes, Repository, RepositoryError};
use tidegate_report::Format;
use tidegate_system::ArtifactSystem;

use crate::args::{Attest, GateArgs, Global};
use crate::commands::{Failure, threads, written};
use crate::gate::{Answer, hold};
use crate::packing::Packaged;
use crate::progress::Progress;
use crate::promotion::{Ended, Named, Refused, Setting, print_result};
use crate::signing::{GATE_KEY, signing_key};
use crate::terminal::Stream;

use super::recorded_lines;

/// The largest report that is read, in bytes.
const LARGEST_REPORT: u64 = 64 << 20;

/// What a file says of the gate.
enum Report {
    /// Someone has signed it, or nobody.
    Envelope(Envelope),
    /// Bare JSON, with the digest of the content that it is about.
    Bare(Digest),
}

pub(super) fn record(args: &Attest, file: &Path, global: &Global) -> Result<(), Ended> {
    let named = Named::parse(&args.digest)?;
    let setting = Setting::open(&args.repository, &[], Some(&named))?;
    let digest = named.digest()?;
    let key = signing_key(args.key.as_deref(), GATE_KEY)?;
    let report = read(file)?;
    let repository = setting.repository();
    let content = content(&repository, &digest)?;
    let own = key.as_ref().map(SigningKey::verifying_key);
    let trusted = trusted(&setting, own.as_ref());
    let (result, by) = match signed(&report, &content, &trusted) {
        Some(result) => (result, "by the word of the gate's key"),
        None => (
            gate_again(args, file, &report, &content, &setting, global)?,
            "by a gate of its own",
        ),
    };
    if result.result == Outcome::Failed {
        return Err(refused(
            format!("{} says that the gate was not passed", file.display()),
            "mend what was found, and push again",
        ));
    }
    if let Some(warning) = warning(&setting, own.as_ref()) {
        let text = format!("warning: {warning}\n");
        written(io::stderr().lock().write_all(text.as_bytes()))?;
    }
    let statement = Statement::new(&setting.name.to_string(), &digest, &result);
    let envelope = Envelope::of(&statement, key.as_ref());
    let attached = repository.attach(&digest, &envelope)?;
    let verdict = result.result.as_str();
    let signed_by = own.as_ref().map(VerifyingKey::id);
    print_result(
        args.output,
        || {
            let signed = match &signed_by {
                Some(key) => format!("signed by key {}", key.short()),
                None => "not signed".to_owned(),
            };
            format!(
                "recorded {verdict} of the gate for {digest}, {by}\n  content {content}; {signed}\n  {attached}\n"
            )
        },
        || {
            json!({
                "version": 1,
                "digest": digest.to_string(),
                "content": content.to_string(),
                "result": verdict,
                "attestation": attached.to_string(),
                "key": signed_by.as_ref().map(ToString::to_string),
            })
        },
        || recorded_lines(&digest, verdict, &attached),
    )?;
    Ok(())
}

fn refused(message: String, help: &str) -> Ended {
    Refused {
        message,
        help: help.to_owned(),
    }
    .into()
}

fn read(file: &Path) -> Result<Report, Failure> {
    let shown = file.display();
    let cannot = |why: &dyn std::fmt::Display| Failure::new(format!("{shown}: {why}"));
    let length = fs::metadata(file).map_err(|error| cannot(&error))?.len();
    if length > LARGEST_REPORT {
        return Err(cannot(&format!(
            "it has more than {} MiB",
            LARGEST_REPORT >> 20
        )));
    }
    let bytes = fs::read(file).map_err(|error| cannot(&error))?;
    if let Ok(envelope) = Envelope::parse(&bytes) {
        return Ok(Report::Envelope(envelope));
    }
    let document: Option<Value> = serde_json::from_slice(&bytes).ok();
    let stated = document
        .as_ref()
        .and_then(|document| document.pointer("/content/digest")?.as_str());
    match stated.and_then(Digest::parse) {
        Some(content) => Ok(Report::Bare(content)),
        None => Err(cannot(&"it is no report of the gate")
            .with_help("`tidegate gate --report FILE` writes one")),
    }
}

/// The digest of what is in an artifact: of the bytes that the registry has, not of what the artifact says.
fn content(repository: &Repository<'_>, digest: &Digest) -> Result<Digest, Ended> {
    let manifest = repository.manifest(digest)?;
    let manifest = manifest
        .ok_or_else(|| RepositoryError::Absent(repository.name().clone(), digest.clone()))?;
    let layer = repository.layer(&manifest)?;
    let unpacked = ArtifactSystem::new(&layer);
    let unpacked = unpacked.map_err(|why| {
        refused(
            format!("{digest} is no artifact of Flux: {why}"),
            "name the digest that the push of the tree has printed",
        )
    })?;
    Ok(Digest::of(unpacked.archive()))
}

/// The keys whose word counts that something passed the gate, with the one that signs here.
fn trusted(setting: &Setting, own: Option<&VerifyingKey>) -> Vec<VerifyingKey> {
    let environments = setting.configured.config.environments.iter();
    let listed = environments.flat_map(|one| setting.policy.keys(Role::Gate, &one.name.value));
    listed.chain(own).cloned().collect()
}

/// What a trusted key says of the content; none where no such key says anything of it.
fn signed(report: &Report, content: &Digest, trusted: &[VerifyingKey]) -> Option<TestResult> {
    let Report::Envelope(envelope) = report else {
        return None;
    };
    let Signed::By(..) = envelope.signed(trusted) else {
        return None;
    };
    let says = Statement::result(&envelope.payload(), content).ok()?;
    let is_own = says.details.diff_id.as_deref() == Some(content.to_string().as_str());
    (says.details.kind == Evidence::Gate && is_own).then_some(says)
}

/// Holds the tree to the gate, as nobody's word is to be taken for it: its content must be that of the artifact.
fn gate_again(
    args: &Attest,
    file: &Path,
    report: &Report,
    content: &Digest,
    setting: &Setting,
    global: &Global,
) -> Result<TestResult, Ended> {
    let other = |found: &Digest, what: &str| {
        refused(
            format!("the content of the artifact is {content}, and that of {what} is {found}"),
            "check out the commit that the artifact was made of, and name the folder that was packed: --tree FOLDER",
        )
    };
    if let Report::Bare(stated) = report
        && stated != content
    {
        return Err(other(stated, &format!("the report {}", file.display())));
    }
    let gate = GateArgs {
        clusters: Vec::new(),
        config: args.repository.config.clone(),
        rev: None,
        cache_dir: None,
        keep_modes: false,
    };
    let progress = Progress::start(global.quiet);
    let tree = &args.repository.tree;
    let held = hold(tree, &gate, threads(global), &setting.working, &progress);
    progress.finish();
    let held = held?;
    held.show_findings(Format::Human, Stream::Stderr, global, &setting.working)?;
    let Answer::Gated(gated) = held else {
        return Err(Failure::new("nothing was recorded: the config has errors").into());
    };
    let packed = &gated.packaged;
    if packed.layer.diff_id != *content {
        // The Flux CLI packs permission bits as they are.
        let kept = Packaged::new(&gated.tree, &packed.root, Modes::Kept)?;
        if kept.layer.diff_id != *content {
            return Err(other(&packed.layer.diff_id, "the tree"));
        }
    }
    match gated.passed {
        true => {
            let mut result = gated.result(setting.now);
            result.details.diff_id = Some(content.to_string());
            Ok(result)
        }
        false => Err(refused(
            "the tree does not pass the gate, and nothing was recorded".to_owned(),
            "mend what was found, or accept it in tidegate.toml with a reason",
        )),
    }
}

/// Why nobody will go by what is recorded.
fn warning(setting: &Setting, key: Option<&VerifyingKey>) -> Option<String> {
    let environments = &setting.configured.config.environments;
    let is_listed = |key: &VerifyingKey| {
        let mut environments = environments.iter();
        environments.any(|one| {
            setting
                .policy
                .keys(Role::Gate, &one.name.value)
                .contains(key)
        })
    };
    match key {
        _ if setting.policy.unsigned => None,
        None => Some(
            "it is not signed, so `promote` will not go by it: sign it with --key FILE or TIDEGATE_GATE_KEY"
                .to_owned(),
        ),
        Some(key) if !is_listed(key) => Some(format!(
            "the config does not list key {} as `gate` key of any environment, so `promote` will not go by it",
            key.id().short()
        )),
        Some(_) => None,
    }
}
