use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use tidegate_artifact::{Modes, pack};
use tidegate_source::System as _;
use tidegate_system::write_atomically;

use crate::commands::{Failure, written};
use crate::gate::Gated;

/// Lists what a cluster gets of an artifact, or writes it below a folder, with the modes that it has there.
///
/// Source: `Storage.Archive` of source-controller v1.9: what was extracted is packed again.
pub(super) fn show(gated: &Gated, folder: Option<&Path>) -> Result<(), Failure> {
    let root = &gated.packaged.root;
    let packed = gated.packing.pack(Arc::new(gated.tree.artifact(root)));
    let layer = pack(&packed, root, Modes::Normal);
    let layer = layer.map_err(|error| Failure::new(error.to_string()))?;
    let files = layer.entries.iter().filter(|entry| entry.size.is_some());
    let Some(folder) = folder else {
        let mut text = String::new();
        for file in files {
            let _ = writeln!(text, "{}", file.name);
        }
        return written(io::stdout().lock().write_all(text.as_bytes()));
    };
    for file in files {
        let target = folder.join(&file.name);
        let cannot = |error: &dyn std::fmt::Display| {
            Failure::new(format!("{} cannot be written: {error}", target.display()))
        };
        let path = root.join(&file.name).map_err(|error| cannot(&error))?;
        let bytes = packed.read(&path).map_err(|error| cannot(&error))?;
        let above = target.parent().unwrap_or(folder);
        fs::create_dir_all(above).map_err(|error| cannot(&error))?;
        write_atomically(&target, &bytes).map_err(|error| cannot(&error))?;
        set_mode(&target, file.mode & 0o111 != 0).map_err(|error| cannot(&error))?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, is_executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if is_executable { 0o700 } else { 0o600 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _is_executable: bool) -> io::Result<()> {
    Ok(())
}
