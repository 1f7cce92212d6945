//! Objects with a comment at each field that tells how it came to be.

use std::collections::BTreeMap;
use std::fmt::Write;

use tidegate_source::{FileId, Sources, Span, TreePath};
use tidegate_yaml::{Emitted, Node, Place, Unwritable, emit_go_yaml2};

/// Comments start at this column at the latest: one long line does not push away all others.
const WIDEST: usize = 56;

/// Draws objects with their trails.
pub(crate) struct Trails<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) show_path: &'a dyn Fn(&TreePath) -> String,
    pub(crate) color: bool,
}

/// A line of an object.
struct Line<'t> {
    text: &'t str,
    /// The place of the last scalar that starts in it: the value, or the key of a collection.
    place: Option<&'t Place>,
    /// Whether that is the key of a collection, whose fields tell for themselves.
    is_key: bool,
    /// Whether the value goes on in the next line, so that nothing can be written behind it.
    is_open: bool,
}

/// The files that an object is from.
struct Files {
    /// The one that most of it is written in.
    home: Option<FileId>,
    /// The others, in the order in which they are named. Each is called by a letter.
    others: Vec<FileId>,
}

impl Trails<'_> {
    /// Writes an object, below lines that tell which files it is from and which Kustomizations led
    /// to it: `via`.
    pub(crate) fn write(&self, node: &Node, via: &str, out: &mut String) -> Result<(), Unwritable> {
        let mut emitted = Emitted::default();
        emit_go_yaml2(node, &mut emitted, true)?;
        let lines = lines(&emitted);
        let mut files = Files {
            home: self.home(&emitted),
            others: Vec::new(),
        };
        let told: Vec<String> = lines
            .iter()
            .map(|line| self.tell(line, &mut files))
            .collect();
        if let Some(home) = files.home {
            self.comment(&self.path(home), out);
            out.push('\n');
        }
        for (at, file) in files.others.iter().enumerate() {
            self.comment(&format!("  {}  {}", letter(at), self.path(*file)), out);
            out.push('\n');
        }
        if !via.is_empty() {
            self.comment(&format!("via {via}"), out);
            out.push('\n');
        }
        let widths = lines.iter().map(|line| line.text.chars().count());
        let column = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0) + 2;
        for (line, told) in lines.iter().zip(&told) {
            if told.is_empty() {
                out.push_str(line.text);
            } else if line.is_open {
                let indent = line.text.len() - line.text.trim_start().len();
                let _ = write!(out, "{:indent$}", "");
                self.comment(told, out);
                let _ = write!(out, "\n{}", line.text);
            } else {
                let width = line.text.chars().count();
                let gap = column.saturating_sub(width).max(2);
                let _ = write!(out, "{}{:gap$}", line.text, "");
                self.comment(told, out);
            }
            out.push('\n');
        }
        Ok(())
    }

    fn comment(&self, text: &str, out: &mut String) {
        let _ = match self.color {
            true => write!(out, "\u{1b}[2m# {text}\u{1b}[0m"),
            false => write!(out, "# {text}"),
        };
    }

    fn path(&self, file: FileId) -> String {
        let file = self.sources.get(file);
        file.map_or_else(String::new, |file| (self.show_path)(file.path()))
    }

    /// The file that most scalars are written in; the first of those that are as many.
    fn home(&self, emitted: &Emitted) -> Option<FileId> {
        let mut counts: BTreeMap<FileId, usize> = BTreeMap::new();
        let mut best = None;
        for (_, place) in &emitted.table {
            let span = self.sources.real(place.span());
            if span.is_some() {
                *counts.entry(span.file).or_default() += 1;
                best = best.or(Some(span.file));
            }
        }
        let mut most = counts.get(&best?).copied().unwrap_or_default();
        for (file, count) in &counts {
            if *count > most {
                (best, most) = (Some(*file), *count);
            }
        }
        best
    }

    /// Where the value of a line is written, then what changed it.
    fn tell(&self, line: &Line<'_>, files: &mut Files) -> String {
        let Some(place) = line.place else {
            return String::new();
        };
        let span = self.sources.real(place.span());
        if line.is_key && files.home == Some(span.file) {
            return String::new();
        }
        let steps = place.steps();
        // What a step says of itself need not be said before.
        let mut told = match steps
            .iter()
            .any(|step| self.sources.real(step.span) == span)
        {
            true => String::new(),
            false => self.at(span, files),
        };
        let mut before = None;
        for step in steps {
            let at = self.at(step.span, files);
            if before != Some(step.kind) {
                if !told.is_empty() {
                    told.push_str(", ");
                }
                told.push_str(step.kind.as_str());
                before = Some(step.kind);
            }
            if !at.is_empty() {
                let _ = write!(told, " {at}");
            }
        }
        told
    }

    /// A place: its line, behind the letter of the file where that is not the one of the object.
    fn at(&self, span: Span, files: &mut Files) -> String {
        let span = self.sources.real(span);
        let Some(file) = self.sources.get(span.file) else {
            return String::new();
        };
        let line = file.line_col(span.start).line;
        if files.home == Some(span.file) {
            return format!(":{line}");
        }
        let known = files.others.iter().position(|other| *other == span.file);
        let at = known.unwrap_or_else(|| {
            files.others.push(span.file);
            files.others.len() - 1
        });
        format!("{}:{line}", letter(at))
    }
}

/// `a` to `z`, then `aa` and on.
fn letter(at: usize) -> String {
    let last = char::from(b'a' + (at % 26) as u8);
    match at / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letter(before - 1)),
    }
}

fn lines(emitted: &Emitted) -> Vec<Line<'_>> {
    let mut table = emitted.table.iter().peekable();
    let mut start = 0;
    let mut lines = Vec::new();
    for text in emitted.text.lines() {
        let end = start + text.len();
        let mut last = None;
        while let Some(entry) = table.next_if(|(range, _)| (range.start as usize) < end) {
            last = Some(entry);
        }
        let (first, behind) = match last {
            Some((range, _)) => (range.start as usize, range.end as usize),
            None => (end, end),
        };
        let is_block = emitted.text[first..].starts_with(['|', '>']);
        lines.push(Line {
            text,
            place: last.map(|(_, place)| place),
            is_key: emitted.text[behind.min(end)..end] == *":",
            is_open: behind > end && !is_block,
        });
        start = end + 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_letters() {
        let letters: Vec<String> = [0, 25, 26, 51, 52, 702].map(letter).into();
        assert_eq!(letters, ["a", "z", "aa", "az", "ba", "aaa"]);
    }
}
