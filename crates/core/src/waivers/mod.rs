//! Findings that are known and accepted: by a comment at their line, or by the config.
//!
//! A waiver says why, or it waives nothing. One that waives nothing is itself a finding, so that
//! waivers go when what they were for has gone.

mod comment;

use std::collections::{BTreeMap, HashMap};

use tidegate_source::{
    Code, Diagnostic, Edit, FileId, Fix, Location, Sources, Span, Subject, TreePath, Waived,
};

use crate::config::{Config, ConfigWaiver, Date};
use crate::waivers::comment::{Comment, CommentScope, comments};

/// The codes of what is wrong with waivers.
pub mod codes {
    use tidegate_source::Code;

    /// A waiver that waives nothing.
    pub const UNUSED_WAIVER: Code = Code::new("WVR001");
    /// A waiver whose day has passed.
    pub const EXPIRED_WAIVER: Code = Code::new("WVR002");
    /// A comment that is no waiver, though it looks like one.
    pub const INVALID_WAIVER: Code = Code::new("WVR003");
    /// A baseline that lists what is not found any more.
    pub const STALE_BASELINE: Code = Code::new("WVR004");

    /// All of them.
    pub const ALL: &[Code] = &[
        UNUSED_WAIVER,
        EXPIRED_WAIVER,
        INVALID_WAIVER,
        STALE_BASELINE,
    ];
}

/// All waivers of a run.
#[derive(Debug)]
pub(crate) struct Waivers<'a> {
    comments: Vec<Comment>,
    /// What is wrong with comments.
    invalid: Vec<Diagnostic>,
    in_config: Vec<&'a ConfigWaiver>,
    expired: Vec<&'a ConfigWaiver>,
    /// The index of the comment, and of the code in it.
    at_lines: HashMap<(FileId, usize, Code), (usize, usize)>,
    in_files: HashMap<(FileId, Code), (usize, usize)>,
    by_code: BTreeMap<Code, Vec<usize>>,
    used_comments: Vec<Vec<bool>>,
    used_in_config: Vec<bool>,
}

impl<'a> Waivers<'a> {
    /// Those of the config, and those of all files that were read so far.
    pub(crate) fn new(sources: &Sources, config: &'a Config, today: Date) -> Waivers<'a> {
        let is_over = |waiver: &&ConfigWaiver| {
            let until = waiver.until.as_ref();
            until.is_some_and(|until| until.value < today)
        };
        let (expired, in_config) = config.waivers.iter().partition(is_over);
        let mut waivers = Waivers {
            comments: Vec::new(),
            invalid: Vec::new(),
            in_config,
            expired,
            at_lines: HashMap::new(),
            in_files: HashMap::new(),
            by_code: BTreeMap::new(),
            used_comments: Vec::new(),
            used_in_config: Vec::new(),
        };
        for file in sources.files_read() {
            let (found, invalid) = comments(&file);
            waivers.comments.extend(found);
            waivers.invalid.extend(invalid);
        }
        for (index, comment) in waivers.comments.iter().enumerate() {
            let file = comment.span.file;
            for (nth, (code, _)) in comment.codes.iter().enumerate() {
                match comment.scope {
                    CommentScope::Line(line) => {
                        let key = (file, line, *code);
                        waivers.at_lines.entry(key).or_insert((index, nth));
                    }
                    CommentScope::File => {
                        let key = (file, *code);
                        waivers.in_files.entry(key).or_insert((index, nth));
                    }
                }
            }
            waivers.used_comments.push(vec![false; comment.codes.len()]);
        }
        for (index, waiver) in waivers.in_config.iter().enumerate() {
            let same_code = waivers.by_code.entry(waiver.code.value).or_default();
            same_code.push(index);
            waivers.used_in_config.push(false);
        }
        waivers
    }

    /// The finding with the reason, if it is waived: by its line, else by its file, else by the
    /// config.
    pub(crate) fn waive(
        &mut self,
        finding: Diagnostic,
        sources: &Sources,
    ) -> Result<Waived, Box<Diagnostic>> {
        if let Some((index, nth)) = self.comment_for(&finding, sources) {
            self.used_comments[index][nth] = true;
            let comment = &self.comments[index];
            return Ok(Waived {
                finding,
                reason: comment.reason.clone(),
                location: Location::Span(comment.span),
            });
        }
        let Some(same_code) = self.by_code.get(&finding.code) else {
            return Err(Box::new(finding));
        };
        let path = finding.primary.path(sources);
        let mut same_code = same_code.iter();
        match same_code.find(|index| covers(self.in_config[**index], &finding, path.as_ref())) {
            Some(index) => {
                self.used_in_config[*index] = true;
                let waiver = self.in_config[*index];
                Ok(Waived {
                    finding,
                    reason: waiver.reason.clone(),
                    location: Location::Span(waiver.code.span),
                })
            }
            None => Err(Box::new(finding)),
        }
    }

    fn comment_for(&self, finding: &Diagnostic, sources: &Sources) -> Option<(usize, usize)> {
        let Location::Span(span) = finding.primary else {
            return None;
        };
        if self.comments.is_empty() {
            return None;
        }
        let file = sources.get(span.file)?;
        let line = file.lines().line_of(span.start);
        let at_line = self.at_lines.get(&(span.file, line, finding.code));
        at_line
            .or_else(|| self.in_files.get(&(span.file, finding.code)))
            .copied()
    }

    /// What is wrong with the waivers. Whether one is used is known only where everything was
    /// checked that it could be about.
    pub(crate) fn findings(
        self,
        everything_was_checked: bool,
        not_looked_at: &[Code],
    ) -> Vec<Diagnostic> {
        let mut findings = self.invalid;
        for waiver in self.expired {
            let Some(until) = &waiver.until else { continue };
            let message = format!(
                "this waiver of {} held until {}",
                waiver.code.value, until.value
            );
            findings.push(
                Diagnostic::warning(codes::EXPIRED_WAIVER, until.span, message)
                    .with_help("mend what it was for and take it out, or write a later day"),
            );
        }
        if !everything_was_checked {
            return findings;
        }
        for (comment, used) in self.comments.iter().zip(&self.used_comments) {
            for ((code, span), used) in comment.codes.iter().zip(used) {
                if !used && !not_looked_at.contains(code) {
                    findings.push(unused_comment(comment, *code, *span));
                }
            }
        }
        for (waiver, used) in self.in_config.iter().zip(&self.used_in_config) {
            let code = waiver.code.value;
            if !used && !not_looked_at.contains(&code) {
                let message = format!("no finding of {code} is waived by this");
                findings.push(
                    Diagnostic::warning(codes::UNUSED_WAIVER, waiver.code.span, message)
                        .with_help("take it out, or mend its `path` or `object`"),
                );
            }
        }
        findings
    }
}

fn covers(waiver: &ConfigWaiver, finding: &Diagnostic, path: Option<&TreePath>) -> bool {
    let in_path = waiver
        .path
        .as_ref()
        .is_none_or(|pattern| path.is_some_and(|path| pattern.matches(path.as_str())));
    let about_object = waiver.object.as_ref().is_none_or(|pattern| {
        let subject = finding.subject.as_ref();
        subject.is_some_and(|subject| pattern.matches(&as_path(subject)))
    });
    in_path && about_object
}

/// `Kind/namespace/name`, or `Kind/name`.
fn as_path(subject: &Subject) -> String {
    let Subject {
        kind,
        namespace,
        name,
        ..
    } = subject;
    match namespace.as_str() {
        "" => format!("{kind}/{name}"),
        namespace => format!("{kind}/{namespace}/{name}"),
    }
}

fn unused_comment(comment: &Comment, code: Code, span: Span) -> Diagnostic {
    let message = format!("no finding of {code} is waived by this comment");
    let mut finding = Diagnostic::warning(codes::UNUSED_WAIVER, span, message)
        .with_help("take it out, or move it to the line of the finding");
    if let [_] = comment.codes[..] {
        finding.fix = Some(Fix {
            title: "Remove the comment".to_owned(),
            edits: vec![Edit {
                span: comment.span,
                text: String::new(),
            }],
        });
    }
    finding
}
