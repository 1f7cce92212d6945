//! Where an expression of an object's text is written in the sources.

use tidegate_source::{Sources, Span};
use tidegate_yaml::{Emitted, Place};

/// The place of the expression whose `${` is at `input` in the text of an object. Where it is not
/// found as it stands, as in text that a transformer put together, that of the whole value.
pub(super) fn expression(sources: &Sources, template: &Emitted, input: usize) -> Span {
    let Some(entry) = entry_at(template, input) else {
        return Span::NONE;
    };
    let (range, place) = &template.table[entry];
    let before = template.text.get(range.start as usize..input);
    let nth = before.unwrap_or_default().matches("${").count();
    let start = start_of(&template.text[input..]);
    let steps = place.steps();
    let spans = steps.iter().map(|step| step.span);
    let spans = std::iter::once(place.span()).chain(spans);
    spans
        .filter_map(|span| find(sources, span, start, nth))
        .next()
        .unwrap_or_else(|| written(place))
}

/// The place of a value in a file: its own, or that of the first step that has one.
pub(super) fn written(place: &Place) -> Span {
    let span = place.span();
    if span.is_some() {
        return span;
    }
    let steps = place.steps();
    let known = steps.iter().map(|step| step.span);
    known
        .into_iter()
        .find(|span| span.is_some())
        .unwrap_or_default()
}

/// The entry of the table that holds an offset.
pub(super) fn entry_at(template: &Emitted, input: usize) -> Option<usize> {
    let table = &template.table;
    let entry = table.partition_point(|(range, _)| range.end as usize <= input);
    (entry < table.len()).then_some(entry)
}

/// What stays the same of an expression wherever it is written: up to the end of its name.
fn start_of(text: &str) -> &str {
    let name = text.get(2..).unwrap_or_default();
    let name = name.trim_start_matches('#');
    let is_inner = |c: char| c == '_' || c.is_alphanumeric();
    let end = text.len() - name.trim_start_matches(is_inner).len();
    &text[..end]
}

/// The expression within a span that starts so: the one in front of which the same number of others
/// stands, or else the first one.
fn find(sources: &Sources, span: Span, start: &str, nth: usize) -> Option<Span> {
    let file = sources.get(span.file)?;
    let text = file.text().ok()?;
    let text = text.get(span.start as usize..span.end as usize)?;
    let is_it = |at: usize| {
        let rest = &text[at..];
        let behind = rest.strip_prefix(start);
        behind.is_some_and(|rest| !rest.starts_with(|c: char| c == '_' || c.is_alphanumeric()))
    };
    let mut all = text.match_indices("${").map(|(at, _)| at);
    let same = all.nth(nth).filter(|at| is_it(*at));
    let at = same.or_else(|| {
        let mut all = text.match_indices("${").map(|(at, _)| at);
        all.find(|at| is_it(*at))
    })?;
    let begin = span.start as usize + at;
    Some(Span::new(span.file, begin, begin + length(&text[at..])))
}

/// The length of the expression at the start of a text: to the brace that closes it, on its line.
fn length(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            '\n' | '\r' => break,
            _ => {}
        }
    }
    2
}
