//! One line for each finding, for editors and `grep`.

use std::io;

use tidegate_source::Diagnostic;

use crate::text::printable;
use crate::view::Views;

pub(crate) fn write(
    findings: &[Diagnostic],
    views: &Views<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in findings {
        let place = views.place(&finding.primary).to_string();
        writeln!(
            out,
            "{}: {}[{}] {}",
            printable(&place),
            finding.severity.as_str(),
            finding.code,
            printable(&finding.message)
        )?;
    }
    Ok(())
}
