//! Strings as Go has them (any bytes), with the pieces they were put together from.

use std::ops::Range;
use std::sync::Arc;

use tidegate_source::Span;
use tidegate_yaml::SmolStr;

use crate::origin::{Origin, Origins};

/// A part of a string or of the output, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offset behind the last byte. It starts where the piece before it ends, the first one at 0. A value that
    /// is printed as nothing is a piece without bytes.
    pub end: u32,
    /// The text of the template that wrote it: a text of the template itself, or an action. None for
    /// what a function made, until it is printed.
    pub template: Span,
    /// The value that was printed.
    pub origin: Origin,
    /// Whether the bytes are those of `template`, one by one.
    pub copied: bool,
}

/// The bytes of a string: nearly always UTF-8, which the YAML reader's keys and scalars share.
#[derive(Clone)]
enum Bytes {
    Utf8(SmolStr),
    Other(Arc<[u8]>),
}

/// A string of Go: bytes, mostly UTF-8. Cloning copies a pointer or less than 24 bytes.
#[derive(Clone)]
pub struct Str {
    bytes: Bytes,
    pieces: Option<Arc<[Piece]>>,
}

impl Str {
    /// A text of which ranges came from values, as a whole each. They are in order, and may end behind the text.
    pub(crate) fn of_ranges(text: &str, ranges: &[(Range<u32>, Origin)]) -> Str {
        let mut pieces: Vec<Piece> = Vec::with_capacity(ranges.len() * 2 + 1);
        let mut from = 0;
        let mut push = |end: u32, origin: Origin| {
            let end = end.min(text.len() as u32);
            if end <= from {
                return;
            }
            from = end;
            match pieces.last_mut() {
                Some(last) if last.origin == origin => last.end = end,
                _ => pieces.push(Piece {
                    end,
                    template: Span::NONE,
                    origin,
                    copied: false,
                }),
            }
        };
        for (range, origin) in ranges {
            push(range.start, Origin::NONE);
            push(range.end, *origin);
        }
        push(text.len() as u32, Origin::NONE);
        let is_known = !ranges.is_empty();
        Str {
            bytes: Bytes::Utf8(text.into()),
            pieces: is_known.then(|| pieces.into()),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Utf8(text) => text.as_bytes(),
            Bytes::Other(bytes) => bytes,
        }
    }

    /// The text, where it is UTF-8.
    pub fn as_utf8(&self) -> Option<&SmolStr> {
        match &self.bytes {
            Bytes::Utf8(text) => Some(text),
            Bytes::Other(_) => None,
        }
    }

    /// The text, with U+FFFD for each byte that is not UTF-8, as Go's encoders write it.
    pub fn to_text(&self) -> SmolStr {
        match &self.bytes {
            Bytes::Utf8(text) => text.clone(),
            Bytes::Other(bytes) => lossy(bytes).into(),
        }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// The parts it was put together from; none where it came from one place as a whole.
    pub fn pieces(&self) -> Option<&[Piece]> {
        self.pieces.as_deref()
    }

    /// The same string, all of which depends on `origin` too.
    pub(crate) fn influenced(mut self, origin: Origin, origins: &mut Origins) -> Str {
        if let Some(pieces) = &self.pieces {
            let changed = pieces.iter().map(|piece| Piece {
                origin: origins.union(piece.origin, origin),
                ..*piece
            });
            self.pieces = Some(changed.collect());
        }
        self
    }

    /// Where any part of `range` came from.
    pub fn origin_of(&self, range: Range<usize>, origins: &mut Origins) -> Origin {
        let parts = parts(self.pieces().unwrap_or_default(), range);
        let parts = parts.filter(|(part, _)| !part.is_empty());
        origins.union_all(parts.map(|(_, piece)| piece.origin))
    }
}

/// Each byte that is not UTF-8 becomes U+FFFD, one for one.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    out
}

/// The parts of `range` that single pieces cover, in order.
fn parts(pieces: &[Piece], range: Range<usize>) -> impl Iterator<Item = (Range<usize>, &Piece)> {
    let first = pieces.partition_point(|piece| piece.end as usize <= range.start);
    let mut from = range.start;
    pieces[first..].iter().map_while(move |piece| {
        if from >= range.end {
            return None;
        }
        let part = from..range.end.min(piece.end as usize);
        from = part.end;
        Some((part, piece))
    })
}

impl std::fmt::Debug for Str {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

impl From<SmolStr> for Str {
    fn from(text: SmolStr) -> Str {
        Str {
            bytes: Bytes::Utf8(text),
            pieces: None,
        }
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Str {
        SmolStr::new(text).into()
    }
}

impl From<String> for Str {
    fn from(text: String) -> Str {
        SmolStr::from(text).into()
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Str {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => Str {
                bytes: Bytes::Other(bytes.into()),
                pieces: None,
            },
        }
    }
}

impl From<Vec<u8>> for Str {
    fn from(bytes: Vec<u8>) -> Str {
        match String::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(error) => error.as_bytes().into(),
        }
    }
}

/// Puts a string together and, while track is kept, notes where its parts came from.
#[derive(Clone, Debug, Default)]
pub struct TextBuilder {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
    tracking: bool,
}

impl TextBuilder {
    /// An empty text.
    pub fn new(tracking: bool) -> TextBuilder {
        TextBuilder {
            tracking,
            ..TextBuilder::default()
        }
    }

    /// An empty text that keeps track as `origins` does, with room for `capacity` bytes.
    pub fn with_capacity(origins: &Origins, capacity: usize) -> TextBuilder {
        TextBuilder {
            bytes: Vec::with_capacity(capacity),
            pieces: Vec::new(),
            tracking: origins.is_on(),
        }
    }

    /// What is there so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes that are in the template as they are; `origin` is what decided that they are printed.
    pub fn push_template(&mut self, bytes: &[u8], template: Span, origin: Origin) {
        self.bytes.extend_from_slice(bytes);
        self.piece(template, origin, true);
    }

    /// Bytes that came, as a whole, from a value.
    pub fn push_bytes(&mut self, bytes: &[u8], origin: Origin) {
        self.bytes.extend_from_slice(bytes);
        self.piece(Span::NONE, origin, false);
    }

    /// Appends with `write`; what it wrote came, as a whole, from a value.
    pub fn push_with(&mut self, origin: Origin, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.piece(Span::NONE, origin, false);
    }

    /// A string with its pieces; `origin` is that of the value that holds it.
    pub fn push_str(&mut self, text: &Str, origin: Origin) {
        self.push_slice(text, 0..text.len(), origin);
    }

    /// A part of a string with its pieces. The range must be within the string.
    pub fn push_slice(&mut self, text: &Str, range: Range<usize>, origin: Origin) {
        let start = self.bytes.len();
        self.bytes
            .extend_from_slice(&text.as_bytes()[range.clone()]);
        if !self.tracking {
            return;
        }
        let Some(pieces) = text.pieces() else {
            return self.piece(Span::NONE, origin, false);
        };
        let mut from = pieces
            .get(
                pieces
                    .partition_point(|piece| piece.end as usize <= range.start)
                    .wrapping_sub(1),
            )
            .map_or(0, |piece| piece.end as usize);
        for (part, piece) in parts(pieces, range.clone()) {
            let mut piece = *piece;
            if piece.copied && piece.template.is_some() {
                // The part of the template that these very bytes are.
                let into = (part.start - from) as u32;
                piece.template.start += into;
                piece.template.end = piece.template.start + part.len() as u32;
            }
            if !piece.origin.is_some() && !piece.copied {
                piece.origin = origin;
            }
            from = part.end;
            piece.end = (start + part.end - range.start) as u32;
            self.push_piece(piece);
        }
        if self.pieces.last().map_or(0, |piece| piece.end as usize) < self.bytes.len() {
            self.piece(Span::NONE, origin, false);
        }
    }

    /// A string whose bytes are changed piece by piece: escaped, or turned into capitals. Characters are
    /// not torn apart.
    pub fn push_mapped(
        &mut self,
        text: &Str,
        origin: Origin,
        mut map: impl FnMut(&[u8], &mut Vec<u8>),
    ) {
        let bytes = text.as_bytes();
        let pieces = match text.pieces() {
            Some(pieces) if self.tracking => pieces,
            _ => {
                map(bytes, &mut self.bytes);
                return self.piece(Span::NONE, origin, false);
            }
        };
        let mut start = 0;
        for (i, piece) in pieces.iter().enumerate() {
            let mut end = piece.end as usize;
            while end < bytes.len() && bytes[end] & 0xc0 == 0x80 {
                end += 1;
            }
            if i + 1 == pieces.len() {
                end = bytes.len();
            }
            map(&bytes[start.min(end)..end], &mut self.bytes);
            let own = if piece.origin.is_some() || piece.copied {
                piece.origin
            } else {
                origin
            };
            self.piece(piece.template, own, false);
            start = end.max(start);
        }
    }

    /// Says which text of the template wrote what is behind `from` and is not yet said to be written by one,
    /// and mixes `origin` into it.
    pub fn printed_by(&mut self, from: usize, template: Span) {
        if !self.tracking {
            return;
        }
        let first = self.first_behind(from);
        for piece in &mut self.pieces[first..] {
            if !piece.template.is_some() {
                piece.template = template;
            }
        }
    }

    /// Mixes an origin into all that is behind `from`.
    pub fn mix(&mut self, from: usize, origin: Origin, origins: &mut Origins) {
        if !self.tracking || !origin.is_some() {
            return;
        }
        let first = self.first_behind(from);
        for piece in &mut self.pieces[first..] {
            piece.origin = origins.union(piece.origin, origin);
        }
    }

    /// The first piece that is behind an offset; one without bytes may be at it.
    fn first_behind(&self, from: usize) -> usize {
        let ends_before = |piece: &Piece| (piece.end as usize) < from;
        let first = self.pieces.partition_point(ends_before);
        match self.pieces.get(first) {
            Some(piece) if from > 0 && piece.end as usize == from => first + 1,
            _ => first,
        }
    }

    fn piece(&mut self, template: Span, origin: Origin, copied: bool) {
        if self.tracking {
            let end = self.bytes.len() as u32;
            self.push_piece(Piece {
                end,
                template,
                origin,
                copied,
            });
        }
    }

    fn push_piece(&mut self, piece: Piece) {
        let from = self.pieces.last().map_or(0, |last| last.end);
        if piece.end == from && (piece.copied || !piece.origin.is_some()) {
            return;
        }
        if let Some(last) = self.pieces.last_mut()
            && last.origin == piece.origin
            && last.copied == piece.copied
        {
            if last.copied
                && last.template.file == piece.template.file
                && last.template.end == piece.template.start
            {
                last.template.end = piece.template.end;
                last.end = piece.end;
                return;
            }
            if last.template == piece.template && !last.copied {
                last.end = piece.end;
                return;
            }
        }
        self.pieces.push(piece);
    }

    /// The string.
    pub fn finish(self) -> Str {
        let mut text = Str::from(self.bytes);
        if self.tracking
            && !text.is_empty()
            && self
                .pieces
                .iter()
                .any(|piece| piece.origin.is_some() || piece.template.is_some())
        {
            text.pieces = Some(self.pieces.into());
        }
        text
    }

    /// The bytes and their pieces.
    pub fn into_parts(self) -> (Vec<u8>, Vec<Piece>) {
        (self.bytes, self.pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_source::FileId;
    use tidegate_yaml::Place;

    #[test]
    fn slices_keep_the_pieces_that_they_cover() {
        let mut origins = Origins::tracking();
        let (a, b) = (
            origins.place(&Place::default()),
            origins.place(&Place::default()),
        );
        let mut builder = TextBuilder::with_capacity(&origins, 0);
        builder.push_bytes(b"ab", a);
        builder.push_bytes(b"cd", b);
        let text = builder.finish();
        let mut builder = TextBuilder::with_capacity(&origins, 0);
        builder.push_bytes(b"-", Origin::NONE);
        builder.push_slice(&text, 1..3, Origin::NONE);
        let text = builder.finish();
        let pieces: Vec<(u32, Origin)> = text
            .pieces()
            .unwrap()
            .iter()
            .map(|p| (p.end, p.origin))
            .collect();
        assert_eq!(pieces, [(1, Origin::NONE), (2, a), (3, b)]);
        assert_eq!(text.origin_of(0..2, &mut origins), a);
    }

    #[test]
    fn a_value_of_no_bytes_is_a_piece() {
        let mut origins = Origins::tracking();
        let (a, b) = (
            origins.place(&Place::default()),
            origins.place(&Place::default()),
        );
        let printed = Span::new(FileId::DETACHED, 1, 2);
        let mut builder = TextBuilder::with_capacity(&origins, 0);
        builder.push_bytes(b"x", Origin::NONE);
        for origin in [Origin::NONE, a, b] {
            builder.push_bytes(b"", origin);
            builder.printed_by(1, printed);
        }
        let (_, pieces) = builder.into_parts();
        let pieces: Vec<_> = pieces
            .iter()
            .map(|p| (p.end, p.origin, p.template))
            .collect();
        let expected = [
            (1, Origin::NONE, Span::NONE),
            (1, a, printed),
            (1, b, printed),
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept() {
        let text = Str::from(&b"a\xffb"[..]);
        assert_eq!(text.as_bytes(), b"a\xffb");
        assert_eq!(text.to_text(), "a\u{fffd}b");
    }
}
