//! The objects of a cluster that wait for each other.

use std::collections::HashMap;
use std::fmt;

use rustc_hash::FxBuildHasher;
use tidegate_source::{Span, Subject};
use tidegate_yaml::Node;

use crate::graph::contents::{Catalog, Contents};
use crate::graph::dependency::dependencies;
use crate::graph::unknown::Unknown;
use crate::graph::{Dependency, Kind};
use crate::render::{Applier, ClusterRender};

/// The objects of one cluster that wait for each other.
pub(super) struct Graph<'r> {
    pub(super) render: &'r ClusterRender,
    /// The contents of what applies objects, in its order.
    pub(super) contents: Vec<&'r Contents<'r>>,
    /// What applies objects, in its order, then the HelmReleases and ResourceSets that are not among it.
    pub(super) vertices: Vec<Vertex<'r>>,
    pub(super) unknown: Unknown<'r>,
    by_name: HashMap<(Kind, &'r str, &'r str), usize, FxBuildHasher>,
}

/// A Kustomization, HelmRelease or ResourceSet.
pub(super) struct Vertex<'r> {
    pub(super) kind: Kind,
    /// Empty, as the name is, for an entry that no object speaks of.
    pub(super) namespace: &'r str,
    pub(super) name: &'r str,
    pub(super) name_span: Span,
    pub(super) object: Option<&'r Node>,
    /// The index of what applies it; none for an entry.
    pub(super) parent: Option<usize>,
    pub(super) depends_on: Vec<Dependency<'r>>,
}

impl<'r> Graph<'r> {
    pub(super) fn new(render: &'r ClusterRender, catalog: &'r Catalog<'r>) -> Graph<'r> {
        let contents: Vec<&Contents<'r>> = render
            .applied
            .iter()
            .map(|applied| catalog.of(&applied.outcome))
            .collect();
        let mut vertices: Vec<Vertex<'r>> = render
            .applied
            .iter()
            .map(|applied| {
                let kind = match &applied.by {
                    Applier::Entry | Applier::Kustomization(_) => Kind::Kustomization,
                    Applier::ResourceSet(_) => Kind::ResourceSet,
                    Applier::HelmRelease(_) => Kind::HelmRelease,
                };
                match applied.by.node() {
                    Some(object) => Vertex::new(kind, object, applied.parent),
                    None => Vertex::entry(),
                }
            })
            .collect();
        let mut by_name: HashMap<_, usize, FxBuildHasher> = HashMap::default();
        for (index, vertex) in vertices.iter().enumerate() {
            if !vertex.name.is_empty() {
                by_name.entry(vertex.key()).or_insert(index);
            }
        }
        // What would have no end is not followed.
        for (parent, contents) in contents.iter().enumerate() {
            for (kind, index) in &contents.flux {
                let object = &contents.objects[*index].node;
                let vertex = Vertex::new(*kind, object, Some(parent));
                if *kind != Kind::Kustomization && !by_name.contains_key(&vertex.key()) {
                    by_name.insert(vertex.key(), vertices.len());
                    vertices.push(vertex);
                }
            }
        }
        // The Kustomization that applies an entry is called like its source, unless the tree says
        // otherwise: so do `flux bootstrap` and the Flux Operator.
        let mut entries = render.applied.iter();
        let entry = entries.position(|one| one.parent.is_none() && one.kustomization().is_none());
        if let Some(entry) = entry {
            for source in &render.own_sources {
                let key = (Kind::Kustomization, &*source.namespace, &*source.name);
                by_name.entry(key).or_insert(entry);
            }
        }
        Graph {
            render,
            unknown: Unknown::of(render),
            contents,
            vertices,
            by_name,
        }
    }

    /// The vertex of a name.
    pub(super) fn find(&self, kind: Kind, namespace: &str, name: &str) -> Option<usize> {
        self.by_name.get(&(kind, namespace, name)).copied()
    }

    /// What a dependency names.
    pub(super) fn target(&self, dependency: &Dependency<'_>) -> Option<usize> {
        self.find(dependency.kind, dependency.namespace, dependency.name)
    }

    /// Which object a vertex is; none of an entry that no object speaks of.
    pub(super) fn subject(&self, vertex: usize) -> Option<Subject> {
        let Vertex { kind, object, .. } = self.vertices[vertex];
        let api_version = object?.get("apiVersion").and_then(Node::text);
        Some(Subject {
            api_version: api_version.unwrap_or_default().to_owned(),
            kind: kind.as_str().to_owned(),
            namespace: self.vertices[vertex].namespace.to_owned(),
            name: self.vertices[vertex].name.to_owned(),
        })
    }
}

impl<'r> Vertex<'r> {
    fn new(kind: Kind, object: &'r Node, parent: Option<usize>) -> Vertex<'r> {
        let metadata = |key| object.at(&["metadata", key]);
        let text = |key| metadata(key).and_then(Node::text).unwrap_or_default();
        let namespace = text("namespace");
        Vertex {
            kind,
            namespace,
            name: text("name"),
            name_span: metadata("name").unwrap_or(object).place.span(),
            depends_on: dependencies(kind, namespace, object),
            object: Some(object),
            parent,
        }
    }

    fn entry() -> Vertex<'r> {
        Vertex {
            kind: Kind::Kustomization,
            namespace: "",
            name: "",
            name_span: Span::NONE,
            object: None,
            parent: None,
            depends_on: Vec::new(),
        }
    }

    /// What it is found by.
    fn key(&self) -> (Kind, &'r str, &'r str) {
        (self.kind, self.namespace, self.name)
    }

    /// A field of `spec`.
    pub(super) fn spec(&self, field: &str) -> Option<&'r Node> {
        self.object?.at(&["spec", field])
    }

    /// Whether a field of `spec` is true.
    pub(super) fn is_set(&self, field: &str) -> bool {
        self.spec(field).and_then(Node::text) == Some("true")
    }
}

impl fmt::Display for Vertex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.object {
            Some(_) => {
                let kind = self.kind.as_str();
                write!(f, "{kind} {}/{}", self.namespace, self.name)
            }
            None => f.write_str("the entry of the cluster"),
        }
    }
}
