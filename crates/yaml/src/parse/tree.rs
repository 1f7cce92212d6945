use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;

use granit_parser::{Event, ScalarStyle, ScanError, StructureStyle, Tag};
use rustc_hash::FxHasher;
use tidegate_source::{Diagnostic, FileId, Location, Severity, Span};

use super::tags::{tagged_kind, untagged_kind};
use super::{
    Comment, Document, DuplicateKeys, ParseOptions, Parsed, codes, merge, message, refuse,
};
use crate::{
    Dialect, Entry, Map, Node, Place, Scalar, ScalarKind, Seq, SmolStr, StepKind, Style, Value,
};

/// Builds nodes from events, without recursion.
pub(super) struct Builder<'a> {
    text: &'a str,
    file: FileId,
    options: ParseOptions,
    has_tabs: bool,
    has_comments: bool,
    /// Whether the last token was a plain scalar.
    after_plain: bool,
    parsed: Parsed,
    /// The collections that are open, the outermost first.
    open: Vec<Open>,
    /// The entries of all open mappings, one after another.
    entries: Vec<Entry>,
    /// The items of all open sequences, one after another.
    items: Vec<Node>,
    anchors: Anchors,
    nodes: usize,
    /// End of the last token: where to look for the header of a block scalar.
    token_end: usize,
    document: Option<Document>,
    /// A key that was just read and is a collection.
    collection_key: Option<Span>,
    /// The document has an error, so it is not handed out.
    broken: bool,
    /// Whether it was said that the document nests too deep.
    too_deep: bool,
    comments: Vec<Comment>,
}

/// What a builder without findings stands at between two documents.
pub(super) struct Mark {
    documents: usize,
    comments: usize,
    nodes: usize,
    token_end: usize,
    after_plain: bool,
}

/// A collection whose end has not come yet.
struct Open {
    kind: Kind,
    /// Whether it is in `[]` or `{}`.
    flow: bool,
    /// Where its entries or items start on their stack.
    base: usize,
    start: usize,
    end: usize,
    anchor: usize,
    nodes_before: usize,
    /// Levels of collections below it.
    height: usize,
}

pub(super) enum Kind {
    Seq,
    /// With the key that waits for its value, and whether a merge key was among the keys.
    Map(Option<Node>, bool),
}

type Anchors = HashMap<usize, Anchor, BuildHasherDefault<FxHasher>>;

/// What an anchor names.
struct Anchor {
    node: Node,
    nodes: usize,
    height: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, file: FileId, options: ParseOptions) -> Builder<'a> {
        Builder {
            text,
            file,
            options,
            has_tabs: text.contains('\t'),
            has_comments: text.contains('#'),
            after_plain: false,
            parsed: Parsed::default(),
            open: Vec::new(),
            entries: Vec::new(),
            items: Vec::new(),
            anchors: Anchors::default(),
            nodes: 0,
            token_end: 0,
            document: None,
            collection_key: None,
            broken: false,
            too_deep: false,
            comments: Vec::new(),
        }
    }

    /// Where it stands between two documents.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            documents: self.parsed.documents.len(),
            comments: self.comments.len(),
            nodes: self.nodes,
            token_end: self.token_end,
            after_plain: self.after_plain,
        }
    }

    /// Forgets what came behind a mark.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        self.open.clear();
        self.entries.clear();
        self.items.clear();
        self.document = None;
        self.parsed.documents.truncate(mark.documents);
        self.comments.truncate(mark.comments);
        self.nodes = mark.nodes;
        self.token_end = mark.token_end;
        self.after_plain = mark.after_plain;
    }

    /// Whether there is anything to say of what was read.
    pub(super) fn has_findings(&self) -> bool {
        !self.parsed.findings.is_empty()
    }

    pub(super) fn begin_document(&mut self, explicit: bool, marker: Range<usize>) {
        self.gap(marker.start);
        if explicit {
            self.begin_explicit(&marker);
        }
        self.token_end = marker.end;
        self.document = Some(Document {
            root: None,
            span: self.span(marker.end, marker.end),
            comments: Vec::new(),
        });
    }

    pub(super) fn close_document(&mut self, at: usize) {
        self.gap(at);
        self.token_end = self.token_end.max(at);
        self.end_document(at);
    }

    /// Takes an event of a parser whose text starts at `offset`.
    pub(super) fn event(&mut self, event: Event<'a>, span: &granit_parser::Span, offset: usize) {
        let moved = |range: Range<usize>| range.start + offset..range.end + offset;
        let range = moved(span.byte_range().unwrap_or_default());
        match event {
            Event::DocumentStart(explicit, _) => self.begin_document(explicit, range),
            Event::DocumentEnd => self.close_document(range.start),
            Event::Scalar(text, style, anchor, tag) => {
                self.gap(range.start);
                let tag_at = span.tag_span().and_then(|span| span.byte_range());
                let tag_at = tag_at.map(moved);
                let tag = tag.as_deref().map(|tag| (tag, tag_at));
                self.scalar(&text, style, anchor, tag, range);
            }
            Event::SequenceStart(style, anchor, _) => {
                self.gap(range.start);
                self.begin(Kind::Seq, style == StructureStyle::Flow, anchor, range);
            }
            Event::MappingStart(style, anchor, _) => {
                self.gap(range.start);
                let kind = Kind::Map(None, false);
                self.begin(kind, style == StructureStyle::Flow, anchor, range);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Alias(id) => self.alias(id, range),
            Event::UnresolvedAlias(name) => {
                let at = self.span(range.start, range.end);
                self.refuse(refuse::alias(&name, at));
                self.token_end = range.end;
                let null = Node::null(Place::at(at));
                self.add(null, 0, range.end);
            }
            Event::Anchor(_, name) => {
                let at = self.span(range.start, range.end);
                if let Some(finding) = refuse::anchor(&name, at) {
                    self.refuse(finding);
                }
            }
            _ => {}
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn refuse(&mut self, finding: Diagnostic) {
        self.broken = true;
        self.parsed.findings.push(finding);
    }

    pub(super) fn scan_error(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        // What follows a template that was read as a mapping is no second fault, nor is what
        // follows a fault on its line.
        if let Some(last) = self.parsed.findings.last().filter(|_| self.broken) {
            let same_line = match last.primary {
                Location::Span(span) => {
                    let between = self.text.get(span.start as usize..at);
                    between.is_some_and(|between| !between.contains(['\n', '\r']))
                }
                Location::Path(_) => false,
            };
            if same_line || last.code == codes::KEY_NOT_TEXT {
                return;
            }
        }
        let limits = self.options.limits;
        let end = self.token_end;
        let finding = message::explain(error.kind(), self.text, self.file, at, end, limits);
        self.refuse(finding);
    }

    /// Looks at what is between the last token and the next one: comments and tabs.
    pub(super) fn gap(&mut self, next: usize) {
        let Some(gap) = self.text.get(self.token_end..next) else {
            return;
        };
        if self.has_comments && gap.contains('#') {
            self.comments_in(self.token_end, gap);
        }
        if self.has_tabs && self.open.last().is_none_or(|open| !open.flow) {
            let gap = self.token_end..next;
            let indent = self.after_plain.then(|| self.indent());
            if let Some(finding) = refuse::tab_between(self.text, gap, indent, self.file) {
                self.refuse(finding);
            }
        }
    }

    /// Keeps the comments between two tokens: what starts with a `#` behind a blank.
    fn comments_in(&mut self, start: usize, gap: &str) {
        let mut offset = start;
        for line in gap.split_inclusive(['\n', '\r']) {
            let before = |at: usize| match at {
                0 => {
                    offset == 0
                        || self.text[..offset].ends_with([' ', '\t', '\n', '\r', '\u{feff}'])
                }
                at => line[..at].ends_with([' ', '\t', '\u{feff}']),
            };
            let found = line.match_indices('#').find(|(at, _)| before(*at));
            if let Some((at, _)) = found {
                let end = line.trim_end_matches(['\n', '\r']).len();
                let span = self.span(offset + at, offset + end);
                self.comments.push(Comment { span });
            }
            offset += line.len();
        }
    }

    /// How far the lines of a plain scalar must be indented where it stands.
    fn indent(&self) -> usize {
        let Some(open) = self.open.last() else {
            return 0;
        };
        let before = &self.text[..open.start.min(self.text.len())];
        open.start - before.rfind('\n').map_or(0, |i| i + 1) + 1
    }

    /// Looks at what is beside and before the `---` of a document.
    fn begin_explicit(&mut self, marker: &Range<usize>) {
        let yaml_11 = self.options.dialect == Dialect::Yaml11;
        let gap = self.token_end..marker.start;
        if let Some(finding) = refuse::directive(self.text, gap, yaml_11, self.file) {
            self.refuse(finding);
        }
        if !yaml_11
            && let Some(finding) = refuse::beside_separator(self.text, marker.end, self.file)
        {
            self.refuse(finding);
        }
    }

    pub(super) fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<(&Tag, Option<Range<usize>>)>,
        range: Range<usize>,
    ) {
        let absent = range.is_empty() && style == ScalarStyle::Plain && text == "~";
        let text = if absent { "" } else { text };
        let in_flow = self.open.last().is_some_and(|open| open.flow);
        let (style, start, end) = match style {
            // See the emitter: this one is not written as null.
            ScalarStyle::Plain if absent && in_flow && self.options.dialect == Dialect::GoYaml3 => {
                (Style::SingleQuoted, range.start, range.end)
            }
            ScalarStyle::Plain => (Style::Plain, range.start, range.end),
            ScalarStyle::SingleQuoted => (Style::SingleQuoted, range.start, range.end),
            ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, range.start, range.end),
            ScalarStyle::Literal => self.block(Style::Literal, &range),
            ScalarStyle::Folded => self.block(Style::Folded, &range),
        };
        let at = self.span(start, end);
        let refused = match style {
            Style::DoubleQuoted => refuse::escape(self.text, &range, self.file),
            Style::Plain if self.has_tabs => {
                let indent = self.indent();
                refuse::tab_in_plain(self.text, &range, indent, self.file)
            }
            Style::Literal | Style::Folded => {
                refuse::tab_in_block(self.text, start, range.start, range.end, self.file)
            }
            _ => None,
        };
        if let Some(finding) = refused {
            self.refuse(finding);
        }
        let dialect = self.options.dialect;
        let kind = match tag {
            None if absent => ScalarKind::Null,
            None => untagged_kind(text, style, dialect),
            Some((tag, tag_at)) => match tagged_kind(tag, text, style, dialect) {
                Ok(kind) => kind,
                Err(tag) => {
                    let tag_at = tag_at.map_or(at, |range| self.span(range.start, range.end));
                    self.refuse(
                        Diagnostic::error(
                            codes::SYNTAX,
                            tag_at,
                            format!("the value behind the tag is not one of the type `{tag}`"),
                        )
                        .with_help("remove the tag, or write a value that fits it"),
                    );
                    ScalarKind::Str
                }
            },
        };
        self.token_end = range.end;
        self.after_plain = style == Style::Plain && !absent;
        let node = Node {
            value: Value::Scalar(Scalar {
                text: SmolStr::new(text),
                kind,
                style,
            }),
            place: Place::at(at),
        };
        self.count(1, at);
        if anchor != 0 {
            self.anchors.insert(
                anchor,
                Anchor {
                    node: node.clone(),
                    nodes: 1,
                    height: 0,
                },
            );
        }
        self.add(node, 0, end);
    }

    /// The extent of a block scalar, from its `|` or `>` to its last character that is no line
    /// break.
    fn block(&self, style: Style, range: &Range<usize>) -> (Style, usize, usize) {
        let between = self.text.get(self.token_end..range.start).unwrap_or("");
        let indicator = if style == Style::Literal { '|' } else { '>' };
        let start = match between.find(indicator) {
            Some(index) => self.token_end + index,
            None => range.start,
        };
        let content = self.text.get(start..range.end).unwrap_or("");
        let content = content.trim_end_matches([' ', '\n', '\r']);
        (style, start, start + content.len())
    }

    pub(super) fn begin(&mut self, kind: Kind, flow: bool, anchor: usize, range: Range<usize>) {
        self.after_plain = false;
        let mut start = range.start;
        if matches!(kind, Kind::Seq) && !flow {
            // A list that is not indented is reported at its first item.
            let line = self.text[..start].rfind('\n').map_or(0, |i| i + 1);
            let from = self.token_end.max(line);
            let before = self.text.get(from..start).unwrap_or("");
            let blanks = before.len() - before.trim_start_matches(' ').len();
            if before[blanks..].starts_with('-') {
                start = from + blanks;
            }
            self.token_end = range.end.max(start + 1);
        } else {
            self.token_end = range.end;
        }
        let at = self.span(start, range.end);
        self.count(1, at);
        let base = match kind {
            Kind::Seq => self.items.len(),
            Kind::Map(..) => self.entries.len(),
        };
        self.open.push(Open {
            kind,
            flow,
            base,
            start,
            end: range.end,
            anchor,
            nodes_before: self.nodes - 1,
            height: 0,
        });
    }

    pub(super) fn end(&mut self, range: Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        // A flow collection ends with its bracket, a block collection with its last node.
        let end = if range.is_empty() {
            open.end
        } else {
            self.token_end = self.token_end.max(range.end);
            range.end
        };
        let at = self.span(open.start, end);
        let value = match open.kind {
            Kind::Seq => {
                let items: Vec<Node> = self.items.drain(open.base..).collect();
                Value::Seq(Seq::from(items))
            }
            Kind::Map(_, merges) => {
                let mut entries: Vec<Entry> = self.entries.drain(open.base..).collect();
                self.duplicates(&mut entries);
                // Beyond the limit nothing is copied any more.
                if merges && self.nodes <= self.options.limits.nodes {
                    entries = match merge::merge(entries, self.options) {
                        Ok(entries) => entries,
                        Err(finding) => {
                            self.refuse(*finding);
                            Vec::new()
                        }
                    };
                }
                Value::Map(Map::from(entries))
            }
        };
        let node = Node {
            value,
            place: Place::at(at),
        };
        if open.anchor != 0 {
            self.anchors.insert(
                open.anchor,
                Anchor {
                    node: node.clone(),
                    nodes: self.nodes - open.nodes_before,
                    height: open.height + 1,
                },
            );
        }
        self.add(node, open.height + 1, end);
    }

    fn alias(&mut self, id: usize, range: Range<usize>) {
        let at = self.span(range.start, range.end);
        self.token_end = range.end;
        self.after_plain = false;
        let Some(anchor) = self.anchors.get(&id) else {
            let name = self.text.get(range.start + 1..range.end).unwrap_or("");
            self.refuse(
                Diagnostic::error(
                    codes::SYNTAX,
                    at,
                    format!("the value of the anchor `&{name}` contains itself"),
                )
                .with_help("an alias can only name a value that has ended above it"),
            );
            self.add(Node::null(Place::at(at)), 0, range.end);
            return;
        };
        let (nodes, height) = (anchor.nodes, anchor.height);
        let mut node = anchor.node.clone();
        node.place = node.place.then(StepKind::Alias, at);
        self.count(nodes, at);
        self.add(node, height, range.end);
    }

    fn count(&mut self, nodes: usize, at: Span) {
        let limit = self.options.limits.nodes;
        let before = self.nodes;
        self.nodes = before.saturating_add(nodes);
        if before <= limit && self.nodes > limit {
            self.refuse(
                Diagnostic::error(codes::LIMIT, at, format!("the file holds more than {limit} values, those repeated by aliases included"))
                    .with_help("split the file, or repeat less through aliases"),
            );
        }
    }

    /// Puts a finished node into the collection that is open, or makes it the root.
    fn add(&mut self, node: Node, height: usize, end: usize) {
        let limit = self.options.limits.depth;
        let (node, height) = if self.open.len() + height > limit {
            let place = node.place.clone();
            if !std::mem::replace(&mut self.too_deep, true) {
                let message = format!("values are nested more than {limit} levels deep");
                // Where an alias is to blame, the value that it names is not.
                let alias = place.steps().pop().map(|step| step.span);
                let at = alias.unwrap_or(place.span());
                self.refuse(Diagnostic::error(codes::LIMIT, at, message));
            }
            // Aliases of aliases would go on to nest without end, and all that follows a node is
            // recursive: its end too.
            (Node::null(place), 0)
        } else {
            (node, height)
        };
        let Some(open) = self.open.last_mut() else {
            if let Some(document) = &mut self.document {
                document.root = Some(node);
            }
            return;
        };
        open.end = open.end.max(end);
        open.height = open.height.max(height);
        match &mut open.kind {
            Kind::Seq => self.items.push(node),
            Kind::Map(key, merges) => match key.take() {
                None => {
                    if node.as_scalar().is_none() {
                        self.collection_key = Some(node.place.span());
                    }
                    *merges |= matches!(&node.value, Value::Scalar(key) if key.text == "<<");
                    *key = Some(node);
                }
                Some(key) => self.entries.push(Entry { key, value: node }),
            },
        }
        if let Some(at) = self.collection_key.take() {
            self.refuse(refuse::collection_key(self.text, at));
        }
    }

    /// Finds keys that are there twice. Where the last one counts, the first one goes.
    fn duplicates(&mut self, entries: &mut Vec<Entry>) {
        const FEW: usize = 16;
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        if entries.len() <= FEW {
            for (i, entry) in entries.iter().enumerate().skip(1) {
                let Some(key) = entry.key.text() else {
                    continue;
                };
                let same = |other: &Entry| other.key.text() == Some(key);
                if let Some(first) = entries[..i].iter().rposition(same) {
                    pairs.push((first, i));
                }
            }
        } else {
            let mut seen: HashMap<&str, usize, BuildHasherDefault<FxHasher>> = HashMap::default();
            seen.reserve(entries.len());
            for (i, entry) in entries.iter().enumerate() {
                if let Some(key) = entry.key.text()
                    && let Some(first) = seen.insert(key, i)
                {
                    pairs.push((first, i));
                }
            }
        }
        let last_counts = self.options.duplicate_keys == DuplicateKeys::LastCounts;
        let is_merge = |key: &Node| {
            key.as_scalar()
                .is_some_and(|key| key.kind == ScalarKind::Merge)
        };
        let (merges, pairs): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|(first, _)| is_merge(&entries[*first].key));
        for (first, second) in merges.into_iter().filter(|_| !last_counts) {
            let (old, new) = (&entries[first].key, &entries[second].key);
            let help = "merge several mappings with one key: `<<: [*a, *b]`";
            self.refuse(repeated(old, new, "the key `<<` is", help));
        }
        let mut gone = Vec::new();
        if let Some((first, second)) = pairs.first() {
            let (old, new) = (&entries[*first].key, &entries[*second].key);
            // Several at once: the line between two documents is most likely missing.
            let (what, help) = match pairs.as_slice() {
                [_] => (
                    format!("the key `{}` is", old.text().unwrap_or("")),
                    "remove one of the two",
                ),
                pairs => (
                    format!("the keys {} are", names(pairs, entries)),
                    "put `---` on a line before the second ones if another document starts there, \
                     or remove one of each",
                ),
            };
            let mut finding = repeated(old, new, &what, help);
            let counts = match self.options.duplicate_keys {
                DuplicateKeys::Refuse => None,
                DuplicateKeys::FirstCounts => Some("the first one counts"),
                DuplicateKeys::LastCounts => Some("the last one counts"),
            };
            if let Some(counts) = counts {
                finding.help = Some(format!("{counts}: {help}"));
            }
            if self.options.duplicate_keys == DuplicateKeys::Refuse {
                self.refuse(finding);
            } else {
                finding.severity = Severity::Warning;
                self.parsed.findings.push(finding);
            }
            if last_counts {
                gone.extend(pairs.iter().map(|(first, _)| *first));
            }
        }
        if !gone.is_empty() {
            gone.sort_unstable();
            let mut index = 0;
            entries.retain(|_| {
                index += 1;
                gone.binary_search(&(index - 1)).is_err()
            });
        }
    }

    fn end_document(&mut self, end: usize) {
        let Some(mut document) = self.document.take() else {
            return;
        };
        document.span.end = end.max(document.span.start as usize) as u32;
        document.comments = std::mem::take(&mut self.comments);
        // An absent node is how the parser tells that a document is empty.
        if let Some(root) = &document.root
            && root.place.span().is_empty()
            && root.is_null()
        {
            document.root = None;
        }
        self.anchors.clear();
        self.too_deep = false;
        if !std::mem::take(&mut self.broken) {
            self.parsed.documents.push(document);
        }
    }

    /// Forgets a document that cannot be read.
    pub(super) fn abandon(&mut self) {
        self.open.clear();
        self.entries.clear();
        self.items.clear();
        self.anchors.clear();
        self.comments.clear();
        self.document = None;
        self.broken = false;
        self.too_deep = false;
    }

    pub(super) fn finish(mut self) -> Parsed {
        self.end_document(self.text.len());
        self.parsed
    }
}

pub(super) fn repeated(old: &Node, new: &Node, what: &str, help: &str) -> Diagnostic {
    let message = format!("{what} there twice in one mapping");
    Diagnostic::error(codes::DUPLICATE_KEY, new.place.span(), message)
        .with_note("again here")
        .with_label(old.place.span(), "first here")
        .with_help(help)
}

/// The keys of the first few of `pairs`, for a sentence.
fn names(pairs: &[(usize, usize)], entries: &[Entry]) -> String {
    const MOST: usize = 4;
    let mut names: Vec<String> = pairs
        .iter()
        .take(MOST)
        .filter_map(|(first, _)| Some(format!("`{}`", entries[*first].key.text()?)))
        .collect();
    let more = pairs.len().saturating_sub(MOST);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}
