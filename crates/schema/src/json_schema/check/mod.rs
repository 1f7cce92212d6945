//! Values held against schemas.

mod collections;
mod logic;
mod scalars;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};
use tidegate_yaml::Node;

use super::compile::{canonical, shown};
use super::compiled::{Id, Schema};
use super::draft::Draft;
use super::failure::{Failure, Reason, escape, pointer};
use super::instance::{Json, Types, key};

/// Schemas apply within one another at most this deep: their chain is on the stack.
const DEEPEST: u32 = 200;

/// So many schemas are applied in one check; what needs more is given up.
const MOST_STEPS: u32 = 1_000_000;

/// So many failures are told of.
const MOST_FAILURES: u32 = 10_000;

/// A failure; none where nobody wants to know more than that there is one.
type Fault = Option<Box<Failure>>;

/// What is known of the schema of schemas when a schema is what is checked.
pub(super) struct MetaSchema<'m> {
    /// The drafts of what has a `$id` and `$schema` of its own, by pointer.
    pub(super) inner: FxHashMap<String, Draft>,
    /// Where the schema of schemas of each draft is.
    pub(super) roots: &'m [(Draft, Id)],
}

/// One check.
pub(super) struct Checker<'s> {
    schemas: &'s [Schema],
    meta: Option<MetaSchema<'s>>,
    path: Vec<SmolStr>,
    steps: u32,
    failures: u32,
}

/// A schema that is being applied, and what led to it.
#[derive(Clone, Copy)]
struct Scope<'p> {
    id: Id,
    parent: Option<&'p Scope<'p>>,
    /// The keyword that led here, where it was a reference.
    keyword: Option<&'static str>,
    /// Differs for different values.
    value: u32,
    depth: u32,
    /// Whether only the verdict counts.
    quiet: bool,
    /// The schema of schemas in force.
    meta: Option<Id>,
}

/// What no schema has said anything of, where it is asked for.
#[derive(Default)]
struct Unevaluated {
    keys: BTreeSet<SmolStr>,
    items: BTreeSet<usize>,
}

impl Unevaluated {
    fn of(value: &Json<'_>, schema: &Schema, wanted: bool) -> Unevaluated {
        let mut all = Unevaluated::default();
        match value {
            Json::Object(map) => {
                let asks = schema
                    .object
                    .as_ref()
                    .is_some_and(|r| r.unevaluated.is_some());
                if (wanted || asks) && !schema.evaluates_all_keys() {
                    all.keys = map.iter().map(|entry| key(&entry.key)).collect();
                }
            }
            Json::Array(items) => {
                let rules = schema.array.as_deref();
                let asks = rules.is_some_and(|rules| rules.unevaluated.is_some());
                let rest = rules.is_some_and(|rules| rules.rest.is_some());
                if (wanted || asks) && !rest {
                    let prefix = rules.map_or(0, |rules| rules.prefix.len());
                    all.items = (prefix..items.len()).collect();
                }
            }
            _ => {}
        }
        all
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.items.is_empty()
    }

    fn merge(&mut self, other: &Unevaluated) {
        self.keys.retain(|key| other.keys.contains(key));
        self.items.retain(|item| other.items.contains(item));
    }
}

/// One schema applied to one value.
struct Application<'p> {
    node: &'p Node,
    scope: Scope<'p>,
    unevaluated: Unevaluated,
    faults: Vec<Fault>,
}

impl Application<'_> {
    /// Whether there is no need to go on.
    fn is_settled(&self) -> bool {
        self.scope.quiet && !self.faults.is_empty()
    }
}

impl<'s> Checker<'s> {
    pub(super) fn new(schemas: &'s [Schema], meta: Option<MetaSchema<'s>>) -> Checker<'s> {
        Checker {
            schemas,
            meta,
            path: Vec::new(),
            steps: 0,
            failures: 0,
        }
    }

    /// Holds a value against a schema; the error has what failed.
    pub(super) fn run(&mut self, root: Id, node: &Node) -> Result<(), Vec<Failure>> {
        let meta = self.meta.as_ref().map(|_| root);
        self.run_within(root, node, 0, meta)
    }

    fn run_within(
        &mut self,
        root: Id,
        node: &Node,
        depth: u32,
        meta: Option<Id>,
    ) -> Result<(), Vec<Failure>> {
        let scope = Scope {
            id: root,
            parent: None,
            keyword: None,
            value: 0,
            depth,
            quiet: false,
            meta,
        };
        match self.apply(node, scope, false) {
            Ok(_) => Ok(()),
            Err(fault) => Err(match fault.map(|failure| *failure) {
                Some(failure) if matches!(failure.reason, Reason::Group) => failure.causes,
                Some(failure) => vec![failure],
                None => Vec::new(),
            }),
        }
    }

    /// A failure of the value itself.
    fn fault(&mut self, cx: &Application<'_>, reason: Reason, causes: Vec<Fault>) -> Fault {
        let told = self.failures < MOST_FAILURES || !causes.is_empty();
        if cx.scope.quiet || !told {
            return None;
        }
        self.failures += 1;
        Some(Box::new(Failure {
            path: self.path.clone(),
            place: cx.node.place.clone(),
            reason,
            causes: causes.into_iter().flatten().map(|one| *one).collect(),
        }))
    }

    fn schema(&self, id: Id) -> &'s Schema {
        &self.schemas[id.0 as usize]
    }

    fn apply(&mut self, node: &Node, scope: Scope<'_>, wanted: bool) -> Result<Unevaluated, Fault> {
        let schema = self.schema(scope.id);
        let value = Json::of(node);
        let mut cx = Application {
            node,
            scope,
            unevaluated: Unevaluated::of(&value, schema, wanted),
            faults: Vec::new(),
        };
        self.steps += 1;
        if scope.depth > DEEPEST || self.steps > MOST_STEPS {
            return Err(self.fault(&cx, Reason::Limits, Vec::new()));
        }
        match schema.always {
            Some(true) => return Ok(cx.unevaluated),
            Some(false) => return Err(self.fault(&cx, Reason::False, Vec::new())),
            None => {}
        }
        if matches!(value, Json::Opaque) {
            return Ok(cx.unevaluated);
        }
        if let Some(reason) = self.cycle(&scope).or_else(|| mismatch(schema, &value)) {
            return Err(self.fault(&cx, reason, Vec::new()));
        }
        if let Some(id) = schema.reference {
            let found = self.follow(&mut cx, id, "$ref");
            if schema.draft < Draft::Draft2019 {
                return found.map(|()| cx.unevaluated);
            }
            cx.faults.extend(found.err());
        }
        match &value {
            Json::Object(map) => {
                if let Some(rules) = &schema.object {
                    self.object(&mut cx, rules, map);
                }
            }
            Json::Array(items) => {
                if let Some(rules) = &schema.array {
                    self.array(&mut cx, rules, items);
                }
            }
            Json::Text(text) => {
                if let Some(rules) = &schema.text {
                    self.text(&mut cx, rules, text);
                }
            }
            Json::Number(number) => {
                if let Some(rules) = &schema.number {
                    self.number(&mut cx, rules, number);
                }
            }
            _ => {}
        }
        if !cx.is_settled() {
            self.late_references(&mut cx, schema);
            if let Some(logic) = &schema.logic {
                self.logic(&mut cx, logic);
            }
            self.unevaluated(&mut cx, schema, &value);
        }
        match cx.faults.len() {
            0 => Ok(cx.unevaluated),
            1 => Err(cx.faults.pop().flatten()),
            _ => {
                let causes = std::mem::take(&mut cx.faults);
                Err(self.fault(&cx, Reason::Group, causes))
            }
        }
    }

    /// Another schema applied to the same value.
    fn same(
        &mut self,
        cx: &mut Application<'_>,
        id: Id,
        keyword: Option<&'static str>,
        quiet: bool,
    ) -> Result<(), Fault> {
        let parent = cx.scope;
        let scope = self.enter(Scope {
            id,
            parent: Some(&parent),
            keyword,
            value: parent.value,
            depth: parent.depth + 1,
            quiet: parent.quiet || quiet,
            meta: parent.meta,
        });
        let wanted = !cx.unevaluated.is_empty();
        let evaluated = self.apply(cx.node, scope, wanted)?;
        cx.unevaluated.merge(&evaluated);
        Ok(())
    }

    /// A schema applied to a value below.
    fn below(
        &mut self,
        cx: &Application<'_>,
        id: Id,
        node: &Node,
        step: SmolStr,
    ) -> Result<(), Fault> {
        self.path.push(step);
        let scope = self.enter(Scope {
            id,
            parent: Some(&cx.scope),
            keyword: None,
            value: cx.scope.value + 1,
            depth: cx.scope.depth + 1,
            quiet: cx.scope.quiet,
            meta: cx.scope.meta,
        });
        let result = self.apply(node, scope, false);
        self.path.pop();
        result.map(|_| ())
    }

    /// A schema within a schema may be of another draft than the one around it.
    fn enter<'p>(&self, scope: Scope<'p>) -> Scope<'p> {
        let Some(meta) = &self.meta else {
            return scope;
        };
        if scope.meta != Some(scope.id) || meta.inner.is_empty() {
            return scope;
        }
        let draft = meta.inner.get(&pointer(&self.path));
        let root = draft.and_then(|draft| meta.roots.iter().find(|(known, _)| known == draft));
        match root {
            Some((_, id)) => Scope {
                id: *id,
                meta: Some(*id),
                ..scope
            },
            None => scope,
        }
    }

    fn follow(
        &mut self,
        cx: &mut Application<'_>,
        id: Id,
        keyword: &'static str,
    ) -> Result<(), Fault> {
        self.same(cx, id, Some(keyword), false).map_err(|fault| {
            let causes = match fault.map(|failure| *failure) {
                Some(failure) if matches!(failure.reason, Reason::Group) => failure.causes,
                Some(failure) => vec![failure],
                None => Vec::new(),
            };
            let causes = causes.into_iter().map(|one| Some(Box::new(one))).collect();
            self.fault(cx, Reason::Reference, causes)
        })
    }

    /// A schema that is applied to a value while it is being applied to it.
    fn cycle(&self, scope: &Scope<'_>) -> Option<Reason> {
        let mut earlier = scope.parent;
        while let Some(one) = earlier.filter(|one| one.value == scope.value) {
            if one.id == scope.id {
                return Some(Reason::Cycle {
                    keywords: [self.keywords(scope), self.keywords(one)],
                    url: self.schema(scope.id).location.clone(),
                });
            }
            earlier = one.parent;
        }
        None
    }

    /// The keywords that lead from the root to where a schema is applied.
    fn keywords(&self, scope: &Scope<'_>) -> String {
        let mut steps = Vec::new();
        let mut scope = scope;
        while let Some(parent) = scope.parent {
            steps.push(match scope.keyword {
                Some(keyword) => format!("/{}", escape(keyword)),
                None => {
                    let at = &self.schema(scope.id).location;
                    let below = at.strip_prefix(self.schema(parent.id).location.as_str());
                    below.unwrap_or_default().to_owned()
                }
            });
            scope = parent;
        }
        steps.reverse();
        steps.concat()
    }

    fn late_references(&mut self, cx: &mut Application<'_>, schema: &Schema) {
        if let Some(first) = schema.recursive_ref {
            let mut id = first;
            if self.schema(first).recursive_anchor {
                let mut scope = Some(&cx.scope);
                while let Some(one) = scope {
                    let resource = self.schema(one.id).resource;
                    if self.schema(resource).recursive_anchor {
                        id = one.id;
                    }
                    scope = one.parent;
                }
            }
            let found = self.follow(cx, id, "$recursiveRef");
            cx.faults.extend(found.err());
        }
        if let Some((first, anchor)) = &schema.dynamic_ref {
            let mut id = *first;
            let named = self.schema(id).dynamic_anchor.as_ref();
            if let Some(anchor) = anchor.as_ref().filter(|anchor| named == Some(anchor)) {
                let mut scope = Some(&cx.scope);
                while let Some(one) = scope {
                    let resource = self.schema(self.schema(one.id).resource);
                    let mut known = resource.dynamic_anchors.iter();
                    if let Some((_, found)) = known.find(|(name, _)| name == anchor) {
                        id = *found;
                    }
                    scope = one.parent;
                }
            }
            let found = self.follow(cx, id, "$dynamicRef");
            cx.faults.extend(found.err());
        }
    }

    fn unevaluated(&mut self, cx: &mut Application<'_>, schema: &Schema, value: &Json<'_>) {
        match value {
            Json::Object(map) => {
                let Some(id) = schema.object.as_ref().and_then(|rules| rules.unevaluated) else {
                    return;
                };
                let keys = std::mem::take(&mut cx.unevaluated.keys);
                for entry in *map {
                    let name = key(&entry.key);
                    if keys.contains(&name) {
                        let found = self.below(cx, id, &entry.value, name);
                        cx.faults.extend(found.err());
                    }
                }
            }
            Json::Array(items) => {
                let Some(id) = schema.array.as_ref().and_then(|rules| rules.unevaluated) else {
                    return;
                };
                for i in std::mem::take(&mut cx.unevaluated.items) {
                    let found = self.below(cx, id, &items[i], format_smolstr!("{i}"));
                    cx.faults.extend(found.err());
                }
            }
            _ => {}
        }
    }
}

/// Why a value is not what `type`, `const`, `enum` and `format` ask for: what comes after these is not
/// looked at then.
fn mismatch(schema: &Schema, value: &Json<'_>) -> Option<Reason> {
    let got = value.type_of();
    if got.is_empty() {
        return Some(Reason::Infinite);
    }
    if !schema.types.is_empty() && !schema.types.has(got) {
        let whole = matches!(value, Json::Number(number) if number.is_integer());
        if !(whole && schema.types.has(Types::INTEGER)) {
            let want = schema.types;
            return Some(Reason::Type { got, want });
        }
    }
    if let Some(constant) = &schema.constant
        && !value.equals(&Json::of(constant))
    {
        return Some(Reason::Const(shown(constant)));
    }
    if let Some(choices) = &schema.choices
        && !(choices.types.has(got) && choices.known.contains(&canonical(value)))
    {
        return Some(Reason::Enum(choices.shown.clone()));
    }
    let (format, name) = schema.format.as_ref()?;
    let Json::Text(text) = value else {
        return None;
    };
    let problem = format.check(text).err()?;
    Some(Reason::Format {
        got: text.to_string(),
        want: name.clone(),
        problem,
    })
}
