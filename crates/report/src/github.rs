//! Workflow commands, which GitHub shows as annotations beside the changed lines.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::io;

use tidegate_source::{Diagnostic, Severity};

use crate::text::printable;
use crate::view::Views;

pub(crate) fn write(
    findings: &[Diagnostic],
    views: &Views<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let place = views.place(&finding.primary);
        write!(out, "::{command} file={}", property(&place.path))?;
        if let Some([(start, _), (end, _)]) = place.range {
            write!(out, ",line={},endLine={}", start.line, end.line)?;
            // Columns of a range over several lines are refused.
            if start.line == end.line {
                write!(out, ",col={},endColumn={}", start.column, end.column)?;
            }
        }
        let title = format!("tidegate ({})", finding.code);
        write!(out, ",title={}", property(&title))?;

        // The path is repeated for those who read the log, where properties are not shown.
        let mut message = format!("{place}: {}", finding.message);
        for step in finding.trail.iter().rev() {
            message.push_str(&format!(
                "\n{} at {}",
                step.text,
                views.place(&step.location)
            ));
        }
        if !finding.clusters.is_empty() {
            message.push_str(&format!("\nclusters: {}", finding.clusters.join(", ")));
        }
        if let Some(help) = &finding.help {
            message.push_str(&format!("\nhelp: {}", printable(help)));
        }
        writeln!(out, "::{}", data(&message))?;
    }
    Ok(())
}

/// Escapes the text behind the last `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property, which `,` and `:` would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
