//! Findings with drawn snippets. Only this module and [`crate::snippet`] know miette.

use std::fmt::{self, Write as _};
use std::io;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};
use textwrap::{Options, WordSeparator, WordSplitter};
use tidegate_source::{Diagnostic, Severity, Waived};

use crate::Drawing;
use crate::snippet::{Mark, Snippet};
use crate::text::printable;
use crate::view::Views;

/// The columns left of a drawn line: its number, the bar, and the lines of ranges.
const GUTTER: usize = 12;
/// The least columns that a note beside a mark is wrapped to.
const LEAST_NOTE: usize = 24;

pub(crate) fn write(
    findings: &[Diagnostic],
    views: &Views<'_>,
    drawing: Drawing,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let painter = Painter::new(drawing);
    let mut text = String::new();
    for finding in findings {
        text.clear();
        // Writing to a String cannot fail.
        if painter.finding(&mut text, finding, views).is_ok() {
            writeln!(out, "{text}")?;
        }
    }
    Ok(())
}

pub(crate) fn write_waived(
    waived: &[Waived],
    views: &Views<'_>,
    drawing: Drawing,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let painter = Painter::new(drawing);
    for one in waived {
        let mut text = String::new();
        let place = views.place(&one.location);
        let why = format!("{} ({place})", one.reason);
        let drawn = painter
            .finding(&mut text, &one.finding, views)
            .and_then(|()| painter.item(&mut text, "waived", &why));
        // Writing to a String cannot fail.
        if drawn.is_ok() {
            writeln!(out, "{text}")?;
        }
    }
    Ok(())
}

/// What one report is drawn with.
struct Painter {
    theme: GraphicalTheme,
    handler: GraphicalReportHandler,
    width: usize,
}

impl Painter {
    fn new(drawing: Drawing) -> Painter {
        let theme = GraphicalTheme {
            characters: match drawing.unicode {
                true => ThemeCharacters::unicode(),
                false => ThemeCharacters::ascii(),
            },
            styles: match drawing.color {
                true => ThemeStyles::ansi(),
                false => ThemeStyles::none(),
            },
        };
        // Names and paths stay whole, so that they can be copied.
        let handler = GraphicalReportHandler::new_themed(theme.clone())
            .with_width(drawing.width)
            .with_links(false)
            .with_urls(false)
            .with_context_lines(1)
            .with_break_words(false)
            .with_word_separator(WordSeparator::AsciiSpace)
            .with_word_splitter(WordSplitter::NoHyphenation)
            .without_syntax_highlighting();
        Painter {
            theme,
            handler,
            width: drawing.width,
        }
    }

    fn finding(&self, out: &mut String, finding: &Diagnostic, views: &Views<'_>) -> fmt::Result {
        let snippet = Snippet::new(finding, views, self.width.saturating_sub(GUTTER));
        let drawn = snippet.marks.iter().any(|mark| mark.primary);
        let left_out = snippet.left_out;
        let report = Report {
            finding,
            labels: snippet.marks.iter().map(|mark| self.label(mark)).collect(),
            snippet,
        };
        self.handler_for(finding, &report.snippet)
            .render_report(out, &report)?;

        let chars = &self.theme.characters;
        let styles = &self.theme.styles;
        if !drawn {
            let place = views.place(&finding.primary).to_string();
            let place = styles.link.style(printable(&place).into_owned());
            writeln!(out, "   {}{}[{place}]", chars.ltop, chars.hbar)?;
            writeln!(
                out,
                "   {}{}",
                chars.lbot,
                String::from(chars.hbar).repeat(4)
            )?;
        }
        if left_out > 0 {
            writeln!(out, "  and {left_out} more places")?;
        }
        // The nearest step first: each line says who named what the line above is about.
        for (i, step) in finding.trail.iter().rev().enumerate() {
            let last = i + 1 == finding.trail.len();
            let corner = if last { chars.lbot } else { chars.lcross };
            let place = views.place(&step.location).to_string();
            let place = styles.link.style(printable(&place).into_owned());
            let text = printable(&step.text);
            writeln!(out, "  {corner}{} {text} at {place}", chars.hbar)?;
        }
        if let Some(subject) = &finding.subject {
            self.item(out, "object", &subject.to_string())?;
        }
        if !finding.clusters.is_empty() {
            let name = match finding.clusters.len() {
                1 => "cluster",
                _ => "clusters",
            };
            self.item(out, name, &finding.clusters.join(", "))?;
        }
        // A fix does what the help says.
        let fix = finding.fix.as_ref().map(|fix| &fix.title);
        if let Some(help) = finding.help.as_ref().or(fix) {
            self.item(out, "help", help)?;
        }
        Ok(())
    }

    /// The handler with the colours of this finding: the primary mark in that of its severity.
    fn handler_for(&self, finding: &Diagnostic, snippet: &Snippet) -> GraphicalReportHandler {
        let mut theme = self.theme.clone();
        let primary = match finding.severity {
            Severity::Error => theme.styles.error,
            Severity::Warning => theme.styles.warning,
            Severity::Info => theme.styles.advice,
        };
        // miette gives them out in the order of the marks.
        let mut marks: Vec<&Mark> = snippet.marks.iter().collect();
        marks.sort_by_key(|mark| mark.start);
        let colors = marks.iter().map(|mark| match mark.primary {
            true => primary,
            false => theme.styles.help,
        });
        let colors: Vec<_> = colors.collect();
        if !colors.is_empty() {
            theme.styles.highlights = colors;
        }
        self.handler.clone().with_theme(theme)
    }

    /// A named line below the snippet, wrapped.
    fn item(&self, out: &mut String, name: &str, text: &str) -> fmt::Result {
        let indent = " ".repeat(name.len() + 4);
        let head = format!("  {} ", self.theme.styles.help.style(format!("{name}:")));
        let options = Options::new(self.width.saturating_sub(2))
            .initial_indent(&head)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        writeln!(out, "{}", textwrap::fill(&printable(text), options))
    }

    fn label(&self, mark: &Mark) -> LabeledSpan {
        let room = self
            .width
            .saturating_sub(GUTTER + mark.column + mark.len / 2);
        let options = Options::new(room.max(LEAST_NOTE))
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        let text = match mark.text.is_empty() {
            true => None,
            false => Some(textwrap::fill(&printable(&mark.text), options)),
        };
        let span = (mark.start, mark.len);
        match mark.primary {
            true => LabeledSpan::new_primary_with_span(text, span),
            false => LabeledSpan::new_with_span(text, span),
        }
    }
}

/// A finding as miette knows it.
struct Report<'a> {
    finding: &'a Diagnostic,
    snippet: Snippet,
    labels: Vec<LabeledSpan>,
}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let severity = self.finding.severity.as_str();
        Some(Box::new(format!("{severity}[{}]", self.finding.code)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        match self.snippet.is_empty() {
            true => None,
            false => Some(&self.snippet),
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl std::error::Error for Report<'_> {}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.finding.message))
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.finding, f)
    }
}
