//! Markdown pages as plain text for a terminal.

use textwrap::{Options, WordSeparator, WordSplitter};

use crate::Drawing;

/// The page of a rule, or any Markdown of headings, paragraphs, lists and fenced code, as text
/// with lines of at most `drawing.width` columns. Code is indented and never wrapped.
pub fn page_for_terminal(markdown: &str, drawing: Drawing) -> String {
    let mut page = Page {
        width: drawing.width.clamp(24, 100),
        color: drawing.color,
        out: String::new(),
    };
    let mut paragraph = String::new();
    let mut fence = false;
    for line in markdown.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            page.paragraph(&mut paragraph);
            fence = !fence;
            if !fence {
                page.out.push('\n');
            }
        } else if fence {
            page.code(line);
        } else if trimmed.starts_with('#') {
            page.paragraph(&mut paragraph);
            page.heading(trimmed);
        } else if trimmed.is_empty() {
            page.paragraph(&mut paragraph);
        } else {
            if is_item(trimmed) {
                page.item_ends(&mut paragraph);
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(trimmed);
        }
    }
    page.paragraph(&mut paragraph);
    let end = page.out.trim_end().len();
    page.out.truncate(end);
    page.out.push('\n');
    page.out
}

struct Page {
    width: usize,
    color: bool,
    out: String,
}

impl Page {
    fn heading(&mut self, line: &str) {
        let text = line.trim_start_matches('#').trim();
        match self.color {
            true => self.out.push_str(&format!("\u{1b}[1m{text}\u{1b}[0m\n\n")),
            false => self.out.push_str(&format!("{text}\n\n")),
        }
    }

    fn code(&mut self, line: &str) {
        if !line.is_empty() {
            self.out.push_str("    ");
            self.out.push_str(line);
        }
        self.out.push('\n');
    }

    /// Ends a paragraph, or the last item of a list.
    fn paragraph(&mut self, text: &mut String) {
        if !text.is_empty() {
            self.item_ends(text);
            self.out.push('\n');
        }
    }

    fn item_ends(&mut self, text: &mut String) {
        if text.is_empty() {
            return;
        }
        let indent = if is_item(text) { "    " } else { "  " };
        let options = Options::new(self.width)
            .initial_indent("  ")
            .subsequent_indent(indent)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        self.out.push_str(&textwrap::fill(text, options));
        self.out.push('\n');
        text.clear();
    }
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_wrap_and_code_stays() {
        let drawing = Drawing {
            width: 30,
            ..Drawing::default()
        };
        let page = "# KUS001\n\nA file that is\nnamed does `not` exist at all.\n\n- one item that is long enough to wrap\n- two\n\n```yaml\n# kustomization.yaml\nresources:\n  - deployment-that-is-missing.yaml\n```\nEnd.";
        insta::assert_snapshot!(page_for_terminal(page, drawing), @r"
        KUS001

          A file that is named does
          `not` exist at all.

          - one item that is long
            enough to wrap
          - two

            # kustomization.yaml
            resources:
              - deployment-that-is-missing.yaml

          End.
        ");
    }
}
