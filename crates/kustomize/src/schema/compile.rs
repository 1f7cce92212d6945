//! Reads an OpenAPI document into the little that merging needs.

use std::collections::{BTreeMap, HashMap};

use tidegate_yaml::{Node, Value};

use super::{Field, Kind, ListShape, Shape, Table, Type, TypeId};

/// `apiVersion` and kind.
type Gvk = (String, String);

/// What is read of a kind: its type and its scope.
#[derive(Clone, Copy, Default)]
struct RawKind {
    root: Option<usize>,
    namespaced: Option<bool>,
}

/// A definition can refer to a definition; longer chains than this are loops.
const LONGEST_REFERENCE_CHAIN: usize = 32;

pub(super) fn compile(documents: &[&Node]) -> Table {
    let mut definitions: BTreeMap<&str, &Node> = BTreeMap::new();
    for document in documents {
        for entry in entries(document.get("definitions")) {
            if let Some(name) = entry.key.text() {
                definitions.insert(name, &entry.value);
            }
        }
    }
    let mut reader = Reader {
        definitions,
        ids: HashMap::new(),
        types: vec![Raw::default()],
    };

    let mut kinds: BTreeMap<Gvk, RawKind> = BTreeMap::new();
    let defined: Vec<&Node> = reader.definitions.values().copied().collect();
    for definition in defined {
        let Some(names) = definition.get("x-kubernetes-group-version-kind") else {
            continue;
        };
        for name in names.as_seq().into_iter().flatten() {
            if let Some(key) = group_version_kind(name) {
                let root = reader.read(definition);
                kinds.entry(key).or_default().root = Some(root);
            }
        }
    }
    for document in documents {
        for path in entries(document.get("paths")) {
            let name = path.value.at(&["get", "x-kubernetes-group-version-kind"]);
            let Some(key) = name.and_then(group_version_kind) else {
                continue;
            };
            let namespaced = path
                .key
                .text()
                .is_some_and(|path| path.contains("namespaces/{namespace}"));
            let scope = &mut kinds.entry(key).or_default().namespaced;
            *scope = Some(namespaced || scope.unwrap_or(false));
        }
    }
    reader.finish(kinds)
}

fn group_version_kind(name: &Node) -> Option<Gvk> {
    let version = name.get("version")?.text()?;
    let kind = name.get("kind")?.text()?.to_owned();
    Some(match name.get("group").and_then(Node::text) {
        Some(group) if !group.is_empty() => (format!("{group}/{version}"), kind),
        _ => (version.to_owned(), kind),
    })
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = &tidegate_yaml::Entry> {
    node.and_then(Node::as_map).into_iter().flatten()
}

/// A type as written, its fields by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Raw {
    fields: BTreeMap<String, RawShape>,
    other: Option<RawShape>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum RawShape {
    Plain(usize),
    List {
        keys: Vec<String>,
        items: Option<usize>,
    },
}

impl RawShape {
    fn child(&self) -> Option<usize> {
        match self {
            RawShape::Plain(id) => Some(*id),
            RawShape::List { items, .. } => *items,
        }
    }
}

impl Raw {
    fn shapes(&self) -> impl Iterator<Item = &RawShape> {
        self.fields.values().chain(&self.other)
    }
}

struct Reader<'a> {
    definitions: BTreeMap<&'a str, &'a Node>,
    /// The type made of a schema object, by the address of the object.
    ids: HashMap<*const Node, usize>,
    /// The first one is the type of which no field matters.
    types: Vec<Raw>,
}

impl<'a> Reader<'a> {
    /// The type of a schema object that is no reference. Nesting is bounded by the parser's limit
    /// on depth, references by the number of definitions, each of which is read once.
    fn read(&mut self, schema: &'a Node) -> usize {
        let mut work = vec![schema];
        let root = self.id(schema, &mut Vec::new());
        while let Some(schema) = work.pop() {
            let id = self.id(schema, &mut Vec::new());
            let mut raw = Raw::default();
            for property in entries(schema.get("properties")) {
                let shape = self.shape(&property.value, &mut work);
                if let (Some(name), Some(shape)) = (property.key.text(), shape) {
                    raw.fields.insert(name.to_owned(), shape);
                }
            }
            if let Some(other) = schema.get("additionalProperties")
                && other.as_map().is_some()
            {
                raw.other = self.shape(other, &mut work);
            }
            self.types[id] = raw;
        }
        root
    }

    /// The number of a schema object, new ones noted for reading.
    fn id(&mut self, schema: &'a Node, work: &mut Vec<&'a Node>) -> usize {
        let next = self.types.len();
        let id = *self.ids.entry(std::ptr::from_ref(schema)).or_insert(next);
        if id == next {
            self.types.push(Raw::default());
            work.push(schema);
        }
        id
    }

    fn shape(&mut self, schema: &'a Node, work: &mut Vec<&'a Node>) -> Option<RawShape> {
        let schema = self.resolve(schema)?;
        let strategy = schema.get("x-kubernetes-patch-strategy");
        let merges = strategy
            .and_then(Node::text)
            .is_some_and(|strategy| strategy.split(',').any(|word| word == "merge"));
        if !merges {
            return Some(RawShape::Plain(self.id(schema, work)));
        }
        let keys = match schema.get("x-kubernetes-list-map-keys") {
            Some(keys) => keys
                .as_seq()
                .into_iter()
                .flatten()
                .filter_map(|key| key.text().map(str::to_owned))
                .collect(),
            None => schema
                .get("x-kubernetes-patch-merge-key")
                .and_then(Node::text)
                .map(|key| vec![key.to_owned()])
                .unwrap_or_default(),
        };
        let is_array = match schema.get("type").map(|node| &node.value) {
            Some(Value::Scalar(scalar)) => scalar.text == "array",
            Some(Value::Seq(types)) => {
                types.len() == 1 && types.get(0).and_then(Node::text) == Some("array")
            }
            _ => false,
        };
        let items = match schema.get("items") {
            Some(items) if is_array && items.as_map().is_some() => {
                let items = self.resolve(items)?;
                Some(self.id(items, work))
            }
            _ => None,
        };
        Some(RawShape::List { keys, items })
    }

    fn resolve(&self, schema: &'a Node) -> Option<&'a Node> {
        let mut schema = schema;
        for _ in 0..LONGEST_REFERENCE_CHAIN {
            let Some(reference) = schema.get("$ref").and_then(Node::text) else {
                return Some(schema);
            };
            let name = reference.strip_prefix("#/definitions/")?;
            schema = self.definitions.get(name).copied()?;
        }
        None
    }

    /// Drops what makes no difference to a merge, and makes one type of equal ones.
    fn finish(mut self, kinds: BTreeMap<Gvk, RawKind>) -> Table {
        let matters = self.matters();
        for raw in &mut self.types {
            for shape in raw.fields.values_mut().chain(&mut raw.other) {
                let (RawShape::Plain(id)
                | RawShape::List {
                    items: Some(id), ..
                }) = shape
                else {
                    continue;
                };
                if !matters[*id] {
                    *id = 0;
                }
            }
        }
        for (raw, matters) in self.types.iter_mut().zip(&matters) {
            if !matters {
                *raw = Raw::default();
            }
        }
        let class = self.classes();

        // Numbered in the order in which the kinds reach them, so that the result depends on the
        // documents alone.
        let mut order = vec![class[0]];
        let mut number: HashMap<usize, TypeId> = HashMap::from([(class[0], 0)]);
        let mut representative: HashMap<usize, usize> = HashMap::new();
        for (id, class) in class.iter().enumerate() {
            representative.entry(*class).or_insert(id);
        }
        let mut note = |class: usize, order: &mut Vec<usize>| -> Option<TypeId> {
            if let Some(known) = number.get(&class) {
                return Some(*known);
            }
            let next = TypeId::try_from(order.len()).ok()?;
            number.insert(class, next);
            order.push(class);
            Some(next)
        };
        let kinds: Vec<Kind> = kinds
            .into_iter()
            .map(|((api_version, kind), raw)| Kind {
                api_version: api_version.into(),
                kind: kind.into(),
                root: raw
                    .root
                    .filter(|id| matters[*id])
                    .and_then(|id| note(class[id], &mut order)),
                namespaced: raw.namespaced,
            })
            .filter(|kind| kind.root.is_some() || kind.namespaced.is_some())
            .collect();
        let mut types = Vec::new();
        let mut next = 0;
        while let Some(&current) = order.get(next) {
            next += 1;
            let raw = &self.types[representative[&current]];
            let mut shape = |shape: &RawShape| match shape {
                RawShape::Plain(id) => note(class[*id], &mut order).map(Shape::Plain),
                RawShape::List { keys, items } => Some(Shape::List(ListShape {
                    keys: keys.iter().map(|key| key.clone().into()).collect(),
                    items: items.and_then(|id| note(class[id], &mut order)),
                })),
            };
            let fields: Vec<Field> = raw
                .fields
                .iter()
                .filter_map(|(name, value)| {
                    let shape = shape(value)?;
                    let name = name.clone().into();
                    Some(Field { name, shape })
                })
                .collect();
            types.push(Type {
                fields: fields.into(),
                other: raw.other.as_ref().and_then(&mut shape),
            });
        }
        Table {
            types: types.into(),
            kinds: kinds.into(),
        }
    }

    /// Which types hold a list that is merged, at any depth.
    fn matters(&self) -> Vec<bool> {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.types.len()];
        let mut work = Vec::new();
        for (id, raw) in self.types.iter().enumerate() {
            for shape in raw.shapes() {
                if let Some(child) = shape.child() {
                    parents[child].push(id);
                }
                if matches!(shape, RawShape::List { .. }) {
                    work.push(id);
                }
            }
        }
        let mut matters = vec![false; self.types.len()];
        while let Some(id) = work.pop() {
            if !std::mem::replace(&mut matters[id], true) {
                work.extend(&parents[id]);
            }
        }
        matters
    }

    /// A class for each type; types of one class cannot be told apart.
    fn classes(&self) -> Vec<usize> {
        let mut class = vec![0; self.types.len()];
        let mut count = 1;
        loop {
            let mut seen: HashMap<Raw, usize> = HashMap::new();
            let refined: Vec<usize> = self
                .types
                .iter()
                .map(|raw| {
                    let mut key = raw.clone();
                    for shape in key.fields.values_mut().chain(&mut key.other) {
                        if let RawShape::Plain(id)
                        | RawShape::List {
                            items: Some(id), ..
                        } = shape
                        {
                            *id = class[*id];
                        }
                    }
                    let next = seen.len();
                    *seen.entry(key).or_insert(next)
                })
                .collect();
            class = refined;
            if seen.len() == count {
                return class;
            }
            count = seen.len();
        }
    }
}
