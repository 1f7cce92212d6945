//! The scalars of a file: where they are, and what they are for.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use tidegate_source::{MemorySystem, SourceFile, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, Parsed, Style, Value, parse};

/// One scalar of a source file.
pub(super) struct Site {
    pub(super) file: Arc<SourceFile>,
    /// Its range in the file, quotes included.
    pub(super) range: Range<usize>,
    pub(super) style: Style,
    /// Where it stands in its document, such as `patches.target.name`; list indices left out.
    pub(super) role: String,
    /// Whether it says what to match, where to look or what an object is called, so that a change
    /// of it may reach leaves that it is no part of.
    pub(super) steers: bool,
}

impl Site {
    /// Whether it is the value of a variable, in a unit that has variables.
    pub(super) fn defines_variable(&self) -> bool {
        let role = self.role.as_str();
        let of_objects = self.file.path().as_str() == "objects.yaml";
        role == LINE
            || role.starts_with("spec.postBuild.substitute.")
            || of_objects && (role.starts_with("data.") || role.starts_with("stringData."))
    }
}

/// The role of a line of a file that is no YAML, such as an env file.
const LINE: &str = "line of a text file";

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.file.line_col(self.range.start as u32);
        let (line, column) = (place.line, place.column);
        write!(f, "{}:{line}:{column} ({})", self.file.path(), self.role)
    }
}

/// Adds the scalars of a file: those of its YAML, or else the values of its lines.
pub(super) fn find(file: &Arc<SourceFile>, sites: &mut Vec<Site>) {
    // Offsets in decoded UTF-16 are not those of the bytes.
    let Ok(text) = std::str::from_utf8(file.bytes()) else {
        return;
    };
    let parsed = parse_yaml(file);
    let is_yaml = parsed.findings.is_empty()
        && parsed.documents.iter().any(|document| {
            let root = document.root.as_ref();
            root.is_some_and(|root| root.as_scalar().is_none())
        });
    if !is_yaml {
        lines(file, text, sites);
        return;
    }
    let is_kustomization = matches!(
        file.path().file_name(),
        Some("kustomization.yaml" | "kustomization.yml" | "Kustomization")
    );
    for root in parsed.documents.iter().filter_map(|one| one.root.as_ref()) {
        let mut walk = Walk {
            file,
            shift: &|range| Some(range),
            purpose: if is_kustomization {
                Purpose::Kustomization
            } else {
                Purpose::of(root)
            },
            path: Vec::new(),
            sites,
        };
        walk.node(root);
    }
}

fn parse_yaml(file: &SourceFile) -> Parsed {
    parse(file, ParseOptions::new(Dialect::GoYaml3))
}

/// What a document is for.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    /// An object, or a patch that looks like one.
    Object,
    Kustomization,
    /// A list of JSON 6902 operations.
    Operations,
    /// The configuration of a transformer or generator, or a list of replacements.
    Configuration,
}

impl Purpose {
    fn of(root: &Node) -> Purpose {
        if let Some(items) = root.as_seq() {
            let is_operation = |item: &Node| item.get("op").is_some();
            return if items.iter().any(is_operation) {
                Purpose::Operations
            } else {
                Purpose::Configuration
            };
        }
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        if root.get("op").is_some() && root.get("path").is_some() {
            Purpose::Operations
        } else if kind.is_empty() || kind.ends_with("Transformer") || kind.ends_with("Generator") {
            Purpose::Configuration
        } else {
            Purpose::Object
        }
    }

    /// Whether the scalar at `path` steers: see [`Site::steers`].
    fn steers(self, path: &[&str]) -> bool {
        match (self, path) {
            (_, []) => false,
            // What an object is, and what refers to it.
            (Purpose::Object, ["metadata", "name" | "labels" | "annotations", ..]) => true,
            (Purpose::Object, [.., "apiVersion" | "apiGroup" | "kind" | "namespace"]) => true,
            // Merge keys of lists are scalars of their items; directives of patches.
            (
                Purpose::Object,
                [
                    ..,
                    "name" | "containerPort" | "port" | "mountPath" | "devicePath" | "ip" | "key"
                    | "type" | "topologyKey" | "uid" | "protocol" | "$patch",
                ],
            ) => true,
            (Purpose::Object, _) => false,
            (Purpose::Operations, [first, ..]) => *first != "value",
            (Purpose::Configuration, [.., last]) => !matches!(
                *last,
                "value" | "newName" | "newTag" | "digest" | "count" | "literals"
            ),
            (Purpose::Kustomization, [first, rest @ ..]) => match *first {
                "commonLabels" | "commonAnnotations" => false,
                "labels" => rest.first() != Some(&"pairs"),
                "images" => !matches!(rest.last(), Some(&("newName" | "newTag" | "digest"))),
                "replicas" => rest.last() != Some(&"count"),
                "configMapGenerator" | "secretGenerator" => !matches!(
                    rest,
                    ["literals" | "type"] | ["options", "labels" | "annotations", ..]
                ),
                "generatorOptions" => !matches!(rest, ["labels" | "annotations", ..]),
                _ => true,
            },
        }
    }
}

struct Walk<'a> {
    file: &'a Arc<SourceFile>,
    /// From ranges of what was parsed to ranges of the file.
    shift: &'a dyn Fn(Range<usize>) -> Option<Range<usize>>,
    purpose: Purpose,
    path: Vec<String>,
    sites: &'a mut Vec<Site>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node) {
        match &node.value {
            Value::Map(map) => {
                for entry in map {
                    self.path
                        .push(entry.key.text().unwrap_or_default().to_owned());
                    self.node(&entry.value);
                    self.path.pop();
                }
            }
            Value::Seq(seq) => seq.iter().for_each(|item| self.node(item)),
            Value::Scalar(scalar) => self.scalar(node, scalar.style),
        }
    }

    fn scalar(&mut self, node: &Node, style: Style) {
        let span = node.place.span();
        if span.is_empty() {
            return;
        }
        let Some(range) = (self.shift)(span.start as usize..span.end as usize) else {
            return;
        };
        if style == Style::Literal && self.embedded(&range) {
            return;
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        // An alias brings its anchor's scalar here a second time.
        if self
            .sites
            .iter()
            .rev()
            .take(200)
            .any(|one| Arc::ptr_eq(&one.file, self.file) && one.range == range)
        {
            return;
        }
        self.sites.push(Site {
            file: Arc::clone(self.file),
            range,
            style,
            role: self.path.join("."),
            steers: self.purpose.steers(&path),
        });
    }

    /// Adds the scalars of a document that is written in a block scalar; false where it holds none.
    fn embedded(&mut self, range: &Range<usize>) -> bool {
        let Some(block) = Block::read(self.file, range.clone()) else {
            return false;
        };
        let system = MemorySystem::new().with("embedded", &block.text);
        let sources = Sources::new(Arc::new(system));
        let path = TreePath::root().join("embedded");
        let Ok(Ok(file)) = path.map(|path| sources.load(&path)) else {
            return false;
        };
        let parsed = parse_yaml(&file);
        if !parsed.findings.is_empty() {
            return false;
        }
        let roots: Vec<&Node> = parsed
            .documents
            .iter()
            .filter_map(|document| document.root.as_ref())
            .filter(|root| root.as_scalar().is_none())
            .collect();
        let outer = self.path.first().map(String::as_str);
        for root in &roots {
            let is_patch = matches!(
                outer,
                Some("patches" | "patchesStrategicMerge" | "patchesJson6902")
            );
            let mut walk = Walk {
                file: self.file,
                shift: &|range| block.real(range),
                purpose: if is_patch && self.purpose == Purpose::Kustomization {
                    Purpose::of(root)
                } else {
                    self.purpose
                },
                path: Vec::new(),
                sites: &mut *self.sites,
            };
            if walk.purpose == self.purpose && !is_patch {
                // Text like any other, as far as kustomize is concerned.
                walk.path = self.path.clone();
            }
            walk.node(root);
        }
        !roots.is_empty()
    }
}

/// The text of a literal block scalar, and where each of its lines is in the file.
struct Block {
    text: String,
    /// Offset of the line in `text`, and in the file.
    lines: Vec<(usize, usize)>,
}

impl Block {
    fn read(file: &SourceFile, range: Range<usize>) -> Option<Block> {
        let whole = file.text().ok()?;
        let source = whole.get(range.clone())?;
        let header = source.find('\n')?;
        let content = &source[header + 1..];
        let first = content.lines().find(|line| !line.trim().is_empty())?;
        let indent = first.len() - first.trim_start_matches(' ').len();
        let mut block = Block {
            text: String::new(),
            lines: Vec::new(),
        };
        let mut offset = range.start + header + 1;
        for line in content.split_inclusive('\n') {
            let cut = indent.min(line.len() - line.trim_start_matches(' ').len());
            block.lines.push((block.text.len(), offset + cut));
            block.text.push_str(&line[cut..]);
            offset += line.len();
        }
        Some(block)
    }

    /// The range in the file of a range of the text; none where it goes over several lines.
    fn real(&self, range: Range<usize>) -> Option<Range<usize>> {
        let index = self
            .lines
            .partition_point(|(start, _)| *start <= range.start);
        let (start, real) = self.lines.get(index.checked_sub(1)?)?;
        let next = self
            .lines
            .get(index)
            .map_or(self.text.len(), |(next, _)| *next);
        if range.end > next {
            return None;
        }
        let shift = |offset: usize| real + offset - start;
        Some(shift(range.start)..shift(range.end))
    }
}

/// The values of `KEY=value` lines, and other lines as a whole.
fn lines(file: &Arc<SourceFile>, text: &str, sites: &mut Vec<Site>) {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let value = match content.split_once('=') {
            Some((key, value)) if !key.contains(' ') => content.len() - value.len(),
            _ => 0,
        };
        let range = offset + value..offset + content.len();
        offset += line.len();
        if range.is_empty() || content.starts_with('#') {
            continue;
        }
        sites.push(Site {
            file: Arc::clone(file),
            range,
            style: Style::Plain,
            role: LINE.to_owned(),
            steers: false,
        });
    }
}
