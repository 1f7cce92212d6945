//! Text to documents: what granit-parser reads is built into nodes, and what it accepts but the Go
//! tools refuse is found.

mod block;
mod documents;
mod merge;
mod message;
mod quoted;
mod refuse;
mod tags;
mod tree;

use granit_parser::{Event, Parser};
use tidegate_source::{Diagnostic, FileId, SourceFile, Span};

use crate::{Dialect, Node};
use tree::Builder;

/// The codes of this crate's findings.
pub mod codes {
    use tidegate_source::Code;

    /// The text is not YAML.
    pub const SYNTAX: Code = Code::new("YML001");
    /// A mapping has a key twice.
    pub const DUPLICATE_KEY: Code = Code::new("YML002");
    /// The bytes are not UTF-8, or UTF-16 with a byte order mark.
    pub const ENCODING: Code = Code::new("YML003");
    /// A stated limit is exceeded.
    pub const LIMIT: Code = Code::new("YML004");
    /// A key is not text.
    pub const KEY_NOT_TEXT: Code = Code::new("YML005");

    /// All of them.
    pub const ALL: &[Code] = &[SYNTAX, DUPLICATE_KEY, ENCODING, LIMIT, KEY_NOT_TEXT];
}

/// What bounds the work that one file can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Nested collections.
    pub depth: usize,
    /// Nodes of one file, those that aliases repeat included.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            depth: 200,
            nodes: 10_000_000,
        }
    }
}

/// What becomes of a key that is in one mapping twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DuplicateKeys {
    /// It is an error, and the document is not read.
    Refuse,
    /// It is a warning, and both entries are kept: lookups find the first one, as kustomize does in
    /// strategic merge patches.
    FirstCounts,
    /// It is a warning, and the last entry is kept, as where YAML is read by way of JSON.
    LastCounts,
}

/// How to read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParseOptions {
    /// The rules for plain scalars, and for what else the two dialects differ in.
    pub dialect: Dialect,
    /// The limits.
    pub limits: Limits,
    /// Keys that are there twice.
    pub duplicate_keys: DuplicateKeys,
}

impl ParseOptions {
    /// A dialect with the usual limits, and what its readers do about duplicate keys.
    pub fn new(dialect: Dialect) -> ParseOptions {
        ParseOptions {
            dialect,
            limits: Limits::default(),
            duplicate_keys: match dialect {
                Dialect::GoYaml3 => DuplicateKeys::Refuse,
                Dialect::Yaml11 => DuplicateKeys::LastCounts,
            },
        }
    }
}

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
}

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// The root; none for a document that is empty or holds comments only.
    pub root: Option<Node>,
    /// From the first byte behind the `---`.
    pub span: Span,
    /// Its comments in order.
    pub comments: Vec<Comment>,
}

/// What a file holds. Parsing goes on at the next document after an error.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The documents that could be read.
    pub documents: Vec<Document>,
    /// What is wrong, at its place.
    pub findings: Vec<Diagnostic>,
}

/// Reads all documents of a file.
pub fn parse(file: &SourceFile, options: ParseOptions) -> Parsed {
    let text = match file.text() {
        Ok(text) => text,
        Err(at) => {
            let span = Span::new(file.id(), at, (at + 1).min(file.bytes().len()));
            let finding = Diagnostic::error(codes::ENCODING, span, "the file is not UTF-8 text")
                .with_note("this byte is not UTF-8")
                .with_help(
                    "save the file as UTF-8, or put binary data under `binaryData` or a generator",
                );
            return Parsed {
                documents: Vec::new(),
                findings: vec![finding],
            };
        }
    };
    parse_text(text, file.id(), options)
}

/// Reads all documents of a text, whose places are in `file`.
pub fn parse_text(text: &str, file: FileId, options: ParseOptions) -> Parsed {
    if let Some(finding) = refuse::control_character(text, file) {
        return Parsed {
            documents: Vec::new(),
            findings: vec![finding],
        };
    }
    let builder = || Builder::new(text, file, options);
    match documents::read(text, builder(), options) {
        Some(parsed) => parsed,
        None => read_all(text, builder(), options),
    }
}

/// Reads any YAML, and finds what is wrong in it.
fn read_all<'a>(text: &'a str, mut builder: Builder<'a>, options: ParseOptions) -> Parsed {
    let mut parser = Parser::new_from_str_with_options(text, settings(options));
    loop {
        match parser.next_event() {
            Some(Ok((Event::StreamEnd, _))) => break,
            Some(Ok((event, span))) => builder.event(event, &span, 0),
            Some(Err(error)) => {
                builder.scan_error(&error);
            }
            None => {
                // After an error: on to the next document.
                builder.abandon();
                match parser.proceed_next_document() {
                    Ok(true) => {}
                    _ => break,
                }
            }
        }
    }
    builder.finish()
}

/// How granit-parser reads what the Go tools read.
fn settings(options: ParseOptions) -> granit_parser::Options {
    granit_parser::options! {
        strict_indentation: false,
        block_scalar_eof_without_line_feed: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
        flow_nesting_limit: options.limits.depth,
        block_nesting_limit: options.limits.depth,
    }
}

#[cfg(test)]
mod tests;
