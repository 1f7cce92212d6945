//! One line for each finding, for editors and `grep`.

use std::io;

use tidegate_source::{Diagnostic, Waived};

use crate::text::printable;
use crate::view::Views;

pub(crate) fn write(
    findings: &[Diagnostic],
    views: &Views<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in findings {
        writeln!(out, "{}", line(finding, views))?;
    }
    Ok(())
}

pub(crate) fn write_waived(
    waived: &[Waived],
    views: &Views<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for Waived {
        finding, reason, ..
    } in waived
    {
        let line = line(finding, views);
        writeln!(out, "{line} (waived: {})", printable(reason))?;
    }
    Ok(())
}

fn line(finding: &Diagnostic, views: &Views<'_>) -> String {
    let place = views.place(&finding.primary).to_string();
    format!(
        "{}: {}[{}] {}",
        printable(&place),
        finding.severity.as_str(),
        finding.code,
        printable(&finding.message)
    )
}
