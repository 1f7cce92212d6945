//! What maps were written as: charts that build objects out of templates write the same ones over and over.

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tidegate_yaml::Writer;

use crate::origin::Origin;
use crate::value::Map;

/// A text, and what is noted of it.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) text: String,
    /// What ranges of the text came from, in order. Empty where no track is kept.
    pub(super) table: Vec<(Range<u32>, Origin)>,
    /// The maps that were written, each before those in it.
    seen: Vec<Seen>,
    /// The maps among them that can be changed, and how often they had been.
    guards: Vec<(Rc<Map>, u32)>,
    /// How many bytes were taken from other pages.
    taken: usize,
}

/// A map that was written.
#[derive(Clone, Debug)]
struct Seen {
    map: Rc<Map>,
    indent: usize,
    /// How many collections it is in.
    depth: usize,
    /// Its text, from its first key on.
    text: Range<usize>,
    /// Its part of the table.
    table: Range<usize>,
    /// Where the last line of it starts in the text, if it has more than one.
    line_start: Option<usize>,
    /// Where the maps in it end among those that were seen.
    last: usize,
    /// What the text depends on.
    guards: Range<usize>,
    /// How many values are in it.
    values: usize,
}

impl Page {
    /// Notes that a map begins, and gives its number.
    pub(super) fn start(&mut self, map: &Rc<Map>, indent: usize, depth: usize, at: usize) -> usize {
        let number = self.seen.len();
        let (table, guards) = (self.table.len(), self.guards.len());
        self.seen.push(Seen {
            map: Rc::clone(map),
            indent,
            depth,
            text: at..at,
            table: table..table,
            line_start: None,
            last: number + 1,
            guards: guards..guards,
            values: 0,
        });
        number
    }

    /// Notes that the maps that are being written depend on what is in this one.
    pub(super) fn guard(&mut self, map: &Rc<Map>) {
        self.guards.push((Rc::clone(map), map.changes()));
    }

    /// Notes that the map of a number, with so many values in it, ends.
    pub(super) fn end(&mut self, number: usize, writer: &Writer, values: usize) {
        let last = self.seen.len();
        let seen = &mut self.seen[number];
        seen.text.end = writer.len();
        seen.table.end = self.table.len();
        seen.guards.end = self.guards.len();
        seen.last = last;
        seen.values = values;
        seen.line_start = writer.line_start().checked_sub(seen.text.start);
    }

    /// Notes what is known of a map whose text was taken from another page.
    pub(super) fn push_known(&mut self, known: &Known<'_>, at: usize, depth: usize) {
        let Known { page, seen, number } = known;
        let (from, number) = (seen.text.start, *number);
        let table = self.table.len();
        let ranges = page.table[seen.table.clone()].iter();
        let moved = |range: &Range<u32>| {
            let moved = |offset: u32| (offset as usize - from + at) as u32;
            moved(range.start)..moved(range.end)
        };
        self.table
            .extend(ranges.map(|(range, origin)| (moved(range), *origin)));
        let (first, guards) = (self.seen.len(), self.guards.len());
        let known_guards = page.guards[seen.guards.clone()].iter();
        self.guards.extend(known_guards.cloned());
        let inner = page.seen[number..seen.last].iter();
        self.seen.extend(inner.map(|inner| Seen {
            text: inner.text.start - from + at..inner.text.end - from + at,
            table: inner.table.start - seen.table.start + table
                ..inner.table.end - seen.table.start + table,
            last: inner.last - number + first,
            guards: inner.guards.start - seen.guards.start + guards
                ..inner.guards.end - seen.guards.start + guards,
            depth: inner.depth - seen.depth + depth,
            ..inner.clone()
        }));
        self.taken += seen.text.len();
    }
}

/// What maps were written as, as long as nothing in them is changed.
#[derive(Debug, Default)]
pub(crate) struct KnownTexts {
    /// By the address of the map, which the page keeps taken, and the indentation.
    maps: FxHashMap<(usize, usize), (Rc<Page>, usize)>,
    bytes: usize,
}

/// The text of a map that was not changed since.
pub(super) struct Known<'k> {
    page: &'k Page,
    seen: &'k Seen,
    number: usize,
}

impl Known<'_> {
    /// From the first key on.
    pub(super) fn text(&self) -> &str {
        &self.page.text[self.seen.text.clone()]
    }

    pub(super) fn line_start(&self) -> Option<usize> {
        self.seen.line_start
    }

    /// How many values are in it.
    pub(super) fn values(&self) -> usize {
        self.seen.values
    }
}

impl KnownTexts {
    /// Maps in more collections are not kept apart: looking whether they were changed would cost more than it
    /// gives.
    pub(super) const DEEPEST: usize = 1;
    /// Less text than this is as quickly written again.
    const LEAST: usize = 256;
    /// More than this is not kept.
    const MOST: usize = 16 << 20;

    /// The text of a map that has its entries itself.
    pub(super) fn get(&self, map: &Rc<Map>, indent: usize) -> Option<Known<'_>> {
        let (page, number) = self.maps.get(&(Rc::as_ptr(map).addr(), indent))?;
        let seen = &page.seen[*number];
        let mut guards = page.guards[seen.guards.clone()].iter();
        let is_same = guards.all(|(map, changes)| map.changes() == *changes);
        is_same.then_some(Known {
            page,
            seen,
            number: *number,
        })
    }

    /// Keeps a text for as long as its maps are not changed.
    pub(super) fn keep(&mut self, page: Page) {
        if page.text.len() - page.taken < KnownTexts::LEAST {
            return;
        }
        self.bytes += page.text.len() + size_of_val(&page.table[..]) + size_of_val(&page.seen[..]);
        if self.bytes > KnownTexts::MOST {
            *self = KnownTexts::default();
            return;
        }
        let page = Rc::new(page);
        for (number, seen) in page.seen.iter().enumerate() {
            if seen.depth <= KnownTexts::DEEPEST && seen.text.len() >= KnownTexts::LEAST {
                let key = (Rc::as_ptr(&seen.map).addr(), seen.indent);
                self.maps.insert(key, (Rc::clone(&page), number));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    /// A map that is large enough to be kept.
    const LARGE: &str =
        r#"{{- $in := dict "z" (dict "y" 1) "x" (repeat 300 "x") "l" (list (dict "m" 1)) -}}"#;

    #[test]
    fn what_was_changed_is_written_anew() {
        let all = "x".repeat(300);
        let yaml =
            |l: u32, y: u32| format!("in:\n  l:\n  - m: {l}\n  x: {all}\n  z:\n    \"y\": {y}");
        let write = r#"{{ toYaml (dict "in" $in) }}"#;
        let twice = format!("{LARGE}{write},{write}");
        check(&twice, &format!("{},{}", yaml(1, 1), yaml(1, 1)));
        let deep = r#"{{- $_ := set $in.z "y" 2 -}}"#;
        check(
            &format!("{LARGE}{write},{deep}{write}"),
            &format!("{},{}", yaml(1, 1), yaml(1, 2)),
        );
        let listed = r#"{{- $_ := set (first $in.l) "m" 2 -}}"#;
        check(
            &format!("{LARGE}{write},{listed}{write}"),
            &format!("{},{}", yaml(1, 1), yaml(2, 1)),
        );
    }

    #[test]
    fn a_copy_is_written_as_what_it_was_made_of_until_it_is_changed() {
        let all = "x".repeat(300);
        let yaml = |y: u32| format!("in:\n  x: {all}\n  z:\n    \"y\": {y}");
        let read = format!(r#"{{{{- $text := "in: {{x: {all}, z: {{\"y\": 1}}}}" -}}}}"#);
        let copies = r#"{{- $a := fromYaml $text -}}{{- $b := fromYaml $text -}}"#;
        let write = "{{ toYaml $a }},{{ toYaml $b }}";
        let change = r#"{{- $_ := set $a.in.z "y" 2 -}}"#;
        check(
            &format!("{read}{copies}{write},{change}{write}"),
            &format!("{0},{0},{1},{0}", yaml(1), yaml(2)),
        );
    }
}
