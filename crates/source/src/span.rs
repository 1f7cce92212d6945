/// Identity of a file in one [`Sources`](crate::Sources) table.
///
/// Identities follow the order of loading, which may differ between runs: never sort or print by
/// them, resolve them to a path first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub(crate) u32);

impl FileId {
    /// The identity of no file: what was made by tidegate itself.
    pub const NONE: FileId = FileId(u32::MAX);

    /// No file of the table either, but spans of it count as places: of a text that is read and
    /// forgotten, or with offsets whose meaning is known to the one who made them.
    pub const DETACHED: FileId = FileId(u32::MAX - 1);

    /// Whether this names a file of the table.
    pub fn is_some(self) -> bool {
        self != FileId::NONE
    }
}

/// A range of bytes in the text of a file, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Default for Span {
    /// Nowhere.
    fn default() -> Span {
        Span::NONE
    }
}

impl Span {
    /// A place that is nowhere: what was made by tidegate itself.
    pub const NONE: Span = Span {
        file: FileId::NONE,
        start: 0,
        end: 0,
    };

    /// A range in `file`. Offsets above 4 GiB do not occur: [`crate::Sources`] refuses such files.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span {
            file,
            start: start as u32,
            end: end as u32,
        }
    }

    /// Whether this is a place in a file.
    pub fn is_some(self) -> bool {
        self.file.is_some()
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range has no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies wholly within this range of the same file.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}
