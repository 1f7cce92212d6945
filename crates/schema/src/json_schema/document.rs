//! Documents with schemas in them: what has an `$id`, what has an anchor, and what a reference means.

use rustc_hash::FxHashMap;
use tidegate_yaml::Node;

use super::draft::{Draft, Position};
use super::failure::escape;
use super::instance::key;
use super::location::{Location, escape_fragment};
use super::{SchemaError, load};

/// A document that was read.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) url: String,
    pub(super) root: Node,
    /// By the pointer to their schema. The root is one.
    resources: FxHashMap<String, Resource>,
    /// The pointers to the resources, by their URL.
    by_url: FxHashMap<String, String>,
    /// What is known to be a schema, by pointer.
    positions: FxHashMap<String, Node>,
}

/// A schema with a URL of its own, and all below it up to the next such.
#[derive(Debug)]
pub(super) struct Resource {
    url: String,
    pub(super) draft: Draft,
    /// Names and the pointers they stand for.
    anchors: FxHashMap<String, String>,
    dynamic: Vec<String>,
}

impl Document {
    /// Reads a document that is at a URL.
    pub(super) fn new(url: String, root: Node) -> Result<Document, SchemaError> {
        let mut document = Document {
            url: url.clone(),
            root: root.clone(),
            resources: FxHashMap::default(),
            by_url: FxHashMap::default(),
            positions: FxHashMap::default(),
        };
        document.collect(&root, &url, String::new(), Draft::LATEST)?;
        Ok(document)
    }

    /// Whether it is one of those of json-schema.org, which are known to be sound.
    pub(super) fn is_known(&self) -> bool {
        super::draft::known_document(&self.url).is_some()
    }

    /// A pointer in it, as a URL.
    pub(super) fn location(&self, pointer: &str) -> String {
        format!("{}#{}", self.url, escape_fragment(pointer))
    }

    /// The resource that a pointer is in, and the pointer to that.
    pub(super) fn resource<'p>(&self, mut pointer: &'p str) -> (&'p str, &Resource) {
        loop {
            if let Some(resource) = self.resources.get(pointer) {
                return (pointer, resource);
            }
            // The root is always there.
            pointer = &pointer[..pointer.rfind('/').unwrap_or(0)];
        }
    }

    /// The drafts of its resources below the root, by pointer.
    pub(super) fn inner_drafts(&self) -> FxHashMap<String, Draft> {
        let root = self.resource("").1.draft;
        let inner = self.resources.iter();
        let inner = inner.filter(|(_, resource)| resource.draft != root);
        inner
            .map(|(pointer, resource)| (pointer.clone(), resource.draft))
            .collect()
    }

    /// The node that a pointer leads to.
    pub(super) fn lookup(&self, pointer: &str) -> Result<&Node, SchemaError> {
        if let Some(node) = self.positions.get(pointer) {
            return Ok(node);
        }
        let mut node = &self.root;
        for token in pointer.split('/').skip(1) {
            let broken = || {
                let location = self.location(pointer);
                SchemaError::Refused(format!("invalid json-pointer {location:?}"))
            };
            let token = unescape(token).ok_or_else(broken)?;
            let found = match node.as_seq() {
                Some(items) => token.parse().ok().and_then(|index: usize| items.get(index)),
                None => node.get(&token),
            };
            node = found.ok_or_else(|| {
                let location = self.location(pointer);
                SchemaError::Refused(format!("json-pointer in {location:?} not found"))
            })?;
        }
        Ok(node)
    }

    /// The pointer that a location leads to; none where it is in another document.
    pub(super) fn resolve(&self, location: &Location) -> Option<Result<String, SchemaError>> {
        let (pointer, resource) = match location.url == self.url {
            true => ("", self.resource("").1),
            false => {
                let pointer = self.by_url.get(&location.url)?;
                (pointer.as_str(), self.resource(pointer).1)
            }
        };
        let fragment = &location.fragment;
        if fragment.is_empty() || fragment.starts_with('/') {
            return Some(Ok(format!("{pointer}{fragment}")));
        }
        let found = resource.anchors.get(fragment).cloned();
        Some(found.ok_or_else(|| {
            let reference = format!("{}#{}", resource.url, escape_fragment(fragment));
            let url = &self.url;
            SchemaError::Refused(format!(
                "anchor in {reference:?} not found in schema {url:?}"
            ))
        }))
    }

    /// Makes sure that what is at a pointer is known as a schema, and says whether it was not.
    pub(super) fn add_position(&mut self, pointer: &str) -> Result<bool, SchemaError> {
        if self.positions.contains_key(pointer) {
            return Ok(false);
        }
        let node = self.lookup(pointer)?.clone();
        let (_, base) = self.resource(pointer);
        let (url, draft) = (base.url.clone(), base.draft);
        self.collect(&node, &url, pointer.to_owned(), draft)?;
        Ok(true)
    }

    fn collect(
        &mut self,
        node: &Node,
        base: &str,
        pointer: String,
        fallback: Draft,
    ) -> Result<(), SchemaError> {
        if self.positions.contains_key(&pointer) {
            return Ok(());
        }
        self.positions.insert(pointer.clone(), node.clone());
        let Some(map) = node.as_map() else {
            if pointer.is_empty() {
                self.add_resource(pointer, base.to_owned(), fallback)?;
            }
            return Ok(());
        };
        let mut draft = fallback;
        if let Some(named) = text_of(node, "$schema") {
            draft = self.draft_of(named, fallback, pointer.is_empty())?;
        }
        let mut id = id_of(node, draft);
        if id.is_empty() && !pointer.is_empty() {
            // Only what has a URL of its own may be of another draft.
            draft = fallback;
            id = id_of(node, draft);
        }
        let mut url = base.to_owned();
        if !id.is_empty() {
            url = Location::join(base, id).map_or_else(|| base.to_owned(), |to| to.url);
        }
        if !id.is_empty() || pointer.is_empty() {
            self.add_resource(pointer.clone(), url.clone(), draft)?;
        }
        self.collect_anchors(node, &pointer)?;
        for (keyword, position) in draft.positions() {
            let Some(value) = map.get(keyword) else {
                continue;
            };
            let pointer = format!("{pointer}/{}", escape(keyword));
            match position {
                Position::Value => self.collect(value, &url, pointer, draft)?,
                Position::Values => {
                    for entry in value.as_map().into_iter().flatten() {
                        let pointer = format!("{pointer}/{}", escape(&key(&entry.key)));
                        self.collect(&entry.value, &url, pointer, draft)?;
                    }
                }
                Position::Items => {
                    for (i, item) in value.as_seq().into_iter().flatten().enumerate() {
                        self.collect(item, &url, format!("{pointer}/{i}"), draft)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add_resource(
        &mut self,
        pointer: String,
        url: String,
        draft: Draft,
    ) -> Result<(), SchemaError> {
        if let Some(other) = self.by_url.get(&url) {
            let document = &self.url;
            return Err(SchemaError::Refused(format!(
                "duplicate id {url:?} in {document:?} at {pointer:?} and {other:?}"
            )));
        }
        self.by_url.insert(url.clone(), pointer.clone());
        let resource = Resource {
            url,
            draft,
            anchors: FxHashMap::default(),
            dynamic: Vec::new(),
        };
        self.resources.insert(pointer, resource);
        Ok(())
    }

    fn collect_anchors(&mut self, node: &Node, pointer: &str) -> Result<(), SchemaError> {
        let (at, resource) = self.resource(pointer);
        let (at, draft) = (at.to_owned(), resource.draft);
        let mut names = Vec::new();
        if draft < Draft::Draft2019 {
            if node.get("$ref").is_some() {
                return Ok(());
            }
            let id = text_of(node, draft.id_keyword()).unwrap_or_default();
            let fragment = Location::join("", id).map(|to| to.fragment);
            names.extend(fragment.filter(|name| !name.is_empty() && !name.starts_with('/')));
        } else {
            names.extend(text_of(node, "$anchor").map(str::to_owned));
        }
        let dynamic = text_of(node, "$dynamicAnchor").filter(|_| draft >= Draft::Draft2020);
        names.extend(dynamic.map(str::to_owned));
        let document = &self.url;
        let Some(resource) = self.resources.get_mut(&at) else {
            return Ok(());
        };
        resource.dynamic.extend(dynamic.map(str::to_owned));
        for name in names {
            match resource.anchors.get(&name) {
                Some(other) if other != pointer => {
                    return Err(SchemaError::Refused(format!(
                        "duplicate anchor {name:?} in {document:?} at {other:?} and {pointer:?}"
                    )));
                }
                _ => resource.anchors.insert(name, pointer.to_owned()),
            };
        }
        Ok(())
    }

    /// The draft that a `$schema` stands for.
    fn draft_of(&self, named: &str, fallback: Draft, is_root: bool) -> Result<Draft, SchemaError> {
        if let Some(draft) = Draft::named(named) {
            return Ok(draft);
        }
        let url = named.split('#').next().unwrap_or(named);
        if is_root && url == self.url {
            return Err(SchemaError::Refused(format!(
                "draft {url:?} is not supported"
            )));
        }
        // Schemas of schemas that are not known are never at hand.
        load(url).map(|_| fallback)
    }
}

impl Resource {
    /// Its URL, against which references in it are read.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The names that `$dynamicAnchor` gives in it, and the pointers they stand for.
    pub(super) fn dynamic_anchors(&self) -> impl Iterator<Item = (&str, &str)> {
        let known = self.dynamic.iter();
        known.filter_map(|name| Some((name.as_str(), self.anchors.get(name)?.as_str())))
    }
}

fn text_of<'n>(node: &'n Node, keyword: &str) -> Option<&'n str> {
    node.get(keyword)?.as_str()
}

/// The `$id` without its fragment; empty where there is none.
fn id_of(node: &Node, draft: Draft) -> &str {
    // What stands beside a `$ref` counted for nothing once.
    if draft < Draft::Draft2019 && node.get("$ref").is_some() {
        return "";
    }
    let id = text_of(node, draft.id_keyword()).unwrap_or_default();
    id.split('#').next().unwrap_or_default()
}

/// A token of a pointer, its escapes undone.
fn unescape(token: &str) -> Option<String> {
    let sound = token
        .split('~')
        .skip(1)
        .all(|after| after.starts_with(['0', '1']));
    sound.then(|| token.replace("~1", "/").replace("~0", "~"))
}
