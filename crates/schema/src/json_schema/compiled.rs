//! A schema made ready: keywords read, references resolved.

use regex::bytes::Regex;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tidegate_yaml::Node;

use super::decimal::Decimal;
use super::draft::Draft;
use super::format::Format;
use super::instance::Types;

/// The index of a schema among all that belong to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(pub(super) u32);

/// One schema: an object with keywords, or a boolean.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) draft: Draft,
    /// The document and the pointer in it, as a URL.
    pub(super) location: String,
    /// `true`, `false`, or `{}`, which is `true`.
    pub(super) always: Option<bool>,
    /// The schema with the `$id` that this one is below, or the root.
    pub(super) resource: Id,
    /// What `$dynamicAnchor` names in this resource, if this is the root of one.
    pub(super) dynamic_anchors: Vec<(SmolStr, Id)>,
    pub(super) dynamic_anchor: Option<SmolStr>,
    pub(super) recursive_anchor: bool,

    pub(super) types: Types,
    pub(super) constant: Option<Node>,
    pub(super) choices: Option<Choices>,
    /// The format and its name.
    pub(super) format: Option<(Format, SmolStr)>,
    pub(super) reference: Option<Id>,
    pub(super) recursive_ref: Option<Id>,
    /// What it leads to at first, and the name of the anchor if it is by name.
    pub(super) dynamic_ref: Option<(Id, Option<SmolStr>)>,
    pub(super) object: Option<Box<ObjectRules>>,
    pub(super) array: Option<Box<ArrayRules>>,
    pub(super) text: Option<Box<TextRules>>,
    pub(super) number: Option<Box<NumberRules>>,
    pub(super) logic: Option<Box<Logic>>,
}

/// The values of an `enum`.
#[derive(Debug)]
pub(super) struct Choices {
    pub(super) types: Types,
    /// In their canonical form.
    pub(super) known: FxHashSet<String>,
    /// As they are shown; none where one cannot be.
    pub(super) shown: Option<Vec<String>>,
}

/// What `additionalProperties` and `additionalItems` say.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest {
    Free(bool),
    Schema(Id),
}

#[derive(Debug, Default)]
pub(super) struct ObjectRules {
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) required: Vec<SmolStr>,
    /// `dependencies` and `dependentRequired`.
    pub(super) dependent_required: Vec<(SmolStr, Vec<SmolStr>)>,
    /// `dependencies` and `dependentSchemas`.
    pub(super) dependent_schemas: Vec<(SmolStr, Id)>,
    /// Sorted by name.
    pub(super) properties: Vec<(SmolStr, Id)>,
    pub(super) patterns: Vec<(Regex, Id)>,
    pub(super) additional: Option<Rest>,
    pub(super) names: Option<Id>,
    pub(super) unevaluated: Option<Id>,
}

#[derive(Debug, Default)]
pub(super) struct ArrayRules {
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) unique: bool,
    /// `prefixItems`, or `items` where it is a list.
    pub(super) prefix: Vec<Id>,
    /// The items behind those of the prefix.
    pub(super) rest: Option<Rest>,
    pub(super) contains: Option<Contains>,
    pub(super) unevaluated: Option<Id>,
}

#[derive(Debug)]
pub(super) struct Contains {
    pub(super) schema: Id,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    /// Whether what matches counts as evaluated.
    pub(super) evaluates: bool,
}

#[derive(Debug, Default)]
pub(super) struct TextRules {
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    /// The expression as it is written, too.
    pub(super) pattern: Option<(Regex, String)>,
}

#[derive(Debug, Default)]
pub(super) struct NumberRules {
    pub(super) minimum: Option<Decimal>,
    pub(super) maximum: Option<Decimal>,
    pub(super) exclusive_minimum: Option<Decimal>,
    pub(super) exclusive_maximum: Option<Decimal>,
    pub(super) multiple_of: Option<Decimal>,
}

/// Schemas made of schemas.
#[derive(Debug, Default)]
pub(super) struct Logic {
    pub(super) not: Option<Id>,
    pub(super) all_of: Vec<Id>,
    pub(super) any_of: Vec<Id>,
    pub(super) one_of: Vec<Id>,
    pub(super) condition: Option<Id>,
    pub(super) then: Option<Id>,
    pub(super) otherwise: Option<Id>,
}

impl Schema {
    pub(super) fn new(draft: Draft, location: String, resource: Id) -> Schema {
        Schema {
            draft,
            location,
            always: None,
            resource,
            dynamic_anchors: Vec::new(),
            dynamic_anchor: None,
            recursive_anchor: false,
            types: Types::default(),
            constant: None,
            choices: None,
            format: None,
            reference: None,
            recursive_ref: None,
            dynamic_ref: None,
            object: None,
            array: None,
            text: None,
            number: None,
            logic: None,
        }
    }

    /// Whether it says of all keys of an object whether they may be there.
    pub(super) fn evaluates_all_keys(&self) -> bool {
        self.object
            .as_ref()
            .is_some_and(|rules| rules.additional.is_some())
    }
}

impl ObjectRules {
    /// The schema of a property that is named.
    pub(super) fn property(&self, key: &str) -> Option<Id> {
        let found = self
            .properties
            .binary_search_by(|(name, _)| name.as_str().cmp(key));
        found.ok().map(|at| self.properties[at].1)
    }
}
