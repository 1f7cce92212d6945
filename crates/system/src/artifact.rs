use std::collections::BTreeMap;
use std::fmt;

use tidegate_archive::{Entries, GzipError, Kind, TarError, unpack};
use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};

/// The files of a layer of an OCI artifact, as Flux extracts it.
///
/// Source: `fluxcd/pkg/tar` v1.2.0 as source-controller calls it: links are left out, and a name that
/// leads out of the artifact refuses all of it. The limits are ours: source-controller has none.
pub struct ArtifactSystem {
    /// The archive, unpacked.
    archive: Vec<u8>,
    files: BTreeMap<TreePath, File>,
    folders: BTreeMap<TreePath, BTreeMap<String, EntryKind>>,
    links: Vec<String>,
}

struct File {
    start: usize,
    end: usize,
    mode: u32,
}

/// Why a layer is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArtifactError {
    /// It is not what gzip makes, or it is damaged.
    NotGzip,
    /// It is no tar archive, or ends too early.
    NotTar,
    /// It would take more bytes than are allowed.
    TooLarge(usize),
    /// It has more files and folders than are allowed.
    TooMany(usize),
    /// The name of an entry, which Flux refuses with all of the artifact.
    Name(String),
    /// The name of an entry that is neither a file, a folder nor a link.
    NotRegular(String),
}

impl fmt::Display for ArtifactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArtifactError::NotGzip => f.write_str("its layer is not gzip, or is damaged"),
            ArtifactError::NotTar => f.write_str("its layer is no tar archive, or is cut off"),
            ArtifactError::TooLarge(most) => {
                write!(
                    f,
                    "it is larger than {} MiB when it is unpacked",
                    most >> 20
                )
            }
            ArtifactError::TooMany(most) => write!(f, "it has more than {most} files and folders"),
            ArtifactError::Name(name) => write!(
                f,
                "it has an entry named {name:?}, which makes Flux refuse all of it"
            ),
            ArtifactError::NotRegular(name) => write!(
                f,
                "{name:?} is neither a file nor a folder, which makes Flux refuse all of it"
            ),
        }
    }
}

impl std::error::Error for ArtifactError {}

impl ArtifactSystem {
    /// The most bytes that an artifact may have when it is unpacked.
    pub const MAX_SIZE: usize = 512 << 20;

    /// The most files and folders that one may have.
    pub const MAX_ENTRIES: usize = 100_000;

    /// The files of a layer of the media type `tar+gzip`.
    pub fn new(layer: &[u8]) -> Result<ArtifactSystem, ArtifactError> {
        ArtifactSystem::with_limits(layer, Self::MAX_SIZE, Self::MAX_ENTRIES)
    }

    fn with_limits(
        layer: &[u8],
        most_bytes: usize,
        most_entries: usize,
    ) -> Result<ArtifactSystem, ArtifactError> {
        let archive = unpack(layer, most_bytes).map_err(|error| match error {
            GzipError::TooLarge => ArtifactError::TooLarge(most_bytes),
            GzipError::NotGzip | GzipError::Damaged => ArtifactError::NotGzip,
        })?;
        let mut system = ArtifactSystem {
            archive: Vec::new(),
            files: BTreeMap::new(),
            folders: BTreeMap::from([(TreePath::root(), BTreeMap::new())]),
            links: Vec::new(),
        };
        let first = archive.as_ptr().addr();
        let mut entries = 0;
        for entry in Entries::new(&archive) {
            let entry = entry.map_err(|error| match error {
                TarError::Header | TarError::Truncated => ArtifactError::NotTar,
            })?;
            entries += 1;
            if entries > most_entries {
                return Err(ArtifactError::TooMany(most_entries));
            }
            let name = || entry.name.clone().into_owned();
            let path = path(&entry.name).ok_or_else(|| ArtifactError::Name(name()))?;
            match entry.kind {
                Kind::Folder => system
                    .add_folder(&path)
                    .ok_or_else(|| ArtifactError::Name(name()))?,
                Kind::File => {
                    let start = entry.data.as_ptr().addr() - first;
                    let file = File {
                        start,
                        end: start + entry.data.len(),
                        mode: entry.mode,
                    };
                    system
                        .add_file(path, file)
                        .ok_or_else(|| ArtifactError::Name(name()))?;
                }
                Kind::Link => system.links.push(name()),
                Kind::Other => return Err(ArtifactError::NotRegular(name())),
            }
        }
        system.archive = archive;
        Ok(system)
    }

    /// The names of the links that were left out.
    pub fn links(&self) -> &[String] {
        &self.links
    }

    /// The unpacked archive, whose digest is the `diff_id` of the layer.
    pub fn archive(&self) -> &[u8] {
        &self.archive
    }

    /// Adds a folder and those above it; none where one of them is a file.
    fn add_folder(&mut self, path: &TreePath) -> Option<()> {
        let mut folder = path.clone();
        let mut missing = Vec::new();
        while !self.folders.contains_key(&folder) {
            if self.files.contains_key(&folder) {
                return None;
            }
            let (parent, name) = (folder.parent()?, folder.file_name()?.to_owned());
            self.folders.insert(folder, BTreeMap::new());
            if let Some(siblings) = self.folders.get_mut(&parent) {
                siblings.insert(name, EntryKind::Folder);
                break;
            }
            missing.push((parent.clone(), name));
            folder = parent;
        }
        while let Some((parent, name)) = missing.pop() {
            self.folders
                .get_mut(&parent)?
                .insert(name, EntryKind::Folder);
        }
        Some(())
    }

    /// Adds a file, in place of one with the same name.
    fn add_file(&mut self, path: TreePath, file: File) -> Option<()> {
        if self.folders.contains_key(&path) {
            return None;
        }
        let parent = path.parent()?;
        self.add_folder(&parent)?;
        let name = path.file_name()?.to_owned();
        self.folders.get_mut(&parent)?.insert(name, EntryKind::File);
        self.files.insert(path, file);
        Some(())
    }
}

/// The path of an entry; none for names that Flux refuses.
fn path(name: &str) -> Option<TreePath> {
    let refused =
        name.is_empty() || name.contains('\\') || name.starts_with('/') || name.contains("../");
    if refused {
        return None;
    }
    TreePath::new(name).ok()
}

impl fmt::Debug for ArtifactSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArtifactSystem")
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

impl System for ArtifactSystem {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        match self.files.get(path) {
            Some(file) => Ok(self.archive[file.start..file.end].to_vec()),
            None if self.folders.contains_key(path) => Err(SystemError::IsFolder),
            None => Err(SystemError::NotFound),
        }
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        if self.files.contains_key(path) {
            Ok(EntryKind::File)
        } else if self.folders.contains_key(path) {
            Ok(EntryKind::Folder)
        } else {
            Err(SystemError::NotFound)
        }
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        let names = match self.folders.get(path) {
            Some(names) => names,
            None if self.files.contains_key(path) => return Err(SystemError::NotFolder),
            None => return Err(SystemError::NotFound),
        };
        let entry = |(name, kind): (&String, &EntryKind)| Entry {
            name: name.clone(),
            kind: Some(*kind),
            is_link: false,
        };
        Ok(names.iter().map(entry).collect())
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.kind(path).map(|_| path.clone())
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        match self.files.get(path) {
            Some(file) => Ok(file.mode),
            None => self.kind(path).map(EntryKind::usual_mode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A member of gzip that holds bytes as they are.
    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        let mut chunks = bytes.chunks(65_535).peekable();
        while let Some(chunk) = chunks.next() {
            let length = chunk.len() as u16;
            out.push(u8::from(chunks.peek().is_none()));
            out.extend(length.to_le_bytes());
            out.extend((!length).to_le_bytes());
            out.extend(chunk);
        }
        let crc = bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
                1 => (crc >> 1) ^ 0xedb8_8320,
                _ => crc >> 1,
            })
        });
        out.extend((!crc).to_le_bytes());
        out.extend((bytes.len() as u32).to_le_bytes());
        out
    }

    /// An archive of entries: a name, a flag, a content.
    fn layer(entries: &[(&str, u8, &str)]) -> Vec<u8> {
        let mut archive = Vec::new();
        for (name, flag, content) in entries {
            let mut header = [0u8; 512];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[100..107].copy_from_slice(b"0000755");
            header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
            header[148..156].copy_from_slice(b"        ");
            header[156] = *flag;
            header[257..263].copy_from_slice(b"ustar\0");
            let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
            header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            archive.extend(header);
            archive.extend(content.as_bytes());
            archive.resize(archive.len().next_multiple_of(512), 0);
        }
        archive.resize(archive.len() + 1024, 0);
        gzip(&archive)
    }

    fn at(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    #[test]
    fn files_and_folders_are_those_of_the_archive() {
        let layer = layer(&[
            (".", b'5', ""),
            ("a/b/c.yaml", b'0', "x: 1"),
            ("a/empty", b'5', ""),
            ("a/link", b'2', ""),
            ("a/b/c.yaml", b'0', "x: 2"),
        ]);
        let system = ArtifactSystem::new(&layer).unwrap();
        assert_eq!(system.read(&at("a/b/c.yaml")).unwrap(), b"x: 2");
        assert_eq!(system.mode(&at("a/b/c.yaml")), Ok(0o755));
        let names = system.list(&at("a")).unwrap();
        let names: Vec<_> = names.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["b", "empty"]);
        assert_eq!(system.list(&at("")).unwrap().len(), 1);
        assert_eq!(system.links(), ["a/link"]);
        assert_eq!(system.read(&at("a")), Err(SystemError::IsFolder));
        assert_eq!(system.read(&at("a/link")), Err(SystemError::NotFound));
        assert_eq!(system.list(&at("a/b/c.yaml")), Err(SystemError::NotFolder));
    }

    #[test]
    fn what_flux_refuses_is_refused() {
        let check = |entries: &[(&str, u8, &str)], expected: ArtifactError| {
            assert_eq!(ArtifactSystem::new(&layer(entries)).unwrap_err(), expected);
        };
        for name in ["../a", "/etc/passwd", "a\\b", "v1../a", ""] {
            check(&[(name, b'0', "x")], ArtifactError::Name(name.to_owned()));
        }
        check(
            &[("pipe", b'6', "")],
            ArtifactError::NotRegular("pipe".to_owned()),
        );
        check(
            &[("a", b'0', "x"), ("a/b", b'0', "y")],
            ArtifactError::Name("a/b".to_owned()),
        );
    }

    #[test]
    fn bombs_and_rubbish_are_refused() {
        let zeros = "0".repeat(1 << 20);
        let big = layer(&[("a", b'0', &zeros)]);
        assert_eq!(
            ArtifactSystem::with_limits(&big, 1 << 20, 10).unwrap_err(),
            ArtifactError::TooLarge(1 << 20)
        );
        let many = layer(&[("a", b'0', ""), ("b", b'0', ""), ("c", b'0', "")]);
        assert_eq!(
            ArtifactSystem::with_limits(&many, 1 << 20, 2).unwrap_err(),
            ArtifactError::TooMany(2)
        );
        assert_eq!(
            ArtifactSystem::new(b"x").unwrap_err(),
            ArtifactError::NotGzip
        );
        assert_eq!(
            ArtifactSystem::new(&many[..30]).unwrap_err(),
            ArtifactError::NotGzip
        );
        assert_eq!(
            ArtifactSystem::new(&gzip(&[7; 600])).unwrap_err(),
            ArtifactError::NotTar
        );
        let mut lying = Vec::new();
        lying.extend([0u8; 100]);
        assert!(ArtifactSystem::new(&gzip(&lying)).is_err());
    }
}
