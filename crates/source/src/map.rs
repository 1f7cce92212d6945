use crate::Span;

/// Leads from the ranges of a virtual file to the places they came from.
///
/// A piece is either copied (each byte of it has a byte of its own at the origin) or made (all of
/// it came from one place as a whole: an escape, a variable, a template expression).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceMap {
    pieces: Vec<Piece>,
    whole: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// Offset in the virtual file where this piece starts; it ends where the next one starts.
    start: u32,
    origin: Span,
    copied: bool,
}

impl SourceMap {
    /// The place that the whole virtual file came from.
    pub fn whole(&self) -> Span {
        self.whole
    }

    /// The place that a span of the virtual file came from.
    pub fn lookup(&self, span: Span) -> Span {
        let Some(first) = self.at(span.start) else {
            return self.whole;
        };
        let start = if first.copied {
            let offset = first.origin.start + (span.start - first.start);
            Span {
                start: offset,
                end: offset.max(first.origin.end),
                ..first.origin
            }
        } else {
            first.origin
        };
        let last = match self.at(span.end.saturating_sub(1).max(span.start)) {
            Some(last) => last,
            None => first,
        };
        let end = if last.copied {
            let into = span.end.saturating_sub(last.start);
            (last.origin.start + into).min(last.origin.end)
        } else {
            last.origin.end
        };
        if last.origin.file == start.file && end >= start.start {
            Span { end, ..start }
        } else {
            start
        }
    }

    fn at(&self, offset: u32) -> Option<&Piece> {
        let index = self.pieces.partition_point(|piece| piece.start <= offset);
        self.pieces.get(index.checked_sub(1)?)
    }
}

/// Builds a [`SourceMap`] while the text of the virtual file is written.
#[derive(Clone, Debug)]
pub struct SourceMapBuilder {
    map: SourceMap,
}

impl SourceMapBuilder {
    /// A map whose text came, as a whole, from `whole`.
    pub fn new(whole: Span) -> SourceMapBuilder {
        SourceMapBuilder {
            map: SourceMap {
                pieces: Vec::new(),
                whole,
            },
        }
    }

    /// The bytes from `start` in the virtual file on are those of `origin`, one by one.
    pub fn copied(&mut self, start: usize, origin: Span) {
        self.push(start, origin, true);
    }

    /// The bytes from `start` on came, as a whole, from `origin`.
    pub fn made(&mut self, start: usize, origin: Span) {
        self.push(start, origin, false);
    }

    fn push(&mut self, start: usize, origin: Span, copied: bool) {
        let start = start as u32;
        if self.map.pieces.last().is_some_and(|p| p.start == start) {
            self.map.pieces.pop();
        }
        self.map.pieces.push(Piece {
            start,
            origin,
            copied,
        });
    }

    /// The finished map.
    pub fn finish(self) -> SourceMap {
        self.map
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FileId;

    #[test]
    fn copied_ranges_lead_to_bytes_and_made_ones_to_the_whole() {
        let real = FileId(0);
        let made = FileId(1);
        let mut builder = SourceMapBuilder::new(Span::new(real, 90, 200));
        builder.copied(0, Span::new(real, 100, 105));
        builder.made(5, Span::new(real, 105, 120));
        builder.copied(8, Span::new(real, 120, 130));
        let map = builder.finish();
        assert_eq!(map.lookup(Span::new(made, 1, 3)), Span::new(real, 101, 103));
        assert_eq!(map.lookup(Span::new(made, 6, 7)), Span::new(real, 105, 120));
        assert_eq!(
            map.lookup(Span::new(made, 3, 10)),
            Span::new(real, 103, 122)
        );
    }
}
