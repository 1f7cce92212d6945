//! Plain manifests against schemas.

mod inputs;
mod parts;
mod report;

use std::borrow::Cow;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use memchr::memmem;
use tidegate_core::config::Config;
use tidegate_core::parallel;
use tidegate_core::validate::{How, Validator, count_unknown};
use tidegate_source::{Diagnostic, MemorySystem, NotChecked, Severity, Sink, Sources, TreePath};
use tidegate_yaml::{Dialect, DuplicateKeys, Node, ParseOptions, Parsed, parse};

use self::inputs::Input;
pub(crate) use self::inputs::inputs;
use self::parts::{Part, Parts};
use self::report::{Report, Text};
use crate::args::{self, Global, Validate};
use crate::commands::check::format;
use crate::commands::{Failure, Outcome, threads};
use crate::config::Configured;
use crate::progress::Progress;

/// So many parts for each thread are checked at once.
const PARTS_PER_THREAD: usize = 8;

/// So many objects of kinds that are not known yet are kept until the end of the input, where their
/// definitions may have come.
const MOST_WAITING: usize = 10_000;

pub(crate) fn run(args: &Validate, global: &Global) -> Result<Outcome, Failure> {
    let progress = Progress::start(global.quiet);
    let configured = match args.no_config {
        true => None,
        false => Some(Configured::here(args.config.as_deref())?),
    };
    let defaults = Config::default();
    let config = configured.as_ref().map_or(&defaults, |one| &one.config);
    let settings = config.settings(None);
    let kubernetes = args.kubernetes_version.unwrap_or(settings.kubernetes);
    let how = match args.how {
        args::How::Apply => How::Apply,
        args::How::Create => How::Create,
    };
    let mut run = Run {
        validator: Validator::new(kubernetes, how).with_flux(settings.flux),
        threads: threads(global),
        require_complete: args.require_complete,
        report: Report::new(format(args.format), global),
        waiting: Vec::new(),
        has_new_definitions: false,
    };
    if let Some(mut configured) = configured {
        for definition in configured.definitions() {
            run.validator.add_definitions(&definition);
        }
        configured.sound()?;
    }
    for path in &args.schemas {
        run.add_schemas(path)?;
    }
    let (inputs, failed) = inputs(&args.files);
    for reason in failed {
        run.report.unreadable(&reason)?;
    }
    for input in inputs {
        run.input(&input)?;
    }
    run.finish_waiting()?;
    run.report.finish(progress.finish())
}

struct Run<'a> {
    validator: Validator,
    threads: NonZeroUsize,
    require_complete: bool,
    report: Report<'a>,
    /// Objects of kinds that are not known, with the text that they are in.
    waiting: Vec<(Arc<Text>, Node)>,
    /// Whether definitions came behind one of these.
    has_new_definitions: bool,
}

/// A part that waits to be checked.
enum Batched {
    Part(Part),
    /// It defines kinds, so it was read already.
    Read(Arc<Text>, Parsed),
}

/// What was found in a part.
struct Found {
    text: Arc<Text>,
    findings: Vec<Diagnostic>,
    unknown: Vec<Node>,
    objects: usize,
}

impl Run<'_> {
    /// Adds the definitions of a file or a folder.
    fn add_schemas(&mut self, path: &PathBuf) -> Result<(), Failure> {
        let (inputs, failed) = inputs(std::slice::from_ref(path));
        if let Some(reason) = failed.into_iter().next() {
            return Err(Failure::new(reason));
        }
        let mut found = false;
        for input in inputs {
            let name = input.name();
            let fail = |error: io::Error| Failure::new(format!("{name}: {error}"));
            let mut parts = Parts::new(input.open().map_err(fail)?);
            while let Some(part) = parts.next().map_err(fail)? {
                let (_, parsed) = read(&TreePath::root(), part);
                for document in parsed.documents.iter().filter_map(|one| one.root.as_ref()) {
                    found |= self.validator.add_definitions(document);
                }
            }
        }
        match found {
            true => Ok(()),
            false => Err(Failure::new(format!(
                "{} has no CustomResourceDefinition",
                path.display()
            ))),
        }
    }

    /// Checks all of an input, some parts at a time.
    fn input(&mut self, input: &Input) -> Result<(), Failure> {
        let name = input.name();
        let reader = match input.open() {
            Ok(reader) => reader,
            Err(error) => return self.report.unreadable(&format!("{name}: {error}")),
        };
        let path = self.report.input(name.clone());
        let mut parts = Parts::new(reader);
        let most = self.threads.get() * PARTS_PER_THREAD;
        let mut batch = Vec::with_capacity(most);
        loop {
            match parts.next() {
                Ok(Some(part)) => {
                    if defines_kinds(&part.bytes) {
                        // What comes behind it is of its kinds.
                        self.batch(&path, &mut batch)?;
                        let (text, parsed) = read(&path, part);
                        self.add_definitions(&parsed);
                        batch.push(Batched::Read(Arc::new(text), parsed));
                    } else {
                        batch.push(Batched::Part(part));
                    }
                }
                Ok(None) => return self.batch(&path, &mut batch),
                Err(error) => {
                    self.batch(&path, &mut batch)?;
                    return self.report.unreadable(&format!("{name}: {error}"));
                }
            }
            if batch.len() >= most {
                self.batch(&path, &mut batch)?;
            }
        }
    }

    fn add_definitions(&mut self, parsed: &Parsed) {
        for document in parsed.documents.iter().filter_map(|one| one.root.as_ref()) {
            self.has_new_definitions |= self.validator.add_definitions(document);
        }
    }

    fn batch(&mut self, path: &TreePath, batch: &mut Vec<Batched>) -> Result<(), Failure> {
        let validator = &self.validator;
        let found = parallel::map(self.threads, batch, |part| check(validator, path, part));
        batch.clear();
        found.into_iter().try_for_each(|found| self.found(found))
    }

    fn found(&mut self, found: Found) -> Result<(), Failure> {
        self.report.objects += found.objects;
        for object in found.unknown {
            match self.waiting.len() < MOST_WAITING {
                true => self.waiting.push((Arc::clone(&found.text), object)),
                false => self.unknown(&found.text, object)?,
            }
        }
        self.report.findings(&found.text, found.findings)
    }

    /// Counts an object of which nothing is known, or refuses it.
    fn unknown(&mut self, text: &Text, object: Node) -> Result<(), Failure> {
        let mut kinds: Vec<NotChecked> = Vec::new();
        count_unknown(&[object], &mut kinds);
        if self.require_complete {
            let errors = kinds.iter().map(tidegate_core::not_checked_error);
            self.report.findings(text, errors.collect())?;
        }
        self.report.not_checked(text, kinds);
        Ok(())
    }

    /// Checks what waited for definitions.
    fn finish_waiting(&mut self) -> Result<(), Failure> {
        for (text, object) in std::mem::take(&mut self.waiting) {
            if !self.has_new_definitions {
                self.unknown(&text, object)?;
                continue;
            }
            let checked = self.validator.check(&object, &text.sources);
            let findings = finished(checked.findings, &text.sources);
            self.report.findings(&text, findings)?;
            for object in checked.unknown {
                self.unknown(&text, object)?;
            }
        }
        Ok(())
    }
}

/// Checks the documents of a part.
fn check(validator: &Validator, path: &TreePath, part: &Batched) -> Found {
    let (text, parsed) = match part {
        Batched::Part(part) => {
            let (text, parsed) = read(path, part.clone());
            (Arc::new(text), Cow::Owned(parsed))
        }
        Batched::Read(text, parsed) => (Arc::clone(text), Cow::Borrowed(parsed)),
    };
    let mut found = Found {
        text,
        findings: parsed.findings.clone(),
        unknown: Vec::new(),
        objects: 0,
    };
    // What is only a warning of how YAML is read is none of the API server's.
    found
        .findings
        .retain(|finding| finding.severity == Severity::Error);
    for root in parsed.documents.iter().filter_map(|one| one.root.as_ref()) {
        if root.is_null() {
            continue;
        }
        let checked = validator.check(root, &found.text.sources);
        found.findings.extend(checked.findings);
        found.unknown.extend(checked.unknown);
        found.objects += checked.objects;
    }
    found.findings = finished(found.findings, &found.text.sources);
    found
}

/// Findings in their order.
fn finished(findings: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let mut sink = Sink::new();
    sink.extend(findings);
    sink.finish(sources)
}

/// Reads a part as the API server reads YAML.
fn read(path: &TreePath, part: Part) -> (Text, Parsed) {
    let sources = Sources::new(Arc::new(MemorySystem::new()));
    let file = sources.add_part(path.clone(), part.bytes, part.start);
    let options = ParseOptions {
        duplicate_keys: DuplicateKeys::Refuse,
        ..ParseOptions::new(Dialect::Yaml11)
    };
    let parsed = parse(&file, options);
    (Text { sources, file }, parsed)
}

/// Whether there may be a CustomResourceDefinition.
fn defines_kinds(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"CustomResourceDefinition").is_some()
}
