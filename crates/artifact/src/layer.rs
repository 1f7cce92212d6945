use sha2::{Digest as _, Sha256};
use tidegate_source::{EntryKind, Packed, System, SystemError, TreePath};

use crate::gzip::Gzip;
use crate::tar::{self, Kind};
use crate::{Digest, PackError};

/// Which permission bits files and folders have in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modes {
    /// 0755 for folders and what is executable, 0644 for all else: the same on any machine,
    /// whatever its umask.
    Normal,
    /// As they are in the tree, as Flux does it.
    Kept,
}

/// The layer of an artifact.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The archive, compressed: what is pushed.
    pub bytes: Vec<u8>,
    /// The digest of these bytes.
    pub digest: Digest,
    /// The digest of the archive itself: two layers with the same have the same content, whoever
    /// compressed them.
    pub diff_id: Digest,
    /// The length of the archive, in bytes.
    pub tar_size: u64,
    /// What is in it, in order.
    pub entries: Vec<LayerEntry>,
}

/// A file or folder of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerEntry {
    /// Its name, from the folder that was packed; `.` for that folder.
    pub name: String,
    /// The size of a file in bytes; none for a folder.
    pub size: Option<u64>,
    /// Its permission bits.
    pub mode: u32,
}

/// Packs a folder of a tree: what [`Packed`] shows of it, in the order of a walk.
///
/// What Flux would pack is packed, even where no client could make use of it:
/// [`refusals`](crate::refusals) tells of that.
pub fn pack(tree: &Packed, root: &TreePath, modes: Modes) -> Result<Layer, PackError> {
    let mut archive = Archive::new(modes);
    archive.add_folder(tree, root, ".")?;
    let mut folders = vec![inside(tree, root, root)?];
    while let Some(last) = folders.last_mut() {
        let Some((path, kind)) = last.next() else {
            folders.pop();
            continue;
        };
        let name = path.relative_to(root);
        if archive.entries.len() >= Layer::MAX_ENTRIES || archive.size >= Layer::MAX_TAR_SIZE {
            return Err(at(root, SystemError::TooLarge(Layer::MAX_TAR_SIZE)));
        }
        match kind {
            EntryKind::Folder => {
                let at = |error| at(&path, error);
                if !tree.is_implied(&path).map_err(at)? {
                    archive.add_folder(tree, &path, &name)?;
                }
                folders.push(inside(tree, root, &path)?);
            }
            EntryKind::File => archive.add_file(tree, &path, &name)?,
            EntryKind::Other => {}
        }
    }
    Ok(archive.finish())
}

/// Packs one file, as Flux does where it is given one: in a folder of its own, which only its owner
/// may enter. A file that the rules leave out leaves the folder alone.
pub fn pack_file(tree: &Packed, file: &TreePath, modes: Modes) -> Result<Layer, PackError> {
    let mut archive = Archive::new(modes);
    archive.add(".", Kind::Folder, 0o700, &[]);
    let name = file.file_name().unwrap_or_default();
    match archive.add_file(tree, file, name) {
        Err(PackError {
            error: SystemError::Ignored(_),
            ..
        }) => {}
        added => added?,
    }
    Ok(archive.finish())
}

type Inside = std::vec::IntoIter<(TreePath, EntryKind)>;

fn inside(tree: &Packed, root: &TreePath, folder: &TreePath) -> Result<Inside, PackError> {
    let entries = tree.list(folder).map_err(|error| at(folder, error))?;
    let mut inside = Vec::with_capacity(entries.len());
    for entry in entries {
        let (Ok(path), Some(kind)) = (folder.join(&entry.name), entry.kind) else {
            continue;
        };
        debug_assert!(path.is_within(root));
        inside.push((path, kind));
    }
    Ok(inside.into_iter())
}

fn at(path: &TreePath, error: SystemError) -> PackError {
    PackError {
        path: path.clone(),
        error,
    }
}

struct Archive {
    modes: Modes,
    hash: Sha256,
    gzip: Gzip,
    size: u64,
    entries: Vec<LayerEntry>,
}

impl Archive {
    fn new(modes: Modes) -> Archive {
        Archive {
            modes,
            hash: Sha256::new(),
            gzip: Gzip::new(),
            size: 0,
            entries: Vec::new(),
        }
    }

    fn add_folder(&mut self, tree: &Packed, path: &TreePath, name: &str) -> Result<(), PackError> {
        let mode = tree.mode(path).map_err(|error| at(path, error))?;
        self.add(name, Kind::Folder, mode, &[]);
        Ok(())
    }

    fn add_file(&mut self, tree: &Packed, path: &TreePath, name: &str) -> Result<(), PackError> {
        let at = |error| at(path, error);
        let bytes = tree.read(path).map_err(at)?;
        let mode = tree.mode(path).map_err(at)?;
        self.add(name, Kind::File, mode, &bytes);
        Ok(())
    }

    fn add(&mut self, name: &str, kind: Kind, mode: u32, bytes: &[u8]) {
        let mode = match (self.modes, kind) {
            (Modes::Kept, _) => mode,
            (Modes::Normal, Kind::Folder) => EntryKind::Folder.usual_mode(),
            (Modes::Normal, Kind::File) if mode & 0o111 != 0 => 0o755,
            (Modes::Normal, Kind::File) => EntryKind::File.usual_mode(),
        };
        let size = bytes.len() as u64;
        self.write(&tar::headers(name, kind, mode, size));
        self.write(bytes);
        self.write(tar::padding(size));
        self.entries.push(LayerEntry {
            name: name.to_owned(),
            size: (kind == Kind::File).then_some(size),
            mode,
        });
    }

    fn write(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.gzip.write(bytes);
        self.size += bytes.len() as u64;
    }

    fn finish(mut self) -> Layer {
        self.write(&tar::END);
        let bytes = self.gzip.finish();
        Layer {
            digest: Digest::of(&bytes),
            diff_id: Digest::of_hash(self.hash),
            tar_size: self.size,
            entries: self.entries,
            bytes,
        }
    }
}

impl Layer {
    /// The most files and folders that are packed.
    pub const MAX_ENTRIES: usize = 1_000_000;

    /// The size at which no further file is packed, in bytes: 1 GiB. Flux itself extracts 100 MiB
    /// unless it is told otherwise.
    pub const MAX_TAR_SIZE: u64 = 1 << 30;

    /// A layer with nothing in it at all, which is what Flux makes of a source that is a link.
    pub fn empty() -> Layer {
        Archive::new(Modes::Normal).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{IgnoreRules, MemorySystem, Packing};

    fn packed(files: &[(&str, &str)], rules: &str) -> Packed {
        let add = |tree: MemorySystem, (path, text): &(&str, &str)| tree.with(path, text);
        let tree = files.iter().fold(MemorySystem::new(), add);
        let packing = Packing::flux_cli(IgnoreRules::named("rules", rules));
        Packed::new(Arc::new(tree), TreePath::new("top").unwrap(), packing)
    }

    fn check(files: &[(&str, &str)], rules: &str, expected: &[&str]) {
        let root = TreePath::new("top").unwrap();
        let layer = pack(&packed(files, rules), &root, Modes::Normal).unwrap();
        let names: Vec<&str> = layer
            .entries
            .iter()
            .map(|entry| entry.name.as_str())
            .collect();
        assert_eq!(names, expected);
        let archive = crate::gzip::tests::inflated(&layer.bytes);
        assert_eq!(layer.diff_id, Digest::of(&archive));
        assert_eq!(layer.tar_size, archive.len() as u64);
    }

    #[test]
    fn folders_are_walked_depth_first_and_by_name() {
        let files = [
            ("top/a/x", "1"),
            ("top/a-b", "2"),
            ("top/B", "3"),
            ("other", "4"),
        ];
        check(&files, "", &[".", "B", "a", "a/x", "a-b"]);
    }

    #[test]
    fn a_folder_that_is_left_out_has_no_entry_though_a_file_in_it_has() {
        let files = [("top/a/x", ""), ("top/a/y", ""), ("top/b/z", "")];
        check(&files, "/*\n!/a/x", &[".", "a/x"]);
    }

    #[test]
    fn one_file_is_in_a_folder_of_its_own() {
        let tree = packed(&[("top/a.png", ""), ("top/b", "")], "*.png");
        let names = |file: &str| {
            let file = TreePath::new(file).unwrap();
            let entries = pack_file(&tree, &file, Modes::Kept).unwrap().entries;
            let entries = entries.into_iter();
            entries
                .map(|entry| (entry.name, entry.mode))
                .collect::<Vec<_>>()
        };
        let root = (".".to_owned(), 0o700);
        assert_eq!(names("top/b"), [root.clone(), ("b".to_owned(), 0o644)]);
        assert_eq!(names("top/a.png"), [root]);
    }

    #[test]
    #[cfg(unix)]
    #[allow(
        clippy::disallowed_methods,
        reason = "it makes the trees that it reads"
    )]
    fn folder_and_umask_do_not_matter() {
        use std::fs::{Permissions, create_dir, set_permissions, write};
        use std::os::unix::fs::PermissionsExt;
        use tidegate_system::{DiskSystem, Links};

        let digest = |modes: Modes, [folder, file, script]: [u32; 3]| {
            let place = tempfile::tempdir().unwrap();
            let at = |name: &str| place.path().join(name);
            create_dir(at("a")).unwrap();
            write(at("a/x.yaml"), "x: 1\n").unwrap();
            write(at("a/run.sh"), "true\n").unwrap();
            for (name, mode) in [("a/x.yaml", file), ("a/run.sh", script), ("a", folder)] {
                set_permissions(at(name), Permissions::from_mode(mode)).unwrap();
            }
            let disk = Arc::new(DiskSystem::new(place.path(), Links::Absent).unwrap());
            let packing = Packing::flux_cli(IgnoreRules::of_flux_cli());
            let packed = Packed::new(disk, TreePath::root(), packing);
            pack(&packed, &TreePath::root(), modes).unwrap().digest
        };
        let (open, closed) = ([0o775, 0o664, 0o775], [0o700, 0o600, 0o700]);
        assert_eq!(digest(Modes::Normal, open), digest(Modes::Normal, closed));
        assert_ne!(digest(Modes::Kept, open), digest(Modes::Kept, closed));
    }
}
