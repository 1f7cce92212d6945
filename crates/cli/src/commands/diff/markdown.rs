use std::fmt::Write;

use super::human::{clusters, how, lines, mark, not_compared, uses};
use super::shown::{Shown, ShownObject};

/// Dangers that are listed before all else.
const MOST_DANGERS: usize = 50;

/// A comment for a pull request: the summary first, each object folded, never more than `limit` bytes.
pub(super) fn text(shown: &Shown, limit: usize) -> String {
    let totals = shown.totals();
    let mut out = String::new();
    let (before, after) = (code(&shown.names.0), code(&shown.names.1));
    let _ = writeln!(out, "### What Flux would change: {before} to {after}\n");
    let _ = writeln!(out, "**{}**", totals.words());
    for (names, what) in [(&shown.only_before, &before), (&shown.only_after, &after)] {
        if !names.is_empty() {
            let _ = writeln!(out, "\nOnly in {what}: cluster {}", names.join(", "));
        }
    }
    let mut dangers = Vec::new();
    for object in &shown.objects {
        let subject = code(&object.subject.to_string());
        let all = object.dangers.iter();
        dangers.extend(all.map(|danger| {
            format!(
                "- **{}** {subject}: {}\n",
                danger.kind.as_str(),
                inline(&danger.message)
            )
        }));
    }
    let variables: Vec<String> = shown
        .variables
        .iter()
        .map(|one| {
            let name = code(one.name.as_deref().unwrap_or("a variable"));
            let value = |value: &Option<String>| match value {
                Some(value) => code(value),
                None => "nothing".to_owned(),
            };
            let (before, after) = (value(&one.before), value(&one.after));
            format!("- {name}: {before} to {after} ({})\n", uses(one))
        })
        .collect();
    let mut page = Page {
        out,
        limit,
        is_full: false,
    };
    for line in not_compared(shown) {
        page.push(&format!("\n> {}\n", inline(&line)));
    }
    page.list("#### Dangers", &dangers, MOST_DANGERS);
    page.list(
        "#### Differences from variables alone",
        &variables,
        MOST_DANGERS,
    );
    let mut left = shown.objects.len();
    for object in &shown.objects {
        if !page.push(&folded(object, shown)) {
            break;
        }
        left -= 1;
    }
    if left > 0 {
        let _ = writeln!(page.out, "\n{left} more: `tidegate diff` shows them all");
    }
    page.out
}

/// A text that does not grow beyond its limit.
struct Page {
    out: String,
    limit: usize,
    is_full: bool,
}

/// Bytes that are kept free for what says how much is missing.
const RESERVE: usize = 100;

impl Page {
    /// Whether there was room.
    fn push(&mut self, text: &str) -> bool {
        if self.is_full || self.out.len() + text.len() + RESERVE > self.limit {
            self.is_full = true;
            return false;
        }
        self.out.push_str(text);
        true
    }

    fn list(&mut self, title: &str, items: &[String], most: usize) {
        if items.is_empty() {
            return;
        }
        self.push(&format!("\n{title}\n\n"));
        for item in items.iter().take(most) {
            self.push(item);
        }
        if items.len() > most {
            self.push(&format!("- and {} more\n", items.len() - most));
        }
    }
}

fn folded(object: &ShownObject, shown: &Shown) -> String {
    let mut body = String::new();
    for field in &object.fields {
        let _ = writeln!(body, "  {}", field.path);
        match field.secret {
            true => {
                let _ = writeln!(body, "  (secret, changed)");
            }
            false => {
                for (mark, line) in lines(field) {
                    let _ = writeln!(body, "{mark} {line}");
                }
            }
        }
    }
    let mut title = format!(
        "{} <code>{}</code>",
        mark(object.change),
        html(&object.subject.to_string())
    );
    let more = [
        how(object),
        clusters(object, shown).map(|text| format!("({text})")),
    ];
    for more in more.into_iter().flatten() {
        let _ = write!(title, " {}", html(&more));
    }
    if !object.dangers.is_empty() {
        title.push_str(" ⚠️");
    }
    if body.is_empty() {
        return format!("\n{title}\n");
    }
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n<details><summary>{title}</summary>\n\n{fence}diff\n{body}{fence}\n\n</details>\n")
}

/// A text as code within a line.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let marks = "`".repeat(longest + 1);
    let text = text.replace(['\n', '\r'], " ");
    match longest {
        0 => format!("{marks}{text}{marks}"),
        _ => format!("{marks} {text} {marks}"),
    }
}

/// A text whose characters mean nothing to Markdown.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' | '>' | '&' => out.push_str(&html(&c.to_string())),
            '\\' | '*' | '_' | '[' | ']' | '#' | '@' | '!' | '|' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
