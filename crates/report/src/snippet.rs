//! The few lines of the files that one finding points at, as miette reads them.
//!
//! miette knows one source text per report, and offsets into it. Here that text is made of blocks,
//! each a run of neighbouring lines of one file with a range of offsets of its own; a span that
//! would reach over two blocks cannot be read, so miette draws each block as a snippet with its own
//! path. Lines are cleaned on the way in: tabs and control characters replaced, values that must
//! not be seen redacted, long lines cut to a window around what is marked.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use textwrap::core::display_width;
use tidegate_source::{Diagnostic, LineCol, Location, Span};

use crate::redact::Redaction;
use crate::text::shown;
use crate::view::{View, Views};

/// Lines drawn above and below a marked one.
const CONTEXT: usize = 1;
/// Labels that are drawn.
const MOST_LABELS: usize = 10;
/// A range over more lines than these is marked on its first line only.
const MOST_LINES: usize = 6;
/// Columns of a tab stop.
const TAB: usize = 4;
/// The least columns of a line that are shown, however narrow the terminal is.
const LEAST_COLUMNS: usize = 24;
/// What stands where a value must not be seen.
const REDACTED: &str = "<redacted>";

/// The blocks and marks of one finding.
pub(crate) struct Snippet {
    blocks: Vec<Block>,
    pub(crate) marks: Vec<Mark>,
    /// How many labels were left out, as there are too many.
    pub(crate) left_out: usize,
}

/// A run of neighbouring lines of one file.
struct Block {
    name: String,
    /// Offset of its first byte in the text that miette knows.
    base: usize,
    /// The number of its first line in the file as a whole, from 0.
    number: usize,
    count: usize,
    text: String,
}

/// A marked range.
pub(crate) struct Mark {
    /// Offset and length in the text that miette knows.
    pub(crate) start: usize,
    pub(crate) len: usize,
    /// What is written at it; may be empty.
    pub(crate) text: String,
    pub(crate) primary: bool,
    /// Where it is in its file.
    place: LineCol,
    /// Columns before its start on the drawn line.
    pub(crate) column: usize,
}

/// A range to mark, in bytes of its file.
struct Pin<'a> {
    view: &'a View<'a>,
    start: usize,
    end: usize,
    first: usize,
    last: usize,
    text: &'a str,
    primary: bool,
}

impl Snippet {
    /// The snippet of a finding, with lines of at most `width` columns; without blocks where
    /// nothing of a file can be shown.
    pub(crate) fn new(finding: &Diagnostic, views: &Views<'_>, width: usize) -> Snippet {
        let primary = match finding.primary {
            Location::Span(span) => pin(views, span, &finding.note, true),
            Location::Path(_) => None,
        };
        let labels = finding.labels.iter().take(MOST_LABELS);
        let labels = labels.filter_map(|label| pin(views, label.span, &label.text, false));
        let pins: Vec<Pin<'_>> = primary.into_iter().chain(labels).collect();

        let mut snippet = Snippet {
            blocks: Vec::new(),
            marks: Vec::new(),
            left_out: finding.labels.len().saturating_sub(MOST_LABELS),
        };
        let width = width.max(LEAST_COLUMNS);
        let mut rest: Vec<&Pin<'_>> = pins.iter().collect();
        while let Some(next) = rest.first() {
            let view = next.view;
            let (mut here, others): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|pin| std::ptr::eq(pin.view, view));
            rest = others;
            here.sort_by_key(|pin| (pin.first, pin.start));
            let mut from = 0;
            while from < here.len() {
                let mut to = from + 1;
                let mut last = here[from].last;
                while to < here.len() && here[to].first <= last + 2 * CONTEXT + 1 {
                    last = last.max(here[to].last);
                    to += 1;
                }
                snippet.add(view, &here[from..to], last, width);
                from = to;
            }
        }
        snippet
    }

    /// Whether there is anything to draw.
    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Adds the block around some pins, sorted by their first lines.
    fn add(&mut self, view: &View<'_>, pins: &[&Pin<'_>], last: usize, width: usize) {
        let base = match self.blocks.last() {
            // A gap, so that an empty range at the end of one is not at the start of the next.
            Some(block) => block.base + block.text.len() + 1,
            None => 0,
        };
        let first = pins[0].first.saturating_sub(CONTEXT);
        // The line behind the last line end is drawn only where something on it is marked.
        let end = (last + 1).max((last + 1 + CONTEXT).min(view.line_count()));
        let mut text = String::new();
        let mut starts = vec![(0, 0); pins.len()];
        let mut ends = vec![0; pins.len()];
        for line in first..end {
            let (offset, bytes) = view.line(line);
            let on_line = pins
                .iter()
                .filter(|pin| pin.first <= line && line <= pin.last);
            let focus = on_line
                .filter(|pin| pin.first == line)
                .min_by_key(|pin| (!pin.primary, pin.start))
                .map_or(0, |pin| pin.start.saturating_sub(offset));
            let clean = CleanLine::new(bytes, view.redactions.get(line), focus, width);
            for (i, pin) in pins.iter().enumerate() {
                if pin.first == line {
                    let at = clean.at(pin.start - offset);
                    starts[i] = (text.len() + at, display_width(&clean.text[..at]));
                }
                if pin.last == line {
                    ends[i] = text.len() + clean.end_at(pin.end.saturating_sub(offset));
                }
            }
            text.push_str(&clean.text);
            text.push('\n');
        }
        for (i, pin) in pins.iter().enumerate() {
            let (start, column) = starts[i];
            self.marks.push(Mark {
                start: base + start,
                len: ends[i].saturating_sub(start),
                text: pin.text.to_owned(),
                primary: pin.primary,
                place: view.line_col(pin.start as u32),
                column,
            });
        }
        self.blocks.push(Block {
            name: view.name.clone(),
            base,
            number: first + view.start.lines as usize,
            count: end - first,
            text,
        });
    }
}

fn pin<'a>(views: &'a Views<'_>, span: Span, text: &'a str, primary: bool) -> Option<Pin<'a>> {
    let view = views.get(span.file)?;
    let boundary = |offset: u32| {
        let mut offset = (offset as usize).min(view.text.len());
        while !view.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = boundary(span.start);
    let mut end = boundary(span.end).max(start);
    let marked = &view.text[start..end];
    end = match marked.trim_end() {
        // Blanks alone are what is wrong, such as a tab.
        "" => start + marked.trim_end_matches(['\r', '\n']).len(),
        text => start + text.len(),
    };
    let first = view.lines.line_of(start as u32);
    let mut last = view.lines.line_of(end as u32);
    if last - first >= MOST_LINES {
        let (offset, line) = view.line(first);
        last = first;
        end = (offset + line.len()).max(start);
    }
    Some(Pin {
        view,
        start,
        end,
        first,
        last,
        text,
        primary,
    })
}

/// A line as it is drawn.
struct CleanLine {
    text: String,
    /// For some bytes of the line as it is written, in order: the byte of `text` it is drawn at.
    drawn: Vec<(usize, usize)>,
    /// The byte of the line behind which it is redacted.
    seen: usize,
}

impl CleanLine {
    /// Cleans a line and cuts it to at most `width` columns in which the byte `focus` is.
    fn new(line: &str, redaction: Option<Redaction>, focus: usize, width: usize) -> CleanLine {
        let seen = match redaction {
            Some(Redaction::Line) => line.len() - line.trim_start().len(),
            Some(Redaction::Behind(at)) => at.min(line.len()),
            None => line.len(),
        };
        let seen = if line.is_char_boundary(seen) { seen } else { 0 };
        let mut clean = CleanLine {
            text: String::new(),
            drawn: vec![(0, 0)],
            seen,
        };
        let from = clean.skip_to_window(&line[..seen], focus, width);
        let mut columns = display_width(&clean.text);
        let mut buffer = [0; 4];
        for (at, c) in line[from..seen].char_indices() {
            clean.drawn.push((from + at, clean.text.len()));
            if c == '\t' {
                let blanks = TAB - columns % TAB;
                clean.text.extend(std::iter::repeat_n(' ', blanks));
                columns += blanks;
            } else if c != '\u{feff}' {
                let c = shown(c);
                columns += display_width(c.encode_utf8(&mut buffer));
                clean.text.push(c);
            }
            if columns >= width && from + at + c.len_utf8() < seen {
                clean
                    .drawn
                    .push((from + at + c.len_utf8(), clean.text.len()));
                clean.text.push('…');
                return clean;
            }
        }
        clean.drawn.push((seen, clean.text.len()));
        if seen < line.len() {
            clean.text.push_str(REDACTED);
            clean.drawn.push((line.len(), clean.text.len()));
        }
        clean
    }

    /// The first byte to draw: the line's first, unless `focus` would be cut away.
    fn skip_to_window(&mut self, line: &str, focus: usize, width: usize) -> usize {
        // A byte takes a column or less, but for tabs and control characters, which are rare.
        if line.len() <= width || focus <= width * 2 / 3 {
            return 0;
        }
        // Up to the end of the line if that is near.
        let mut from = (focus.min(line.len()) - width / 3).min(line.len() + 1 - width);
        while !line.is_char_boundary(from) {
            from -= 1;
        }
        self.text.push('…');
        from
    }

    /// Where a byte of the line is drawn; what was cut away is at the cut.
    fn at(&self, byte: usize) -> usize {
        let behind = self.drawn.partition_point(|(from, _)| *from <= byte);
        self.drawn[behind.saturating_sub(1)].1
    }

    /// Where a range that ends at a byte of the line ends: one within what is redacted ends with
    /// it.
    fn end_at(&self, byte: usize) -> usize {
        match byte > self.seen {
            true => self.text.len(),
            false => self.at(byte),
        }
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        _context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let behind = self.blocks.partition_point(|block| block.base <= start);
        let block = behind.checked_sub(1).map(|i| &self.blocks[i]);
        let block = block.filter(|block| end <= block.base + block.text.len());
        let block = block.ok_or(MietteError::OutOfBounds)?;
        let (line, column) = match self.marks.iter().find(|mark| mark.start == start) {
            // Asked for the place to write above the snippet.
            Some(mark) if context_lines_before == 0 => {
                (mark.place.line as usize - 1, mark.place.column as usize - 1)
            }
            _ => (block.number, 0),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            block.name.clone(),
            block.text.as_bytes(),
            SourceSpan::new(block.base.into(), block.text.len()),
            line,
            column,
            block.count,
        )))
    }
}
