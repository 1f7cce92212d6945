//! Structural schemas: the form in which CRDs and the API server's own OpenAPI say what an object
//! is made of.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::bytes::Regex;
use smol_str::SmolStr;
use tidegate_yaml::Node;

use crate::cel::Compiled;

/// The number of a schema within its [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub(crate) u32);

/// The schema of a kind: a table of nodes that refer to each other by number, so that parts can be
/// shared and can hold themselves.
#[derive(Debug, Default)]
pub struct Schema {
    nodes: Vec<SchemaNode>,
    /// Whether values are decoded into types of Go, as those of Kubernetes' own kinds are.
    native: bool,
    /// For each node whether there is something of it in the node or below.
    below: Vec<Below>,
}

/// What there is in a node of a schema or below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Below {
    pub(crate) defaults: bool,
    pub(crate) rules: bool,
    /// Lists that are sets or maps.
    pub(crate) lists: bool,
}

/// Adds what a reference refers to.
type References<'r> = &'r mut dyn FnMut(&mut Schema, &str) -> SchemaId;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `object`
    Object,
    /// `array`
    Array,
    /// `string`
    String,
    /// `integer`
    Integer,
    /// `number`
    Number,
    /// `boolean`
    Boolean,
}

impl ValueType {
    /// The name in a schema.
    pub fn as_str(self) -> &'static str {
        match self {
            ValueType::Object => "object",
            ValueType::Array => "array",
            ValueType::String => "string",
            ValueType::Integer => "integer",
            ValueType::Number => "number",
            ValueType::Boolean => "boolean",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<ValueType> {
        Some(match name {
            "object" => ValueType::Object,
            "array" => ValueType::Array,
            "string" => ValueType::String,
            "integer" => ValueType::Integer,
            "number" => ValueType::Number,
            "boolean" => ValueType::Boolean,
            _ => return None,
        })
    }
}

/// How the items of a list are told apart: `x-kubernetes-list-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListType {
    /// As a whole.
    Atomic,
    /// By their value.
    Set,
    /// By the values of some of their keys.
    Map,
}

/// What keys beyond `properties` may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Additional {
    /// Not said.
    #[default]
    Unsaid,
    /// Anything.
    Any,
    /// They may not be there.
    Forbidden,
    /// Values of a schema.
    Of(SchemaId),
}

/// A rule of `x-kubernetes-validations`.
#[derive(Debug, Default)]
pub struct Rule {
    /// The expression.
    pub rule: SmolStr,
    /// What to say when it is not met.
    pub message: SmolStr,
    /// An expression that says so.
    pub message_expression: SmolStr,
    /// `FieldValueInvalid` and its like; empty means that.
    pub reason: SmolStr,
    /// The field below the value that the message is about, such as `.spec.x`.
    pub field_path: SmolStr,
    /// `oldSelf` is an optional value, and the rule is checked on creation too.
    pub optional_old_self: bool,
    pub(crate) compiled: OnceLock<Compiled>,
}

/// One node of a schema.
#[derive(Debug, Default)]
pub struct SchemaNode {
    /// The type, where it is said.
    pub value_type: Option<ValueType>,
    /// The format, such as `date-time`; empty where none is said.
    pub format: SmolStr,
    /// The properties, sorted by name.
    pub properties: Vec<(SmolStr, SchemaId)>,
    /// The first bytes of their names, as numbers of the same order: most names are told apart by them.
    starts: Vec<u64>,
    /// Keys beyond the properties.
    pub additional: Additional,
    /// The items of a list.
    pub items: Option<SchemaId>,
    /// Names that must be there.
    pub required: Vec<SmolStr>,
    /// Null is a value.
    pub nullable: bool,
    /// `x-kubernetes-int-or-string`
    pub int_or_string: bool,
    /// `x-kubernetes-preserve-unknown-fields`
    pub preserve_unknown: bool,
    /// `x-kubernetes-embedded-resource`
    pub embedded: bool,
    /// `x-kubernetes-list-type`
    pub list_type: Option<ListType>,
    /// `x-kubernetes-list-map-keys`
    pub list_map_keys: Vec<SmolStr>,
    /// The value where there is none.
    pub default: Option<Node>,
    /// What values must be beyond their type; most have nothing of it.
    pub checks: Option<Box<Checks>>,
    /// `x-kubernetes-validations`
    pub rules: Vec<Rule>,
}

/// What a value must be beyond its type.
#[derive(Debug, Default)]
pub struct Checks {
    /// The only values.
    pub one_of_values: Vec<Node>,
    /// A Go regular expression that a part of the text must match.
    pub pattern: SmolStr,
    pub(crate) regex: OnceLock<Option<Regex>>,
    /// Lowest number.
    pub minimum: Option<f64>,
    /// The lowest number is not one of them.
    pub exclusive_minimum: bool,
    /// Highest number.
    pub maximum: Option<f64>,
    /// The highest number is not one of them.
    pub exclusive_maximum: bool,
    /// The number is a multiple of it.
    pub multiple_of: Option<f64>,
    /// Fewest characters.
    pub min_length: Option<u64>,
    /// Most characters.
    pub max_length: Option<u64>,
    /// Fewest items.
    pub min_items: Option<u64>,
    /// Most items.
    pub max_items: Option<u64>,
    /// No item may occur twice.
    pub unique_items: bool,
    /// Fewest keys.
    pub min_properties: Option<u64>,
    /// Most keys.
    pub max_properties: Option<u64>,
    /// All of them must be met.
    pub all_of: Vec<SchemaId>,
    /// One of them at least.
    pub any_of: Vec<SchemaId>,
    /// Exactly one of them.
    pub one_of: Vec<SchemaId>,
    /// It may not be met.
    pub not: Option<SchemaId>,
}

/// A node together with the schema that it is of.
#[derive(Clone, Copy, Debug)]
pub struct SchemaRef<'s> {
    schema: &'s Schema,
    id: SchemaId,
}

impl Schema {
    /// The schema that the `openAPIV3Schema` of a CRD, or any OpenAPI v3 schema without references,
    /// describes. What it does not know is passed over.
    pub fn from_openapi(node: &Node) -> Schema {
        let mut schema = Schema::default();
        let root = schema.reserve();
        schema.fill(root, node, &mut |schema, _| schema.reserve());
        schema.finish();
        schema
    }

    /// A schema that takes anything.
    pub(crate) fn anything() -> Schema {
        let mut schema = Schema::default();
        schema.nodes.push(SchemaNode {
            preserve_unknown: true,
            ..SchemaNode::default()
        });
        schema.finish();
        schema
    }

    /// An empty schema for a kind of Kubernetes itself.
    pub(crate) fn native() -> Schema {
        Schema {
            native: true,
            ..Schema::default()
        }
    }

    pub(crate) fn node_mut(&mut self, id: SchemaId) -> &mut SchemaNode {
        &mut self.nodes[id.0 as usize]
    }

    /// Finds out what there is below each node. To be called once all nodes are there.
    pub(crate) fn finish(&mut self) {
        self.below = vec![Below::default(); self.nodes.len()];
        let mut changed = true;
        // Parts come behind what they are part of, but for those that hold themselves.
        while changed {
            changed = false;
            for index in (0..self.nodes.len()).rev() {
                let node = &self.nodes[index];
                let mut below = Below {
                    defaults: node.default.is_some(),
                    rules: !node.rules.is_empty(),
                    lists: matches!(node.list_type, Some(ListType::Set | ListType::Map)),
                };
                let additional = match node.additional {
                    Additional::Of(id) => Some(id),
                    _ => None,
                };
                let properties = node.properties.iter().map(|(_, id)| *id);
                for part in properties.chain(node.items).chain(additional) {
                    let part = self.below[part.0 as usize];
                    below.defaults |= part.defaults;
                    below.rules |= part.rules;
                    below.lists |= part.lists;
                }
                changed |= self.below[index] != below;
                self.below[index] = below;
            }
        }
    }

    /// The node that all others hang on.
    pub fn root(&self) -> SchemaRef<'_> {
        SchemaRef {
            schema: self,
            id: SchemaId(0),
        }
    }

    /// A node by its number.
    pub(crate) fn get(&self, id: SchemaId) -> SchemaRef<'_> {
        SchemaRef { schema: self, id }
    }

    /// A number for a node that is filled later.
    pub(crate) fn reserve(&mut self) -> SchemaId {
        self.nodes.push(SchemaNode::default());
        SchemaId(self.nodes.len() as u32 - 1)
    }

    /// Reads a node under a number. What it refers to is added by `references`.
    pub(crate) fn fill(&mut self, id: SchemaId, node: &Node, references: References<'_>) {
        let mut out = SchemaNode::default();
        let mut checks = Checks::default();
        let mut checked = false;
        for entry in node.as_map().into_iter().flatten() {
            let Some(key) = entry.key.text() else {
                continue;
            };
            if !self.read(key, &entry.value, &mut out, references) {
                checked |= self.read_check(key, &entry.value, &mut checks, references);
            }
        }
        if checked {
            out.checks = Some(Box::new(checks));
        }
        self.nodes[id.0 as usize] = out;
    }

    /// The number of a part: that of what it refers to, where it says nothing else.
    fn add(&mut self, node: &Node, references: References<'_>) -> SchemaId {
        let reference = node.get("$ref").and_then(Node::as_str);
        let default = node.get("default");
        match (reference, default) {
            (Some(name), default) if !default.is_some_and(says_something) => references(self, name),
            _ => {
                let id = self.reserve();
                self.fill(id, node, references);
                id
            }
        }
    }

    fn add_all(&mut self, node: &Node, references: References<'_>) -> Vec<SchemaId> {
        let items = node.as_seq().into_iter().flatten();
        items.map(|item| self.add(item, references)).collect()
    }

    /// Whether the key was one of those that say what a value is made of.
    fn read(
        &mut self,
        key: &str,
        value: &Node,
        out: &mut SchemaNode,
        references: References<'_>,
    ) -> bool {
        match key {
            "type" => out.value_type = value.text().and_then(ValueType::from_name),
            "format" => out.format = text(value),
            "properties" => {
                for entry in value.as_map().into_iter().flatten() {
                    let id = self.add(&entry.value, references);
                    out.properties.push((text(&entry.key), id));
                }
                out.properties.sort_by(|a, b| a.0.cmp(&b.0));
                let names = out.properties.iter().map(|(name, _)| name);
                out.starts = names.map(|name| start_of(name)).collect();
            }
            "additionalProperties" => {
                out.additional = match value.text() {
                    Some("true") => Additional::Any,
                    Some("false") => Additional::Forbidden,
                    _ => Additional::Of(self.add(value, references)),
                }
            }
            "items" => out.items = Some(self.add(value, references)),
            "required" => out.required = texts(value),
            "nullable" => out.nullable = is_true(value),
            "default" => out.default = Some(value.clone()),
            "x-kubernetes-int-or-string" => out.int_or_string = is_true(value),
            "x-kubernetes-preserve-unknown-fields" => out.preserve_unknown = is_true(value),
            "x-kubernetes-embedded-resource" => out.embedded = is_true(value),
            "x-kubernetes-list-type" => {
                out.list_type = match value.text() {
                    Some("set") => Some(ListType::Set),
                    Some("map") => Some(ListType::Map),
                    _ => Some(ListType::Atomic),
                }
            }
            "x-kubernetes-list-map-keys" => out.list_map_keys = texts(value),
            "x-kubernetes-validations" => {
                let rules = value.as_seq().into_iter().flatten();
                out.rules = rules.map(Rule::from_node).collect();
            }
            _ => return false,
        }
        true
    }

    /// Whether the key was one of those that say what a value must be.
    fn read_check(
        &mut self,
        key: &str,
        value: &Node,
        out: &mut Checks,
        references: References<'_>,
    ) -> bool {
        match key {
            "enum" => out.one_of_values = value.as_seq().into_iter().flatten().cloned().collect(),
            "pattern" => out.pattern = text(value),
            "minimum" => out.minimum = number(value),
            "maximum" => out.maximum = number(value),
            "exclusiveMinimum" => out.exclusive_minimum = is_true(value),
            "exclusiveMaximum" => out.exclusive_maximum = is_true(value),
            "multipleOf" => out.multiple_of = number(value),
            "minLength" => out.min_length = count(value),
            "maxLength" => out.max_length = count(value),
            "minItems" => out.min_items = count(value),
            "maxItems" => out.max_items = count(value),
            "uniqueItems" => out.unique_items = is_true(value),
            "minProperties" => out.min_properties = count(value),
            "maxProperties" => out.max_properties = count(value),
            "allOf" => out.all_of = self.add_all(value, references),
            "anyOf" => out.any_of = self.add_all(value, references),
            "oneOf" => out.one_of = self.add_all(value, references),
            "not" => out.not = Some(self.add(value, references)),
            _ => return false,
        }
        true
    }
}

impl<'s> SchemaRef<'s> {
    /// Its number.
    pub(crate) fn id(self) -> SchemaId {
        self.id
    }

    /// Whether its values are decoded into types of Go.
    pub(crate) fn is_native(self) -> bool {
        self.schema.native
    }

    /// What there is in it or below it.
    pub(crate) fn below(self) -> Below {
        self.schema
            .below
            .get(self.id.0 as usize)
            .copied()
            .unwrap_or_default()
    }

    /// The node, for as long as the schema lives.
    pub fn node(self) -> &'s SchemaNode {
        &self.schema.nodes[self.id.0 as usize]
    }

    /// Another node of the same schema.
    pub(crate) fn other(self, id: SchemaId) -> SchemaRef<'s> {
        self.schema.get(id)
    }

    /// The schema of a property.
    pub fn property(self, name: &str) -> Option<SchemaRef<'s>> {
        let node = self.node();
        let start = start_of(name);
        let first = node.starts.partition_point(|known| *known < start);
        let starts = node.starts[first..].iter().take_while(|at| **at == start);
        let same = node.properties[first..].iter().zip(starts);
        let mut found = same.filter(|((known, _), _)| known == name);
        found.next().map(|((_, id), _)| self.other(*id))
    }

    /// Whether it has properties at all.
    pub fn has_properties(self) -> bool {
        !self.node().properties.is_empty()
    }

    /// The schema of values under keys that are no properties.
    pub fn additional(self) -> Option<SchemaRef<'s>> {
        match self.node().additional {
            Additional::Of(id) => Some(self.other(id)),
            _ => None,
        }
    }

    /// The schema of the items.
    pub fn items(self) -> Option<SchemaRef<'s>> {
        Some(self.other(self.node().items?))
    }
}

impl Deref for SchemaRef<'_> {
    type Target = SchemaNode;

    fn deref(&self) -> &SchemaNode {
        self.node()
    }
}

impl Rule {
    fn from_node(node: &Node) -> Rule {
        let field = |key: &str| node.get(key).map(text).unwrap_or_default();
        Rule {
            rule: field("rule"),
            message: field("message"),
            message_expression: field("messageExpression"),
            reason: field("reason"),
            field_path: field("fieldPath"),
            optional_old_self: node.get("optionalOldSelf").is_some_and(is_true),
            compiled: OnceLock::new(),
        }
    }
}

/// The first bytes of a name.
fn start_of(name: &str) -> u64 {
    let mut start = [0; 8];
    let length = name.len().min(start.len());
    start[..length].copy_from_slice(&name.as_bytes()[..length]);
    u64::from_be_bytes(start)
}

/// Whether a default is more than an empty object.
fn says_something(default: &Node) -> bool {
    default.as_map().is_none_or(|map| !map.is_empty())
}

fn text(node: &Node) -> SmolStr {
    node.as_scalar().map(|s| s.text.clone()).unwrap_or_default()
}

fn texts(node: &Node) -> Vec<SmolStr> {
    node.as_seq().into_iter().flatten().map(text).collect()
}

fn is_true(node: &Node) -> bool {
    node.text() == Some("true")
}

fn number(node: &Node) -> Option<f64> {
    node.text()?.parse().ok()
}

fn count(node: &Node) -> Option<u64> {
    node.text()?.parse().ok()
}
