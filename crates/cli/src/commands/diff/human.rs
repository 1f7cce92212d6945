use imara_diff::{Algorithm, InternedInput, Token};
use tidegate_core::diff::Change;
use tidegate_report::Drawing;

use super::environments;
use super::shown::{Shown, ShownField, ShownObject, ShownVariable};

/// Lines of a field that are shown.
const MOST_LINES: usize = 24;
/// Lines of a field that one side alone has.
const MOST_LINES_OF_ONE: usize = 8;

/// The text for people.
pub(super) fn text(shown: &Shown, drawing: Drawing) -> String {
    let pen = Pen {
        color: drawing.color,
        width: drawing.width,
    };
    let mut out = String::new();
    let mut was_long = false;
    let (named, drawn) = environments::split(shown);
    let is_drawn = !drawn.is_empty();
    for (index, object) in drawn.into_iter().enumerate() {
        let is_long = !(object.fields.is_empty() && object.dangers.is_empty());
        if index > 0 && (is_long || was_long) {
            out.push('\n');
        }
        pen.object(&mut out, object, shown);
        was_long = is_long;
    }
    if is_drawn {
        out.push('\n');
    }
    for (what, change) in [
        (&shown.names.0, Change::Removed),
        (&shown.names.1, Change::Added),
    ] {
        let named = named.iter().copied().filter(|one| one.change == change);
        let lines = environments::only(named.collect(), change, drawing.width);
        if !lines.is_empty() {
            out.push_str(&pen.bold(&printable(&format!("Only in {what}"))));
            out.push('\n');
        }
        for (is_danger, line) in lines {
            out.push_str(&match is_danger {
                true => pen.red(&line),
                false => line,
            });
            out.push('\n');
        }
    }
    if !named.is_empty() {
        out.push('\n');
    }
    if !shown.variables.is_empty() {
        out.push_str(&pen.bold("Variables\n"));
        for (what, names) in environments::variables_of_one(shown) {
            for line in environments::wrapped(&format!("only in {what}: "), &names, drawing.width) {
                out.push_str(&printable(&line));
                out.push('\n');
            }
        }
        for one in &shown.variables {
            let (Some(before), Some(after)) = (&one.before, &one.after) else {
                continue;
            };
            let name = one.name.as_deref().unwrap_or("a variable");
            let counts = uses(one);
            let (before, after) = (pen.red(&one_line(before)), pen.green(&one_line(after)));
            let line = format!("  {name}: {before} => {after}  ({counts})");
            let (old, new) = &one.at;
            let at = [old, new].map(|at| at.as_deref().unwrap_or_default());
            // With hundreds of variables in one file, the line says little more than the name.
            match shown.is_brief {
                true => out.push_str(&(line + "\n")),
                false => pen.with_place(&mut out, &line, &at.join(" => ")),
            }
        }
        out.push('\n');
    }
    for (names, what) in [
        (&shown.only_before, &shown.names.0),
        (&shown.only_after, &shown.names.1),
    ] {
        if !names.is_empty() {
            out.push_str(&format!("only in {what}: cluster {}\n", names.join(", ")));
        }
    }
    for line in not_compared(shown) {
        out.push_str(&pen.yellow(&printable(&line)));
        out.push('\n');
    }
    let totals = shown.totals();
    let (before, after) = &shown.names;
    let variables = match shown.variables.len() {
        0 => String::new(),
        count => format!(", {} from variables alone", many(count, "difference")),
    };
    out.push_str(&format!(
        "{before} => {after}: {}{variables}\n",
        totals.words()
    ));
    if !totals.dangers.is_empty() {
        let kinds = totals
            .dangers
            .iter()
            .map(|(kind, count)| format!("{count} {}", kind.as_str()));
        let kinds: Vec<String> = kinds.collect();
        out.push_str(&pen.red(&format!("dangers: {}", kinds.join(", "))));
        out.push('\n');
    }
    out
}

/// What was not compared, a line for each.
pub(super) fn not_compared(shown: &Shown) -> Vec<String> {
    let line = |(what, count): &(String, usize)| {
        let objects = match count {
            0 => String::new(),
            count => format!(" ({} of the other side)", many(*count, "object")),
        };
        format!("not compared: {what} fails or is not rendered{objects}")
    };
    let mut lines: Vec<String> = shown.not_compared.iter().map(line).collect();
    if shown.not_rendered > 0 {
        let count = many(shown.not_rendered, "chart");
        lines.push(format!(
            "not compared: what {count} make, which are not at hand"
        ));
    }
    lines
}

/// How much follows from a variable.
pub(super) fn uses(one: &ShownVariable) -> String {
    match one.fields {
        0 => "nothing else differs by it".to_owned(),
        fields => format!(
            "{} in {}",
            many(fields, "field"),
            many(one.objects, "object")
        ),
    }
}

/// `1 field`, `2 fields`
pub(super) fn many(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// The clusters of an object, where not all of them have the change.
pub(super) fn clusters(object: &ShownObject, shown: &Shown) -> Option<String> {
    let all = shown.clusters.len();
    let own: Vec<&str> = object
        .clusters
        .iter()
        .map(|at| shown.clusters[*at].as_str())
        .collect();
    match own.len() {
        count if count == all && all > 1 => Some(format!("all {all} clusters")),
        _ if all <= 1 => None,
        count if count > 5 => Some(format!(
            "{count} of {all} clusters: {}, ...",
            own[..5].join(", ")
        )),
        _ => Some(own.join(", ")),
    }
}

/// The mark of a change, and what comes before a name.
pub(super) fn mark(change: Change) -> char {
    match change {
        Change::Added => '+',
        Change::Removed => '-',
        Change::Changed => '~',
        Change::Renamed | Change::Moved => '>',
    }
}

/// What a change says beyond its object.
pub(super) fn how(object: &ShownObject) -> Option<String> {
    let by = |one: &Option<String>| one.clone().unwrap_or_else(|| "the entry".to_owned());
    match object.change {
        Change::Renamed => Some(format!("was {}", object.was.as_ref()?)),
        Change::Moved => Some(format!("from {} to {}", by(&object.by.0), by(&object.by.1))),
        _ => None,
    }
}

struct Pen {
    color: bool,
    /// Columns that a line should keep to.
    width: usize,
}

impl Pen {
    fn paint(&self, code: &str, text: &str) -> String {
        match self.color {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    fn red(&self, text: &str) -> String {
        self.paint("31", text)
    }

    fn green(&self, text: &str) -> String {
        self.paint("32", text)
    }

    fn yellow(&self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Writes a line with the place that it is about behind it, or below where there is no room.
    fn with_place(&self, out: &mut String, line: &str, at: &str) {
        let width = |text: &str| {
            let shown = text.split("\x1b[").enumerate();
            let shown = shown.map(|(index, part)| match index {
                0 => part,
                _ => part.split_once('m').map_or("", |(_, text)| text),
            });
            shown.map(|part| part.chars().count()).sum::<usize>()
        };
        out.push_str(line);
        if !at.is_empty() {
            let gap = match width(line) + 2 + width(at) <= self.width {
                true => "  ",
                false => "\n        ",
            };
            out.push_str(&format!("{gap}{}", self.dim(at)));
        }
        out.push('\n');
    }

    fn object(&self, out: &mut String, object: &ShownObject, shown: &Shown) {
        let mark = mark(object.change).to_string();
        let mark = match object.change {
            Change::Added => self.green(&mark),
            Change::Removed => self.red(&mark),
            _ => self.yellow(&mark),
        };
        out.push_str(&format!(
            "{mark} {}",
            self.bold(&printable(&object.subject.to_string()))
        ));
        if let Some(how) = how(object) {
            out.push_str(&format!("  {how}"));
        }
        if let Some(clusters) = clusters(object, shown) {
            out.push_str(&format!("  {}", self.dim(&format!("({clusters})"))));
        }
        if let Some(at) = object.at.1.as_ref().or(object.at.0.as_ref()) {
            out.push_str(&format!("  {}", self.dim(at)));
        }
        out.push('\n');
        for danger in &object.dangers {
            let text = format!("  ! {}: {danger}", danger.kind.as_str());
            out.push_str(&self.red(&printable(&text)));
            out.push('\n');
        }
        let mut fields = &object.fields[..];
        while let Some(field) = fields.first() {
            let run = match shown.is_brief {
                true => environments::run(fields),
                false => 1,
            };
            let (these, rest) = fields.split_at(run);
            fields = rest;
            if run == 1 {
                self.field(out, field, shown.is_brief);
                continue;
            }
            let names: Vec<String> = these.iter().map(|one| one.within.1.clone()).collect();
            let mark = if field.before.is_some() { '-' } else { '+' };
            let head = format!("  {}: {mark} {run} of them: ", field.within.0);
            for line in environments::wrapped(&head, &names, self.width) {
                let line = printable(&line);
                out.push_str(&match mark {
                    '+' => self.green(&line),
                    _ => self.red(&line),
                });
                out.push('\n');
            }
        }
    }

    fn field(&self, out: &mut String, field: &ShownField, is_brief: bool) {
        let at = match (&field.at.0, &field.at.1) {
            (Some(old), Some(new)) if old == new => new.clone(),
            (Some(old), Some(new)) => format!("{old} => {new}"),
            (one, other) => one.clone().or(other.clone()).unwrap_or_default(),
        };
        let path = printable(&field.path);
        let is_short = |text: &Option<String>| {
            text.as_ref()
                .is_none_or(|text| !text.contains('\n') && text.chars().count() <= 60)
        };
        if field.secret {
            self.with_place(out, &format!("    {path}: (secret, changed)"), &at);
            return;
        }
        if is_brief && let Some((mark, size)) = environments::size_of_one(field) {
            let size = match mark {
                '+' => self.green(&format!("+ {size}")),
                _ => self.red(&format!("- {size}")),
            };
            self.with_place(out, &format!("    {path}: {size}"), &at);
            return;
        }
        match (&field.before, &field.after) {
            (Some(old), Some(new)) if is_short(&field.before) && is_short(&field.after) => {
                let (old, new) = (self.red(&one_line(old)), self.green(&one_line(new)));
                self.with_place(out, &format!("    {path}: {old} => {new}"), &at);
            }
            _ => {
                self.with_place(out, &format!("    {path}:"), &at);
                for (mark, line) in lines(field) {
                    let line = format!("      {mark} {}", printable(&line));
                    out.push_str(&match mark {
                        '+' => self.green(&line),
                        '-' => self.red(&line),
                        _ => line,
                    });
                    out.push('\n');
                }
            }
        }
    }
}

/// The lines of a field that are gone and new, with one around these.
pub(super) fn lines(field: &ShownField) -> Vec<(char, String)> {
    let text = |text: &Option<String>| match text {
        Some(text) if !text.ends_with('\n') => format!("{text}\n"),
        text => text.clone().unwrap_or_default(),
    };
    let (old, new) = (text(&field.before), text(&field.after));
    let input = InternedInput::new(old.as_str(), new.as_str());
    let mut diff = imara_diff::Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let line = |tokens: &[Token], at: u32| {
        let line = tokens.get(at as usize).map(|token| input.interner[*token]);
        line.unwrap_or_default().trim_end_matches('\n').to_owned()
    };
    let mut out = Vec::new();
    let mut end = 0;
    for hunk in diff.hunks() {
        if hunk.after.start > end {
            out.push((' ', line(&input.after, hunk.after.start - 1)));
        }
        out.extend(hunk.before.map(|at| ('-', line(&input.before, at))));
        end = hunk.after.end;
        out.extend(hunk.after.map(|at| ('+', line(&input.after, at))));
        if (end as usize) < input.after.len() {
            out.push((' ', line(&input.after, end)));
            end += 1;
        }
    }
    let most = match (&field.before, &field.after) {
        (Some(_), Some(_)) => MOST_LINES,
        _ => MOST_LINES_OF_ONE,
    };
    if out.len() > most {
        let more = out.len() - most;
        out.truncate(most);
        out.push((' ', format!("... {more} more lines")));
    }
    out
}

/// A value on one line.
fn one_line(text: &str) -> String {
    match text.is_empty() {
        true => "\"\"".to_owned(),
        false => printable(text),
    }
}

/// A text without control characters, which a terminal would act on.
fn printable(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}
