//! What kustomize knows of Kubernetes types: how their lists are merged, and whether they live in a
//! namespace. It is read out of an OpenAPI document, of which [`Schema::kubernetes`] is the one
//! compiled into kustomize.

mod compile;
mod kubernetes;

use std::borrow::Cow;
use std::sync::Arc;

use tidegate_yaml::Node;

use crate::resource::Gvk;

/// The schema in force in a build. A value to pass in, cheap to clone: nothing here is global state.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The types of the field `openapi.path`; none for what is compiled in.
    custom: Option<Arc<Table>>,
}

/// The types of OpenAPI documents.
#[derive(Debug)]
struct Table {
    types: Cow<'static, [Type]>,
    kinds: Cow<'static, [Kind]>,
}

/// Index of a [`Type`] in its schema.
pub type TypeId = u16;

/// What is known of the fields of a mapping. A type whose fields do not matter has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// The fields, sorted by name.
    pub fields: Cow<'static, [Field]>,
    /// The value of any other field.
    pub other: Option<Shape>,
}

/// One field of a [`Type`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The key.
    pub name: Cow<'static, str>,
    /// The value.
    pub shape: Shape,
}

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A value that is not a list, or a list that a patch replaces.
    Plain(TypeId),
    /// A list whose items are merged.
    List(ListShape),
}

/// How the items of a list are merged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListShape {
    /// The keys that tell which items are the same; none for a list of scalars.
    pub keys: Cow<'static, [Cow<'static, str>]>,
    /// The type of the items.
    pub items: Option<TypeId>,
}

/// One kind of object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Group and version, as an object spells them.
    pub api_version: Cow<'static, str>,
    /// The kind.
    pub kind: Cow<'static, str>,
    /// Its type; none where the document has no definition of it.
    pub root: Option<TypeId>,
    /// Whether its objects live in a namespace; none where the document has no path for it.
    pub namespaced: Option<bool>,
}

/// A value's shape together with the schema it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known<'a> {
    /// A value that is not a list, or a list that a patch replaces.
    Plain(&'a Type),
    /// A list whose items are merged.
    List(&'a ListShape),
}

impl Schema {
    /// The Kubernetes API of version 1.21.2 and the kustomization types: what `kustomize build`
    /// v5.8 knows without an `openapi` field.
    pub fn kubernetes() -> Schema {
        Schema::default()
    }

    /// The only version that the field `openapi.version` can name.
    pub const KUBERNETES_VERSION: &'static str = "v1.21.2";

    /// Reads OpenAPI v2 documents as one: their `definitions` and the scope of their `paths`. Where
    /// two define the same, the later one wins.
    pub fn from_openapi(documents: &[&Node]) -> Schema {
        Schema {
            custom: Some(Arc::new(compile::compile(documents))),
        }
    }

    fn table(&self) -> &Table {
        self.custom.as_deref().unwrap_or(&kubernetes::TABLE)
    }

    /// All types, for [`TypeId`] to index.
    pub fn types(&self) -> &[Type] {
        &self.table().types
    }

    /// All kinds, sorted by `apiVersion` and kind.
    pub fn kinds(&self) -> &[Kind] {
        &self.table().kinds
    }

    /// What is known of the objects of a kind.
    pub(crate) fn root(&self, api_version: &str, kind: &str) -> Option<Known<'_>> {
        let id = self.table().kind(api_version, kind)?.root?;
        self.type_of(id).map(Known::Plain)
    }

    /// Whether the objects of a kind live in a namespace, where that is known. As in kustomize the
    /// Kubernetes API answers first, whatever the schema.
    pub fn namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        let built_in = kubernetes::TABLE.kind(api_version, kind);
        built_in
            .and_then(|known| known.namespaced)
            .or_else(|| self.custom.as_ref()?.kind(api_version, kind)?.namespaced)
    }

    /// Whether the objects of a kind are known to have no namespace.
    pub(crate) fn is_cluster_scoped(&self, gvk: &Gvk) -> bool {
        self.namespaced(&gvk.api_version(), &gvk.kind) == Some(false)
    }

    fn type_of(&self, id: TypeId) -> Option<&Type> {
        self.table().types.get(usize::from(id))
    }

    /// What is known of the field `name` of a value.
    pub(crate) fn field<'a>(&'a self, of: Option<Known<'a>>, name: &str) -> Option<Known<'a>> {
        let Known::Plain(parent) = of? else {
            return None;
        };
        let found = parent.fields.binary_search_by(|f| (*f.name).cmp(name));
        let shape = match found {
            Ok(index) => &parent.fields[index].shape,
            Err(_) => parent.other.as_ref()?,
        };
        match shape {
            Shape::Plain(id) => self.type_of(*id).map(Known::Plain),
            Shape::List(list) => Some(Known::List(list)),
        }
    }

    /// What is known of the items of a list.
    pub(crate) fn items<'a>(&'a self, of: &ListShape) -> Option<Known<'a>> {
        self.type_of(of.items?).map(Known::Plain)
    }
}

impl Table {
    fn kind(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        let key = (api_version, kind);
        let found = self
            .kinds
            .binary_search_by(|known| (&*known.api_version, &*known.kind).cmp(&key));
        found.ok().map(|index| &self.kinds[index])
    }
}
