//! Lines of text, and where they are indented.

/// Writes scalars and the lines that they stand on, as go-yaml 2 does. Which collections they are in, and the
/// `-` and `:` of these, is up to the caller.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    pub(super) text: String,
    /// Where the line that is being written starts in the text.
    line_start: usize,
    /// How much further than their key lists are indented.
    pub(super) list_indent: usize,
}

impl Writer {
    /// Goes on behind a text, in a new line. Lists are indented `list_indent` further than their key: 0 for what
    /// `sigs.k8s.io/yaml` writes, 2 for Helm's `toYamlPretty`.
    pub fn onto(text: String, list_indent: usize) -> Writer {
        Writer {
            line_start: text.len(),
            text,
            list_indent,
        }
    }

    /// How much further than their key lists are indented.
    pub fn list_indent(&self) -> usize {
        self.list_indent
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What was written.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The length of what was written, in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Where the line that is being written starts.
    pub fn line_start(&self) -> usize {
        self.line_start
    }

    /// Appends text that ends no line.
    pub fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends lines that were written before, with the same indentation. The last of them starts at
    /// `line_start` in them; none where there is but the one that is being written.
    pub fn push_lines(&mut self, lines: &str, line_start: Option<usize>) {
        if let Some(start) = line_start {
            self.line_start = self.text.len() + start;
        }
        self.text.push_str(lines);
    }

    /// Starts a line, unless one was just started, and indents it. With `inline` what follows stays on the
    /// line of the `-` that it belongs to.
    pub fn start_line(&mut self, indent: usize, inline: bool) {
        if inline {
            self.text.push(' ');
            return;
        }
        self.end_line();
        self.spaces(indent);
    }

    /// Ends the line, if something is on it.
    pub fn end_line(&mut self) {
        if self.text.len() != self.line_start {
            self.line_break();
        }
    }

    pub(super) fn spaces(&mut self, count: usize) {
        const SPACES: &str = "                                                                ";
        let mut left = count;
        while left > SPACES.len() {
            self.text.push_str(SPACES);
            left -= SPACES.len();
        }
        self.text.push_str(&SPACES[..left]);
    }

    pub(super) fn line_break(&mut self) {
        self.text.push('\n');
        self.starts_line();
    }

    /// What was just written ended a line.
    pub(super) fn starts_line(&mut self) {
        self.line_start = self.text.len();
    }

    /// Whether a line of so many bytes more would reach beyond a column.
    pub(super) fn reaches(&self, more: usize, column: usize) -> bool {
        self.text.len() - self.line_start + more > column
    }

    /// The column of the next character, from 0, counted in characters.
    pub(super) fn column(&self) -> usize {
        self.text[self.line_start..].chars().count()
    }
}
