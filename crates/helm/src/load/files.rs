//! The files of a chart, wherever they are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use tidegate_archive::{Entries, GzipError, Kind, TarError};
use tidegate_source::{
    EntryKind, Location, SourceFile, SourceMapBuilder, Sources, Span, SystemError, TreePath,
};

use super::ignore::Rules;
use super::{Found, Loader, MAX_DEPTH, too_large};
use crate::ChartError;

const MARK: &[u8] = "\u{feff}".as_bytes();

/// The files in a folder, sorted by path, without those that `.helmignore` names.
pub(super) fn in_folder(
    loader: &mut Loader<'_>,
    path: &TreePath,
) -> Result<Vec<Found>, ChartError> {
    let system_error = |path: &TreePath, error: SystemError| ChartError {
        location: Some(Location::Path(path.clone())),
        ..ChartError::chart(format!("{path}: {error}"))
    };
    let chart_file = path.join("Chart.yaml").map_err(|_| outside(path))?;
    loader.sources.load(&chart_file).map_err(|error| {
        let message = format!("unable to detect chart at {chart_file}: {}", error.error);
        ChartError {
            location: Some(Location::Path(path.clone())),
            ..ChartError::chart(message)
        }
    })?;
    let rules_file = path.join(".helmignore").map_err(|_| outside(path))?;
    let mut rules = match loader.sources.kind(&rules_file) {
        Ok(EntryKind::File) => {
            let file = loader.sources.load(&rules_file);
            let file = file.map_err(|error| system_error(&rules_file, error.error))?;
            let rules = Rules::parse(&file.text_lossy());
            rules.map_err(|reason| ChartError::chart(reason).in_file(file.id()))?
        }
        _ => Rules::default(),
    };
    rules.add_defaults();

    let mut found = Vec::new();
    // Folders that are being listed: the names that are left, the last first.
    let list = |folder: &TreePath, loader: &Loader<'_>| {
        let entries = loader.sources.system().list(folder);
        let mut entries = entries.map_err(|error| system_error(folder, error))?;
        entries.reverse();
        Ok((folder.clone(), entries))
    };
    let mut open = vec![list(path, loader)?];
    while let Some((folder, entries)) = open.last_mut() {
        let Some(entry) = entries.pop() else {
            open.pop();
            continue;
        };
        loader.take_file()?;
        let file = folder.join(&entry.name).map_err(|_| outside(folder))?;
        let name = file.relative_to(path);
        if rules.ignores(&name, entry.kind == Some(EntryKind::Folder)) {
            continue;
        }
        match entry.kind {
            Some(EntryKind::Folder) if open.len() == MAX_DEPTH => {
                let reason = format!("folders are nested more than {MAX_DEPTH} deep");
                return Err(system_error(&file, SystemError::Other(reason)));
            }
            Some(EntryKind::Folder) => open.push(list(&file, loader)?),
            Some(EntryKind::File) => {
                let source = loader.sources.load(&file);
                let source = source.map_err(|error| system_error(&file, error.error))?;
                loader.take_bytes(source.bytes().len())?;
                let source = without_mark(loader.sources, source);
                found.push(Found { name, source });
            }
            Some(EntryKind::Other) => return Err(system_error(&file, SystemError::NotRegular)),
            None => {
                let reason = "the link leads nowhere".to_owned();
                return Err(system_error(&file, SystemError::Other(reason)));
            }
        }
    }
    Ok(found)
}

fn outside(path: &TreePath) -> ChartError {
    ChartError::chart(format!("{path} leads out of the tree"))
}

/// The text of a file behind its byte order mark, as a file of its own.
fn without_mark(sources: &Sources, source: Arc<SourceFile>) -> Arc<SourceFile> {
    let Some(text) = source.bytes().strip_prefix(MARK) else {
        return source;
    };
    let Ok(text) = str::from_utf8(text) else {
        return source;
    };
    let span = |start| Span::new(source.id(), start, source.bytes().len());
    let mut map = SourceMapBuilder::new(span(0));
    map.copied(0, span(MARK.len()));
    sources.add_virtual(source.path().clone(), text.to_owned(), map.finish())
}

/// The files of an archive that is a chart; `archive` is its name.
pub(super) fn in_archive(
    loader: &mut Loader<'_>,
    archive: &str,
    bytes: &[u8],
) -> Result<Vec<Found>, ChartError> {
    let refused = |reason: String| ChartError::chart(format!("{archive}: {reason}"));
    let unpacked =
        tidegate_archive::unpack(bytes, loader.unpacked_left).map_err(|error| match error {
            GzipError::NotGzip => refused("it does not appear to be a gzipped archive".to_owned()),
            GzipError::TooLarge => too_large(),
            GzipError::Damaged => {
                refused("unable to load chart archive: it is damaged or incomplete".to_owned())
            }
        })?;
    loader.unpacked_left -= unpacked.len();
    let mut found: Vec<Found> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for entry in Entries::new(&unpacked) {
        let entry = entry.map_err(|error| {
            refused(match error {
                TarError::Header => "unable to load chart archive: invalid tar header".to_owned(),
                TarError::Truncated => "unable to load chart archive: unexpected EOF".to_owned(),
            })
        })?;
        loader.take_file()?;
        match entry.kind {
            Kind::Folder => continue,
            Kind::File => {}
            Kind::Link => return Err(refused(format!("{:?} is a link", entry.name))),
            Kind::Other => return Err(refused(format!("{:?} is not a regular file", entry.name))),
        }
        let name = path_in_chart(&entry.name).map_err(refused)?;
        let data = entry.data.strip_prefix(MARK).unwrap_or(entry.data);
        loader.take_bytes(data.len())?;
        let path = TreePath::new(&format!("{archive}:{name}"));
        let path = path.map_err(|_| refused(format!("{:?} leads out of it", entry.name)))?;
        let source = loader.sources.add_file(path, data.to_vec());
        // Of files with the same name the last counts, but the metadata of all of them.
        if name == "Chart.yaml" {
            found.push(Found { name, source });
            continue;
        }
        match known.entry(name.clone()) {
            Entry::Occupied(at) => found[*at.get()].source = source,
            Entry::Vacant(free) => {
                free.insert(found.len());
                found.push(Found { name, source });
            }
        }
    }
    match found.is_empty() {
        true => Err(refused("no files in chart archive".to_owned())),
        false => Ok(found),
    }
}

/// The path of an entry without the folder that all of a chart is in.
fn path_in_chart(entry: &str) -> Result<String, String> {
    let delimiter = if entry.contains('\\') { '\\' } else { '/' };
    let (folder, rest) = entry.split_once(delimiter).unwrap_or((entry, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err(format!(
            "chart illegally contains absolute paths: {entry:?}"
        ));
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => {
                return Err(format!(
                    "chart illegally references parent directory: {entry:?}"
                ));
            }
            ".." => {}
            part => parts.push(part),
        }
    }
    match parts.as_slice() {
        [] => Err(format!(
            "chart illegally contains content outside the base directory: {entry:?}"
        )),
        [first, ..] if first.starts_with("..") => Err(format!(
            "chart illegally references parent directory: {entry:?}"
        )),
        [drive, _, ..] if is_drive(drive) => {
            Err(format!("chart contains illegally named files: {entry:?}"))
        }
        _ if folder == "Chart.yaml" => Err("chart yaml not in base directory".to_owned()),
        parts => Ok(parts.join("/")),
    }
}

fn is_drive(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}
