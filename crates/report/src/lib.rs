//! Findings as people and machines read them.
//!
//! A [`Renderer`] writes a list of findings in one of the [`Format`]s. It reads no file, knows no
//! rule and decides nothing: what is to be shown was selected and sorted before. The types that
//! are serialised are private to this crate, so the schema of the machine formats is written down
//! here and nowhere else.
//!
//! Text of files that hold secret material is never shown: see [`Renderer::write`].

mod concise;
mod github;
mod human;
mod json;
mod page;
mod redact;
mod snippet;
mod summary;
mod text;
mod view;

use std::io;

use tidegate_source::{Diagnostic, Sources, TreePath, Waived};

pub use page::page_for_terminal;
pub use summary::Summary;

use view::Views;

/// What the output looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Drawn snippets of the files, for people.
    Human,
    /// One line for each finding: `path:line:col: severity[CODE] message`.
    Concise,
    /// One JSON document with everything that is known, schema version 1.
    Json,
    /// Workflow commands that GitHub turns into annotations.
    Github,
}

/// How text for people is drawn. The caller knows the terminal, this crate does not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Drawing {
    /// Columns that a line may take.
    pub width: usize,
    /// Whether ANSI colours are written.
    pub color: bool,
    /// Whether lines are drawn with box characters; else with ASCII.
    pub unicode: bool,
}

impl Default for Drawing {
    /// What suits a pipe: 100 columns, no colours, box characters.
    fn default() -> Drawing {
        Drawing {
            width: 100,
            color: false,
            unicode: true,
        }
    }
}

/// Writes findings.
pub struct Renderer<'a> {
    format: Format,
    drawing: Drawing,
    show_path: &'a dyn Fn(&TreePath) -> String,
}

impl<'a> Renderer<'a> {
    /// A renderer. `show_path` says how a path of the tree is shown to the user, such as relative
    /// to the folder where the command was started.
    pub fn new(
        format: Format,
        drawing: Drawing,
        show_path: &'a dyn Fn(&TreePath) -> String,
    ) -> Renderer<'a> {
        Renderer {
            format,
            drawing,
            show_path,
        }
    }

    /// Writes the findings in the order given; in JSON the summary too, as it is one document.
    ///
    /// Places in virtual files must have been led back to real ones, as
    /// [`Sink::finish`](tidegate_source::Sink::finish) does. Of files that are
    /// [marked](tidegate_source::SourceFile::mark_secret) as secret no text is shown; of Secrets
    /// and of the literals of a `secretGenerator` the keys are shown and the values are not.
    pub fn write(
        &self,
        findings: &[Diagnostic],
        sources: &Sources,
        summary: &Summary<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        // Of the others, only JSON shows what is waived here.
        let waived = match self.format {
            Format::Json => summary.waived,
            _ => &[],
        };
        let files = view::files(
            findings,
            waived,
            summary.not_rendered,
            summary.not_checked,
            sources,
        );
        let views = Views::new(&files, self.show_path);
        match self.format {
            Format::Human => human::write(findings, &views, self.drawing, out),
            Format::Concise => concise::write(findings, &views, out),
            Format::Json => json::write(findings, &views, summary, out),
            Format::Github => github::write(findings, &views, out),
        }
    }

    /// Writes the findings that are waived, with the reasons, in the human and concise formats. JSON
    /// has them already, and annotations are for what is to be mended.
    pub fn write_waived(
        &self,
        waived: &[Waived],
        sources: &Sources,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let files = view::files(&[], waived, &[], &[], sources);
        let views = Views::new(&files, self.show_path);
        match self.format {
            Format::Human => human::write_waived(waived, &views, self.drawing, out),
            Format::Concise => concise::write_waived(waived, &views, out),
            Format::Json | Format::Github => Ok(()),
        }
    }

    /// Writes what was checked and what was not, for people: a few lines in the human and concise
    /// formats, nothing in the formats for machines.
    pub fn write_summary(
        &self,
        findings: &[Diagnostic],
        sources: &Sources,
        summary: &Summary<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        match self.format {
            Format::Human | Format::Concise => {
                let files = view::files(&[], &[], summary.not_rendered, &[], sources);
                let views = Views::new(&files, self.show_path);
                summary::write(findings, &views, summary, out)
            }
            Format::Json | Format::Github => Ok(()),
        }
    }
}
