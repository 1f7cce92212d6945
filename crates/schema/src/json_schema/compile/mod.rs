//! From documents to schemas that are ready.

mod keywords;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use tidegate_yaml::Node;

use self::keywords::Keywords;
use super::check::{Checker, MetaSchema};
use super::compiled::{Id, Schema};
use super::document::Document;
use super::draft::Draft;
use super::failure::quote;
use super::instance::Json;
use super::{SchemaError, load};

/// The schema of a document and all that it refers to.
pub(super) fn compile(url: &str, root: Node) -> Result<Vec<Schema>, SchemaError> {
    let mut compiler = Compiler::default();
    compiler.add_document(url, root)?;
    compiler.enqueue(0, String::new())?;
    compiler.run()
}

/// The schemas of schemas, and where that of each draft starts.
type MetaSchemas = (Vec<Schema>, Vec<(Draft, Id)>);

/// The schemas that schemas of these drafts have to fit.
fn meta_schemas(drafts: &[Draft]) -> Result<MetaSchemas, SchemaError> {
    let mut compiler = Compiler {
        assert_formats: true,
        ..Compiler::default()
    };
    let mut roots = Vec::new();
    for draft in drafts {
        let document = compiler.document(draft.url())?;
        roots.push((*draft, compiler.enqueue(document, String::new())?));
    }
    Ok((compiler.run()?, roots))
}

#[derive(Default)]
struct Compiler {
    documents: Vec<Document>,
    /// By the document and the pointer in it.
    ids: FxHashMap<(usize, String), Id>,
    /// What is to be compiled, in the order of the ids.
    queue: Vec<(usize, String)>,
    /// Whether formats count in drafts that leave that open.
    assert_formats: bool,
}

impl Compiler {
    fn add_document(&mut self, url: &str, root: Node) -> Result<usize, SchemaError> {
        let document = Document::new(url.to_owned(), root)?;
        check_schema(&document, "")?;
        self.documents.push(document);
        Ok(self.documents.len() - 1)
    }

    /// The document at a URL.
    fn document(&mut self, url: &str) -> Result<usize, SchemaError> {
        let mut known = self.documents.iter();
        match known.position(|document| document.url == url) {
            Some(index) => Ok(index),
            None => self.add_document(url, load(url)?),
        }
    }

    fn enqueue(&mut self, document: usize, pointer: String) -> Result<Id, SchemaError> {
        if let Some(id) = self.ids.get(&(document, pointer.clone())) {
            return Ok(*id);
        }
        if self.documents[document].add_position(&pointer)? {
            check_schema(&self.documents[document], &pointer)?;
        }
        let id = Id(self.queue.len() as u32);
        self.ids.insert((document, pointer.clone()), id);
        self.queue.push((document, pointer));
        Ok(id)
    }

    fn run(mut self) -> Result<Vec<Schema>, SchemaError> {
        let mut schemas = Vec::new();
        while let Some((document, pointer)) = self.queue.get(schemas.len()).cloned() {
            schemas.push(self.schema(document, &pointer)?);
        }
        Ok(schemas)
    }

    fn schema(&mut self, document: usize, pointer: &str) -> Result<Schema, SchemaError> {
        let at = &self.documents[document];
        let node = at.lookup(pointer)?.clone();
        let location = at.location(pointer);
        let (base, resource) = at.resource(pointer);
        let draft = resource.draft;
        let anchors: Vec<(SmolStr, String)> = match draft >= Draft::Draft2020 && base == pointer {
            true => {
                let anchors = resource.dynamic_anchors();
                anchors
                    .map(|(name, pointer)| (name.into(), pointer.to_owned()))
                    .collect()
            }
            false => Vec::new(),
        };
        let resource = self.enqueue(document, base.to_owned())?;
        let mut schema = Schema::new(draft, location, resource);
        for (name, pointer) in anchors {
            let id = self.enqueue(document, pointer)?;
            schema.dynamic_anchors.push((name, id));
        }
        match Json::of(&node) {
            Json::Boolean(value) => schema.always = Some(value),
            Json::Object(map) if map.is_empty() => schema.always = Some(true),
            Json::Object(map) => {
                Keywords::new(self, document, pointer, map).read(&mut schema)?;
            }
            _ => {}
        }
        Ok(schema)
    }
}

/// Holds a schema against the schema of its draft.
fn check_schema(document: &Document, pointer: &str) -> Result<(), SchemaError> {
    if document.is_known() {
        return Ok(());
    }
    let draft = document.resource(pointer).1.draft;
    let inner = match pointer {
        "" => document.inner_drafts(),
        _ => FxHashMap::default(),
    };
    let mut drafts: Vec<Draft> = inner.values().copied().collect();
    drafts.push(draft);
    drafts.sort_unstable();
    drafts.dedup();
    let (schemas, roots) = meta_schemas(&drafts)?;
    let root = roots.iter().find(|(known, _)| *known == draft);
    let Some((_, root)) = root else {
        return Ok(());
    };
    let meta = MetaSchema {
        inner,
        roots: &roots,
    };
    let node = document.lookup(pointer)?;
    match Checker::new(&schemas, Some(meta)).run(*root, node) {
        Ok(()) => Ok(()),
        Err(failures) => {
            let mut message = format!(
                "{:?} is not valid against metaschema: jsonschema validation failed with {}",
                document.location(pointer),
                quote(&schemas[root.0 as usize].location)
            );
            for failure in &failures {
                failure.write(0, &mut message);
            }
            Err(SchemaError::Refused(message))
        }
    }
}

/// A value for comparison.
pub(super) fn canonical(value: &Json<'_>) -> String {
    let mut out = String::new();
    value.canonical(&mut out);
    out
}

/// A value of the schema as it is shown; none for collections.
pub(super) fn shown(node: &Node) -> Option<String> {
    Some(match Json::of(node) {
        Json::Null => "<nil>".to_owned(),
        Json::Boolean(value) => value.to_string(),
        Json::Text(text) => quote(&text),
        Json::Number(_) => node.text().unwrap_or_default().to_owned(),
        Json::Array(_) | Json::Object(_) | Json::Opaque | Json::Infinite => return None,
    })
}
