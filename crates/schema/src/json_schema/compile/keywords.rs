//! One schema, keyword by keyword.

use regex::bytes::Regex;
use smol_str::SmolStr;
use tidegate_golang::regexp;
use tidegate_yaml::{Map, Node};

use super::{Compiler, canonical, shown};
use crate::json_schema::SchemaError;
use crate::json_schema::compiled::{
    ArrayRules, Choices, Contains, Id, Logic, NumberRules, ObjectRules, Rest, Schema, TextRules,
};
use crate::json_schema::decimal::Decimal;
use crate::json_schema::draft::Draft;
use crate::json_schema::failure::escape;
use crate::json_schema::format::Format;
use crate::json_schema::instance::{Json, Types, key};
use crate::json_schema::location::Location;

/// The keywords of one schema.
pub(super) struct Keywords<'c> {
    compiler: &'c mut Compiler,
    document: usize,
    pointer: &'c str,
    draft: Draft,
    map: &'c Map,
}

impl<'c> Keywords<'c> {
    pub(super) fn new(
        compiler: &'c mut Compiler,
        document: usize,
        pointer: &'c str,
        map: &'c Map,
    ) -> Keywords<'c> {
        let draft = compiler.documents[document].resource(pointer).1.draft;
        Keywords {
            compiler,
            document,
            pointer,
            draft,
            map,
        }
    }

    /// Reads them into a schema.
    pub(super) fn read(&mut self, schema: &mut Schema) -> Result<(), SchemaError> {
        let draft = self.draft;
        if draft >= Draft::Draft6 {
            schema.constant = self.map.get("const").cloned();
        }
        schema.reference = self.reference("$ref")?;
        if draft < Draft::Draft2019 && schema.reference.is_some() {
            // What stands beside a `$ref` counted for nothing once.
            return Ok(());
        }
        if draft >= Draft::Draft2019 {
            schema.recursive_ref = self.reference("$recursiveRef")?;
            schema.recursive_anchor = self.is_true("$recursiveAnchor");
        }
        if draft >= Draft::Draft2020 {
            if let Some(id) = self.reference("$dynamicRef")? {
                let fragment = self
                    .text("$dynamicRef")
                    .and_then(|text| text.split_once('#'));
                let anchor = fragment.map(|(_, fragment)| fragment);
                let anchor = anchor.filter(|name| !name.is_empty() && !name.starts_with('/'));
                schema.dynamic_ref = Some((id, anchor.map(SmolStr::from)));
            }
            schema.dynamic_anchor = self.text("$dynamicAnchor").map(SmolStr::from);
        }
        self.values(schema);
        schema.logic = self.logic()?;
        schema.object = self.object()?;
        schema.array = self.array()?;
        schema.text = self.text_rules()?;
        schema.number = self.number_rules();
        Ok(())
    }

    /// The keywords that go for values of every type.
    fn values(&self, schema: &mut Schema) {
        if let Some(node) = self.map.get("type") {
            let names = node
                .as_seq()
                .map_or(std::slice::from_ref(node), |all| all.items());
            for name in names.iter().filter_map(Node::as_str) {
                let one = Types::named(name).unwrap_or_default();
                schema.types = schema.types.with(one);
            }
        }
        let choices = self.map.get("enum").and_then(Node::as_seq);
        schema.choices = choices.map(|choices| {
            let values = || choices.iter().map(Json::of);
            Choices {
                types: values().fold(Types::default(), |all, one| all.with(one.type_of())),
                known: values().map(|value| canonical(&value)).collect(),
                shown: choices.iter().map(shown).collect(),
            }
        });
        if self.compiler.assert_formats || self.draft < Draft::Draft2019 {
            let name = self.text("format");
            schema.format = name.and_then(|name| Some((Format::named(name)?, name.into())));
        }
    }

    fn logic(&mut self) -> Result<Option<Box<Logic>>, SchemaError> {
        let known = ["not", "allOf", "anyOf", "oneOf", "if"];
        if !self.has_any(&known) {
            return Ok(None);
        }
        let mut logic = Logic {
            not: self.below("not")?,
            all_of: self.all_below("allOf")?,
            any_of: self.all_below("anyOf")?,
            one_of: self.all_below("oneOf")?,
            ..Logic::default()
        };
        if self.draft >= Draft::Draft7 {
            logic.condition = self.below("if")?;
        }
        if logic.condition.is_some() {
            logic.then = self.below("then")?;
            logic.otherwise = self.below("else")?;
        }
        Ok(Some(Box::new(logic)))
    }

    fn object(&mut self) -> Result<Option<Box<ObjectRules>>, SchemaError> {
        let known = [
            "minProperties",
            "maxProperties",
            "required",
            "dependencies",
            "dependentRequired",
            "dependentSchemas",
            "properties",
            "patternProperties",
            "additionalProperties",
            "propertyNames",
            "unevaluatedProperties",
        ];
        if !self.has_any(&known) {
            return Ok(None);
        }
        let mut rules = ObjectRules {
            min: self.limit("minProperties"),
            max: self.limit("maxProperties"),
            required: self.map.get("required").map(names).unwrap_or_default(),
            properties: self.named_below("properties")?,
            additional: self.rest("additionalProperties")?,
            ..ObjectRules::default()
        };
        rules.properties.sort_by(|a, b| a.0.cmp(&b.0));
        for (pattern, id) in self.named_below("patternProperties")? {
            let regex = self.regex("patternProperties", &pattern)?;
            rules.patterns.push((regex, id));
        }
        for entry in self.entries("dependencies") {
            let name = key(&entry.0);
            match entry.1.as_seq() {
                Some(_) => rules.dependent_required.push((name, names(&entry.1))),
                None => {
                    let pointer = format!("{}/dependencies/{}", self.pointer, escape(&name));
                    let id = self.compiler.enqueue(self.document, pointer)?;
                    rules.dependent_schemas.push((name, id));
                }
            }
        }
        if self.draft >= Draft::Draft6 {
            rules.names = self.below("propertyNames")?;
        }
        if self.draft >= Draft::Draft2019 {
            rules
                .dependent_schemas
                .extend(self.named_below("dependentSchemas")?);
            for (name, value) in self.entries("dependentRequired") {
                rules.dependent_required.push((key(&name), names(&value)));
            }
            rules.unevaluated = self.below("unevaluatedProperties")?;
        }
        Ok(Some(Box::new(rules)))
    }

    fn array(&mut self) -> Result<Option<Box<ArrayRules>>, SchemaError> {
        let known = [
            "minItems",
            "maxItems",
            "uniqueItems",
            "items",
            "prefixItems",
            "contains",
            "unevaluatedItems",
        ];
        if !self.has_any(&known) {
            return Ok(None);
        }
        let mut rules = ArrayRules {
            min: self.limit("minItems"),
            max: self.limit("maxItems"),
            unique: self.is_true("uniqueItems"),
            ..ArrayRules::default()
        };
        if self.draft >= Draft::Draft2020 {
            rules.prefix = self.all_below("prefixItems")?;
            rules.rest = self.below("items")?.map(Rest::Schema);
        } else if self
            .map
            .get("items")
            .is_some_and(|items| items.as_seq().is_some())
        {
            rules.prefix = self.all_below("items")?;
            rules.rest = self.rest("additionalItems")?;
        } else {
            rules.rest = self.below("items")?.map(Rest::Schema);
        }
        if self.draft >= Draft::Draft6
            && let Some(schema) = self.below("contains")?
        {
            let counts = self.draft >= Draft::Draft2019;
            rules.contains = Some(Contains {
                schema,
                min: self.limit("minContains").filter(|_| counts),
                max: self.limit("maxContains").filter(|_| counts),
                evaluates: self.draft >= Draft::Draft2020,
            });
        }
        if self.draft >= Draft::Draft2019 {
            rules.unevaluated = self.below("unevaluatedItems")?;
        }
        Ok(Some(Box::new(rules)))
    }

    fn text_rules(&mut self) -> Result<Option<Box<TextRules>>, SchemaError> {
        if !self.has_any(&["minLength", "maxLength", "pattern"]) {
            return Ok(None);
        }
        let pattern = match self.text("pattern") {
            Some(pattern) => Some((self.regex("pattern", pattern)?, pattern.to_owned())),
            None => None,
        };
        Ok(Some(Box::new(TextRules {
            min: self.limit("minLength"),
            max: self.limit("maxLength"),
            pattern,
        })))
    }

    fn number_rules(&self) -> Option<Box<NumberRules>> {
        let known = [
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ];
        if !self.has_any(&known) {
            return None;
        }
        let mut rules = NumberRules {
            minimum: self.number("minimum"),
            maximum: self.number("maximum"),
            exclusive_minimum: self.number("exclusiveMinimum"),
            exclusive_maximum: self.number("exclusiveMaximum"),
            multiple_of: self.number("multipleOf"),
        };
        // It said of the other limit that it is not included once.
        if self.is_true("exclusiveMinimum") {
            rules.exclusive_minimum = rules.minimum.take();
        }
        if self.is_true("exclusiveMaximum") {
            rules.exclusive_maximum = rules.maximum.take();
        }
        Some(Box::new(rules))
    }

    fn has_any(&self, keywords: &[&str]) -> bool {
        let mut given = self.map.iter();
        given.any(|entry| entry.key.text().is_some_and(|key| keywords.contains(&key)))
    }

    fn text(&self, keyword: &str) -> Option<&'_ str> {
        self.map.get(keyword)?.as_str()
    }

    fn is_true(&self, keyword: &str) -> bool {
        let value = self.map.get(keyword).map(Json::of);
        matches!(value, Some(Json::Boolean(true)))
    }

    fn number(&self, keyword: &str) -> Option<Decimal> {
        match Json::of(self.map.get(keyword)?) {
            Json::Number(_) => Decimal::parse(self.map.get(keyword)?.text()?),
            _ => None,
        }
    }

    fn limit(&self, keyword: &str) -> Option<i64> {
        self.number(keyword)?.as_limit()
    }

    fn regex(&self, keyword: &str, pattern: &str) -> Result<Regex, SchemaError> {
        regexp::compile(pattern).map_err(|error| {
            let pointer = format!("{}/{keyword}", self.pointer);
            let location = self.compiler.documents[self.document].location(&pointer);
            SchemaError::Refused(format!(
                "invalid regex {pattern:?} at {location:?}: {error}"
            ))
        })
    }

    fn reference(&mut self, keyword: &str) -> Result<Option<Id>, SchemaError> {
        let Some(reference) = self.text(keyword) else {
            return Ok(None);
        };
        let reference = reference.to_owned();
        let document = &self.compiler.documents[self.document];
        let base = document.resource(self.pointer).1.url();
        let location = Location::join(base, &reference).ok_or_else(|| {
            SchemaError::Refused(format!(
                "error in parsing {reference:?}: invalid URL escape"
            ))
        })?;
        if let Some(pointer) = document.resolve(&location) {
            return self.compiler.enqueue(self.document, pointer?).map(Some);
        }
        let document = self.compiler.document(&location.url)?;
        let root = Location {
            url: self.compiler.documents[document].url.clone(),
            fragment: location.fragment,
        };
        match self.compiler.documents[document].resolve(&root) {
            Some(pointer) => self.compiler.enqueue(document, pointer?).map(Some),
            None => Ok(None),
        }
    }

    fn below(&mut self, keyword: &str) -> Result<Option<Id>, SchemaError> {
        if self.map.get(keyword).is_none() {
            return Ok(None);
        }
        let pointer = format!("{}/{keyword}", self.pointer);
        self.compiler.enqueue(self.document, pointer).map(Some)
    }

    fn all_below(&mut self, keyword: &str) -> Result<Vec<Id>, SchemaError> {
        let items = self.map.get(keyword).and_then(Node::as_seq);
        let count = items.map_or(0, |items| items.len());
        let mut ids = Vec::with_capacity(count);
        for i in 0..count {
            let pointer = format!("{}/{keyword}/{i}", self.pointer);
            ids.push(self.compiler.enqueue(self.document, pointer)?);
        }
        Ok(ids)
    }

    /// The entries of a keyword whose value is an object.
    fn entries(&self, keyword: &str) -> Vec<(Node, Node)> {
        let map = self.map.get(keyword).and_then(Node::as_map);
        let entries = map.into_iter().flatten();
        entries.map(|e| (e.key.clone(), e.value.clone())).collect()
    }

    fn named_below(&mut self, keyword: &str) -> Result<Vec<(SmolStr, Id)>, SchemaError> {
        let mut found = Vec::new();
        for (name, _) in self.entries(keyword) {
            let name = key(&name);
            let pointer = format!("{}/{keyword}/{}", self.pointer, escape(&name));
            found.push((name, self.compiler.enqueue(self.document, pointer)?));
        }
        Ok(found)
    }

    fn rest(&mut self, keyword: &str) -> Result<Option<Rest>, SchemaError> {
        match self.map.get(keyword).map(Json::of) {
            Some(Json::Boolean(value)) => Ok(Some(Rest::Free(value))),
            _ => Ok(self.below(keyword)?.map(Rest::Schema)),
        }
    }
}

/// The texts of a list.
fn names(node: &Node) -> Vec<SmolStr> {
    let items = node.as_seq().into_iter().flatten();
    items.filter_map(Node::as_str).map(SmolStr::from).collect()
}
