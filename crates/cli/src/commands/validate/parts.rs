//! A file or a stream, part by part: each part holds whole YAML documents, so that no more of it than
//! that is ever held.

use std::io::{self, Read};

use memchr::{memchr_iter, memmem};
use tidegate_source::PartStart;

/// A part has about this size, or that of one document.
const PART: usize = 128 << 10;

/// The largest document that is read. Kubernetes refuses objects of 3 MiB.
const LARGEST: usize = 64 << 20;

/// The parts of a reader.
pub(super) struct Parts<R> {
    reader: R,
    /// What was read and is in no part yet.
    rest: Vec<u8>,
    start: PartStart,
    ended: bool,
}

/// Some documents.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) bytes: Vec<u8>,
    pub(super) start: PartStart,
}

impl<R: Read> Parts<R> {
    pub(super) fn new(reader: R) -> Parts<R> {
        Parts {
            reader,
            rest: Vec::new(),
            start: PartStart::default(),
            ended: false,
        }
    }

    /// The next part; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Part>> {
        // What was searched without finding a boundary is not searched again.
        let mut searched = 0;
        let mut wanted = PART;
        loop {
            self.fill(wanted)?;
            if self.ended {
                let all = self.rest.len();
                return Ok((all > 0).then(|| self.cut(all)));
            }
            if let Some(end) = boundary(&self.rest, searched) {
                return Ok(Some(self.cut(end)));
            }
            if self.rest.len() > LARGEST {
                let text = format!("a document is larger than {LARGEST} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
            searched = self.rest.len().saturating_sub(SEPARATOR.len() + 1);
            wanted = self.rest.len() * 2;
        }
    }

    /// Reads until there are `wanted` bytes, or no more.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let missing = wanted.saturating_sub(self.rest.len());
        let mut limited = self.reader.by_ref().take(missing as u64);
        let read = limited.read_to_end(&mut self.rest)?;
        self.ended |= read < missing;
        Ok(())
    }

    fn cut(&mut self, end: usize) -> Part {
        let rest = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, rest);
        let start = self.start;
        let alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
        let returns = memchr_iter(b'\r', &bytes).filter(alone).count();
        let lines = (memchr_iter(b'\n', &bytes).count() + returns) as u32;
        let length = bytes.len() as u32;
        self.start.lines = start.lines.saturating_add(lines);
        self.start.bytes = start.bytes.saturating_add(length);
        Part { bytes, start }
    }
}

/// What begins a document, wherever it stands.
const SEPARATOR: &[u8] = b"\n---";

/// Where the last document of a text begins, if one does behind `from`. In UTF-16 none is looked for.
fn boundary(bytes: &[u8], from: usize) -> Option<usize> {
    let is_utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let mut rest = bytes.get(from..).filter(|_| !is_utf16)?;
    while let Some(at) = memmem::rfind(rest, SEPARATOR) {
        let behind = bytes.get(from + at + SEPARATOR.len());
        if matches!(behind, Some(b'\n' | b'\r' | b' ' | b'\t')) {
            return Some(from + at + 1);
        }
        rest = &rest[..at];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_documents_and_know_where_they_begin() {
        let document = format!("---\na: {}\nb: |\n  x\n --- y\n---z\n", "x".repeat(50_000));
        let text = document.repeat(8);
        let mut parts = Parts::new(text.as_bytes());
        let mut read = String::new();
        while let Some(part) = parts.next().unwrap() {
            assert_eq!(part.start.bytes as usize, read.len());
            assert_eq!(part.start.lines as usize, read.matches('\n').count());
            assert!(part.bytes.starts_with(b"---\na"));
            assert!(part.bytes.len() <= PART);
            read.push_str(std::str::from_utf8(&part.bytes).unwrap());
        }
        assert_eq!(read, text);
    }

    #[test]
    fn a_large_document_is_one_part_and_a_huge_one_is_refused() {
        let long = format!("---\na: {}\n", "x".repeat(3 * PART));
        let text = long.repeat(2);
        let mut parts = Parts::new(text.as_bytes());
        for _ in 0..2 {
            assert_eq!(parts.next().unwrap().unwrap().bytes, long.as_bytes());
        }
        assert!(parts.next().unwrap().is_none());
        assert!(Parts::new(io::repeat(b'x')).next().is_err());
        assert!(Parts::new(io::empty()).next().unwrap().is_none());
    }
}
