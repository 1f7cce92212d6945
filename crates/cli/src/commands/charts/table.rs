use tidegate_registry::{Absent, ChartSource, Error, Resolved};

/// A chart, and what came of it.
pub(super) struct Row {
    pub(super) source: ChartSource,
    pub(super) came: Came,
}

/// What came of a chart.
pub(super) enum Came {
    /// It was fetched, with so many bytes.
    Fetched(Resolved, u64),
    /// It was there already.
    AtHand(Resolved),
    /// It is not there, and nothing is fetched.
    NotAtHand,
    /// Its source does not have it.
    Absent(Absent),
    Failed(Error),
}

impl Came {
    pub(super) fn resolved(&self) -> Option<&Resolved> {
        match self {
            Came::Fetched(resolved, _) | Came::AtHand(resolved) => Some(resolved),
            Came::NotAtHand | Came::Absent(_) | Came::Failed(_) => None,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Came::Fetched(..) => "fetched",
            Came::AtHand(_) => "at hand",
            Came::NotAtHand => "missing",
            Came::Absent(_) => "absent",
            Came::Failed(_) => "failed",
        }
    }

    /// What stands behind the source.
    fn rest(&self) -> String {
        match self {
            Came::Fetched(_, bytes) => size(*bytes),
            Came::AtHand(_) | Came::NotAtHand => String::new(),
            Came::Absent(Absent::Chart(near)) => match near.first() {
                Some(near) => format!("it has no such chart; did you mean {near}?"),
                None => "it has no such chart".to_owned(),
            },
            Came::Absent(Absent::Version(near)) => match near.is_empty() {
                true => "it has no such version".to_owned(),
                false => format!(
                    "it has no such version; the nearest are {}",
                    near.join(", ")
                ),
            },
            Came::Failed(error) => error.to_string(),
        }
    }
}

/// A line for each chart: what came of it, its name, the version, the source, and why. Those that did not
/// come stand last, where people look.
pub(super) fn table(rows: &mut [Row]) -> String {
    rows.sort_by(|a, b| {
        let key = |row: &Row| row.came.resolved().is_none();
        key(a)
            .cmp(&key(b))
            .then_with(|| (a.source.name(), &a.source).cmp(&(b.source.name(), &b.source)))
    });
    let lines: Vec<[String; 5]> = rows
        .iter()
        .map(|Row { source, came }| {
            [
                came.word().to_owned(),
                source.name().to_owned(),
                version(source, came),
                source.url().to_owned(),
                came.rest(),
            ]
        })
        .collect();
    let mut widths = [0; 4];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for line in &lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(widths) {
            text.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(&line[4]);
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// The version, and the range that it was found by.
fn version(source: &ChartSource, came: &Came) -> String {
    let wanted = source.wanted();
    match came.resolved() {
        Some(resolved) if resolved.version == wanted => resolved.version.clone(),
        Some(resolved) if wanted.is_empty() => format!("{} (newest)", resolved.version),
        Some(resolved) => format!("{} ({wanted})", resolved.version),
        None if wanted.is_empty() => "(newest)".to_owned(),
        None => wanted.to_owned(),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_come_stands_last() {
        let source = |chart: &str, version: &str| ChartSource::Repository {
            url: "https://charts.example.org/".to_owned(),
            chart: chart.to_owned(),
            version: version.to_owned(),
        };
        let resolved = |version: &str| Resolved {
            version: version.to_owned(),
            digest: String::new(),
            manifest: None,
            url: None,
        };
        let mut rows = [
            Row {
                source: source("a", "9"),
                came: Came::Absent(Absent::Version(vec!["8.0.0".to_owned()])),
            },
            Row {
                source: source("long-name", ">=1"),
                came: Came::Fetched(resolved("1.2.3"), 12_345),
            },
            Row {
                source: source("b", ""),
                came: Came::AtHand(resolved("2.0.0")),
            },
        ];
        assert_eq!(
            table(&mut rows),
            "at hand  b          2.0.0 (newest)  https://charts.example.org\n\
             fetched  long-name  1.2.3 (>=1)     https://charts.example.org  12.3 kB\n\
             absent   a          9               https://charts.example.org  it has no such version; \
             the nearest are 8.0.0\n"
        );
    }
}
