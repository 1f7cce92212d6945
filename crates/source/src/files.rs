use std::borrow::Cow;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHasher;

use crate::{EntryKind, FileId, SourceMap, Span, System, SystemError, TreePath};

type PathMap<V> = std::collections::HashMap<TreePath, V, BuildHasherDefault<FxHasher>>;

/// Filled at the first load, so that threads that ask for the same file wait for one read.
type LoadCell = Arc<OnceLock<Result<Arc<SourceFile>, SystemError>>>;

/// A place as people count it: both numbers start at 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Where the lines of a text start. LF, CRLF and a lone CR end a line, as in YAML.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (i, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(i + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(i as u32 + 1);
            }
        }
        LineIndex { starts }
    }

    /// Line (from 0) that holds the byte `offset`.
    pub fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// Offset of the first byte of a line (from 0).
    pub fn start_of(&self, line: usize) -> Option<u32> {
        self.starts.get(line).copied()
    }

    /// The place of a byte offset of `text`, which must be the text of this index.
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let line = self.line_of(offset);
        let start = self.starts[line] as usize;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text.get(start..end).unwrap_or("");
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        LineCol {
            line: line as u32 + 1,
            column: before.chars().count() as u32 + 1,
        }
    }
}

/// What is in front of a part of a file, where the file is read part by part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartStart {
    /// How many lines.
    pub lines: u32,
    /// How many bytes.
    pub bytes: u32,
}

/// One file, real or made by a transform.
pub struct SourceFile {
    id: FileId,
    name: TreePath,
    content: Content,
    start: PartStart,
    lines: OnceLock<LineIndex>,
    map: Option<SourceMap>,
    secret: AtomicBool,
}

/// What is in a file. Whether it is UTF-8 is found out once, since texts are asked for many times.
enum Content {
    Text(String),
    Bytes {
        bytes: Vec<u8>,
        /// The text, where it is one in UTF-16; else where the bytes are not UTF-8.
        decoded: OnceLock<Result<String, usize>>,
    },
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text),
            Err(error) => Content::Bytes {
                bytes: error.into_bytes(),
                decoded: OnceLock::new(),
            },
        }
    }
}

impl SourceFile {
    /// A file that is in no table, for text that is read and forgotten. Its identity is
    /// [`FileId::DETACHED`].
    pub fn detached(name: TreePath, text: String) -> SourceFile {
        SourceFile {
            id: FileId::DETACHED,
            name,
            content: Content::Text(text),
            start: PartStart::default(),
            lines: OnceLock::new(),
            map: None,
            secret: AtomicBool::new(false),
        }
    }

    /// Its identity in the table.
    pub fn id(&self) -> FileId {
        self.id
    }

    /// Its path; for a virtual file, a name that tells what made it.
    pub fn path(&self) -> &TreePath {
        &self.name
    }

    /// The bytes as they were read.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Text(text) => text.as_bytes(),
            Content::Bytes { bytes, .. } => bytes,
        }
    }

    /// The text that spans of this file refer to. UTF-16 with a byte order mark is decoded; the
    /// error is the offset of the first byte that is not UTF-8.
    pub fn text(&self) -> Result<&str, usize> {
        match &self.content {
            Content::Text(text) => Ok(text),
            Content::Bytes { bytes, decoded } => {
                let decoded = decoded.get_or_init(|| {
                    utf16(bytes).unwrap_or_else(|| match std::str::from_utf8(bytes) {
                        Ok(text) => Ok(text.to_owned()),
                        Err(error) => Err(error.valid_up_to()),
                    })
                });
                decoded.as_deref().map_err(|at| *at)
            }
        }
    }

    /// The text, with U+FFFD for what is not UTF-8: for showing only.
    pub fn text_lossy(&self) -> Cow<'_, str> {
        match self.text() {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(self.bytes()),
        }
    }

    /// The lines of the text.
    pub fn lines(&self) -> &LineIndex {
        self.lines
            .get_or_init(|| LineIndex::new(&self.text_lossy()))
    }

    /// The line and column of a byte offset, in the file as a whole.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let place = self.lines().line_col(&self.text_lossy(), offset);
        LineCol {
            line: place.line.saturating_add(self.start.lines),
            ..place
        }
    }

    /// What is in front of it, where it is a part of a file. Spans and [`lines`](Self::lines) count
    /// from the start of the part.
    pub fn start(&self) -> PartStart {
        self.start
    }

    /// Says that the file holds secret material, such as an env file that a secretGenerator reads:
    /// no output shows its text, only lines and columns. It cannot be taken back.
    pub fn mark_secret(&self) {
        self.secret.store(true, Ordering::Relaxed);
    }

    /// Whether the file was marked as secret.
    pub fn is_secret(&self) -> bool {
        self.secret.load(Ordering::Relaxed)
    }

    /// The map to the real places, where this file was made by a transform.
    pub fn source_map(&self) -> Option<&SourceMap> {
        self.map.as_ref()
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceFile")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("bytes", &self.bytes().len())
            .finish()
    }
}

fn utf16(bytes: &[u8]) -> Option<Result<String, usize>> {
    let (units, big): (&[u8], bool) = match bytes {
        [0xFE, 0xFF, rest @ ..] => (rest, true),
        [0xFF, 0xFE, rest @ ..] => (rest, false),
        _ => return None,
    };
    if units.len() % 2 != 0 {
        return Some(Err(bytes.len() - 1));
    }
    let units = units.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    for (i, unit) in char::decode_utf16(units).enumerate() {
        match unit {
            Ok(c) => text.push(c),
            Err(_) => return Some(Err(2 + 2 * i)),
        }
    }
    Some(Ok(text))
}

/// Why a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The path asked for.
    pub path: TreePath,
    /// What the system answered.
    pub error: SystemError,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.error)
    }
}

impl std::error::Error for LoadError {}

/// The file table of one run: every byte that can be blamed is in it, and each file is read once.
///
/// It can be used from many threads.
pub struct Sources {
    system: Arc<dyn System>,
    files: RwLock<Vec<Arc<SourceFile>>>,
    loaded: Mutex<PathMap<LoadCell>>,
    max_file_size: u64,
}

impl Sources {
    /// The largest file that is read, in bytes: 64 MiB. Kubernetes refuses objects of 3 MiB.
    pub const MAX_FILE_SIZE: u64 = 64 << 20;

    /// A table over the files of `system`.
    pub fn new(system: Arc<dyn System>) -> Sources {
        Sources {
            system,
            files: RwLock::new(Vec::new()),
            loaded: Mutex::new(PathMap::default()),
            max_file_size: Sources::MAX_FILE_SIZE,
        }
    }

    /// The system behind the table, for listing folders.
    pub fn system(&self) -> &dyn System {
        &*self.system
    }

    /// The file at `path`, read at the first call only.
    pub fn load(&self, path: &TreePath) -> Result<Arc<SourceFile>, LoadError> {
        let cell = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            match loaded.get(path) {
                Some(cell) => Arc::clone(cell),
                None => Arc::clone(loaded.entry(path.clone()).or_default()),
            }
        };
        let result = cell.get_or_init(|| {
            let bytes = self.system.read(path)?;
            if bytes.len() as u64 > self.max_file_size {
                return Err(SystemError::TooLarge(self.max_file_size));
            }
            Ok(self.push(path.clone(), bytes.into(), PartStart::default(), None))
        });
        result.clone().map_err(|error| LoadError {
            path: path.clone(),
            error,
        })
    }

    /// What is at `path`, links followed.
    pub fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        self.system.kind(path)
    }

    /// Lets `file` be what is found at `path`, where nothing is. Has to be said before anything
    /// asks for the path: a file is read once.
    pub fn stand_in(&self, path: TreePath, file: Arc<SourceFile>) {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded
            .entry(path)
            .or_insert_with(|| Arc::new(OnceLock::from(Ok(file))));
    }

    /// Adds a file that the system does not have, such as one that the user named. Only its
    /// identity finds it, not the name.
    pub fn add_file(&self, name: TreePath, bytes: Vec<u8>) -> Arc<SourceFile> {
        self.push(name, bytes.into(), PartStart::default(), None)
    }

    /// Adds a part of a file, of which the other parts are elsewhere or forgotten.
    pub fn add_part(&self, name: TreePath, bytes: Vec<u8>, start: PartStart) -> Arc<SourceFile> {
        self.push(name, bytes.into(), start, None)
    }

    /// Adds text that a transform made or that was parsed out of a scalar. `map` leads from its
    /// ranges to their real places.
    pub fn add_virtual(&self, name: TreePath, text: String, map: SourceMap) -> Arc<SourceFile> {
        self.push(name, Content::Text(text), PartStart::default(), Some(map))
    }

    fn push(
        &self,
        name: TreePath,
        content: Content,
        start: PartStart,
        map: Option<SourceMap>,
    ) -> Arc<SourceFile> {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let file = Arc::new(SourceFile {
            id: FileId(files.len() as u32),
            name,
            content,
            start,
            lines: OnceLock::new(),
            map,
            secret: AtomicBool::new(false),
        });
        files.push(Arc::clone(&file));
        file
    }

    /// The file of an identity; none for [`FileId::NONE`].
    pub fn get(&self, id: FileId) -> Option<Arc<SourceFile>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.get(id.0 as usize).cloned()
    }

    /// Leads a span through the source maps of virtual files to a real file. A range that has no
    /// real place leads to the place that the whole virtual file came from.
    pub fn real(&self, span: Span) -> Span {
        let mut span = span;
        // A map leads to a file that was in the table before it, so this ends.
        while let Some(file) = self.get(span.file) {
            match file.source_map() {
                Some(map) => span = map.lookup(span),
                None => break,
            }
        }
        span
    }

    /// Whether the file at `path` was read so far.
    pub fn has_read(&self, path: &TreePath) -> bool {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = loaded.get(path).and_then(|cell| cell.get());
        cell.is_some_and(|result| result.is_ok())
    }

    /// The files that were read, in no particular order. Virtual files do not count.
    pub fn files_read(&self) -> Vec<Arc<SourceFile>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let read = files.iter().filter(|file| file.map.is_none());
        read.cloned().collect()
    }

    /// How many files were read, and their bytes. Virtual files do not count.
    pub fn read_so_far(&self) -> (usize, u64) {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files
            .iter()
            .filter(|file| file.map.is_none())
            .fold((0, 0), |(n, size), file| {
                (n + 1, size + file.bytes().len() as u64)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySystem;

    #[test]
    fn lines_end_at_lf_crlf_and_cr() {
        let text = "a\r\nb\rc\nd";
        let index = LineIndex::new(text);
        let at = |offset| {
            let place = index.line_col(text, offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(5), (3, 1));
        assert_eq!(at(7), (4, 1));
        assert_eq!(at(8), (4, 2));
    }

    #[test]
    fn columns_count_characters_and_skip_the_mark() {
        let text = "\u{feff}äö: x";
        let index = LineIndex::new(text);
        let x = text.find('x').unwrap() as u32;
        assert_eq!(index.line_col(text, x), LineCol { line: 1, column: 5 });
    }

    #[test]
    fn a_file_can_stand_in_for_one_that_is_absent() {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("ci.env", "A=1")));
        let [file, absent] = ["ci.env", "live/.env"].map(|path| TreePath::new(path).unwrap());
        sources.stand_in(absent.clone(), sources.load(&file).unwrap());
        let loaded = sources.load(&absent).unwrap();
        assert_eq!(loaded.path(), &file);
        assert_eq!(sources.read_so_far(), (1, 3));
    }

    #[test]
    fn a_file_is_read_once_and_utf16_is_decoded() {
        let bytes: Vec<u8> = [0xFF, 0xFE, b'a', 0, b':', 0].to_vec();
        let sources = Sources::new(Arc::new(MemorySystem::new().with("f", &bytes)));
        let path = TreePath::new("f").unwrap();
        let first = sources.load(&path).unwrap();
        let second = sources.load(&path).unwrap();
        assert_eq!(first.id(), second.id());
        assert_eq!(first.text(), Ok("a:"));
        assert_eq!(sources.read_so_far(), (1, 6));
        let missing = sources.load(&TreePath::new("g").unwrap()).unwrap_err();
        assert_eq!(missing.error, SystemError::NotFound);
    }
}
