//! The keywords of objects and arrays.

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};
use tidegate_source::nearest;
use tidegate_yaml::{Map, Node};

use super::{Application, Checker};
use crate::json_schema::compile::canonical;
use crate::json_schema::compiled::{ArrayRules, Id, ObjectRules, Rest};
use crate::json_schema::failure::{Additional, Reason};
use crate::json_schema::instance::{Json, key};

impl Checker<'_> {
    pub(super) fn object(&mut self, cx: &mut Application<'_>, rules: &ObjectRules, map: &Map) {
        self.count(cx, "minProperties", map.len(), rules.min, false);
        self.count(cx, "maxProperties", map.len(), rules.max, true);
        let has = Keys::of(map);
        let missing = has.missing(&rules.required);
        if !missing.is_empty() {
            let fault = self.fault(cx, Reason::Required(missing), Vec::new());
            cx.faults.push(fault);
        }
        if cx.is_settled() {
            return;
        }
        let mut additional = Vec::new();
        for entry in map {
            if cx.is_settled() {
                return;
            }
            let name = key(&entry.key);
            let mut evaluated = false;
            if let Some(id) = rules.property(&name) {
                evaluated = true;
                let found = self.below(cx, id, &entry.value, name.clone());
                cx.faults.extend(found.err());
            }
            for (pattern, id) in &rules.patterns {
                if pattern.is_match(name.as_bytes()) {
                    evaluated = true;
                    let found = self.below(cx, *id, &entry.value, name.clone());
                    cx.faults.extend(found.err());
                }
            }
            match rules.additional.filter(|_| !evaluated) {
                Some(Rest::Free(true)) => evaluated = true,
                Some(Rest::Free(false)) => {
                    evaluated = true;
                    additional.push((name.clone(), entry.key.place.clone()));
                }
                Some(Rest::Schema(id)) => {
                    evaluated = true;
                    let found = self.below(cx, id, &entry.value, name.clone());
                    cx.faults.extend(found.err());
                }
                None => {}
            }
            if evaluated {
                cx.unevaluated.keys.remove(&name);
            }
        }
        if !additional.is_empty() {
            let fault = match cx.scope.quiet {
                true => None,
                false => {
                    let unused = rules.properties.iter().map(|(name, _)| name.as_str());
                    let unused: Vec<&str> = unused.filter(|name| !has.has(name)).collect();
                    let all = additional.into_iter().map(|(key, place)| Additional {
                        nearest: nearest(&key, unused.iter().copied()).map(SmolStr::from),
                        key,
                        place,
                    });
                    let reason = Reason::Additional(all.collect());
                    self.fault(cx, reason, Vec::new())
                }
            };
            cx.faults.push(fault);
        }
        if let Some(id) = rules.names {
            self.property_names(cx, id, map);
        }
        for (property, required) in &rules.dependent_required {
            let missing = match has.has(property) {
                true => has.missing(required),
                false => continue,
            };
            if !missing.is_empty() {
                let property = property.clone();
                let reason = Reason::Dependency { property, missing };
                let fault = self.fault(cx, reason, Vec::new());
                cx.faults.push(fault);
            }
        }
        for (property, id) in &rules.dependent_schemas {
            if has.has(property) {
                let found = self.same(cx, *id, None, false);
                cx.faults.extend(found.err());
            }
        }
    }

    fn property_names(&mut self, cx: &mut Application<'_>, id: Id, map: &Map) {
        for entry in map {
            let name = key(&entry.key);
            let node = Node::str(name.clone(), entry.key.place.clone());
            // A key is checked as a value of its own.
            let path = std::mem::take(&mut self.path);
            let result = self.run_within(id, &node, cx.scope.depth + 1, cx.scope.meta);
            self.path = path;
            if let Err(failures) = result {
                let causes = failures.into_iter().map(|one| Some(Box::new(one)));
                let reason = Reason::PropertyName(name);
                let mut fault = self.fault(cx, reason, causes.collect());
                if let Some(failure) = &mut fault {
                    failure.place = entry.key.place.clone();
                }
                cx.faults.push(fault);
            }
        }
    }

    pub(super) fn array(&mut self, cx: &mut Application<'_>, rules: &ArrayRules, items: &[Node]) {
        self.count(cx, "minItems", items.len(), rules.min, false);
        self.count(cx, "maxItems", items.len(), rules.max, true);
        if rules.unique
            && let Some((first, second)) = duplicates(items)
        {
            let fault = self.fault(cx, Reason::UniqueItems(first, second), Vec::new());
            cx.faults.push(fault);
        }
        for (i, (item, id)) in items.iter().zip(&rules.prefix).enumerate() {
            let found = self.below(cx, *id, item, format_smolstr!("{i}"));
            cx.faults.extend(found.err());
        }
        let known = rules.prefix.len().min(items.len());
        match rules.rest {
            Some(Rest::Free(false)) if known < items.len() => {
                let reason = Reason::AdditionalItems(items.len() - known);
                let fault = self.fault(cx, reason, Vec::new());
                cx.faults.push(fault);
            }
            Some(Rest::Schema(id)) => {
                for (i, item) in items.iter().enumerate().skip(known) {
                    let found = self.below(cx, id, item, format_smolstr!("{i}"));
                    cx.faults.extend(found.err());
                }
            }
            Some(Rest::Free(_)) | None => {}
        }
        let Some(contains) = &rules.contains else {
            return;
        };
        let mut faults = Vec::new();
        let mut matched = Vec::new();
        for (i, item) in items.iter().enumerate() {
            match self.below(cx, contains.schema, item, format_smolstr!("{i}")) {
                Err(fault) => faults.push(fault),
                Ok(()) => {
                    matched.push(i);
                    if contains.evaluates {
                        cx.unevaluated.items.remove(&i);
                    }
                }
            }
        }
        let count = matched.len() as i64;
        let reason = match contains.min {
            Some(want) if count < want => Some(Reason::MinContains {
                matched: matched.clone(),
                want,
            }),
            None if count == 0 => Some(Reason::Contains),
            _ => None,
        };
        if let Some(reason) = reason {
            let fault = self.fault(cx, reason, faults);
            cx.faults.push(fault);
        }
        if let Some(want) = contains.max.filter(|max| count > *max) {
            let reason = Reason::MaxContains { matched, want };
            let fault = self.fault(cx, reason, Vec::new());
            cx.faults.push(fault);
        }
    }
}

/// The keys of an object, for questions.
struct Keys<'n> {
    /// Sorted.
    keys: Vec<SmolStr>,
    map: &'n Map,
}

impl Keys<'_> {
    fn of(map: &Map) -> Keys<'_> {
        let mut keys: Vec<SmolStr> = map.iter().map(|entry| key(&entry.key)).collect();
        keys.sort_unstable();
        Keys { keys, map }
    }

    fn has(&self, name: &str) -> bool {
        !self.map.is_empty()
            && self
                .keys
                .binary_search_by(|key| key.as_str().cmp(name))
                .is_ok()
    }

    fn missing(&self, names: &[SmolStr]) -> Vec<SmolStr> {
        let missing = names.iter().filter(|name| !self.has(name));
        missing.cloned().collect()
    }
}

/// The first two items that are equal.
fn duplicates(items: &[Node]) -> Option<(usize, usize)> {
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    for (i, item) in items.iter().enumerate() {
        let text = canonical(&Json::of(item));
        if let Some(first) = seen.get(&text) {
            return Some((*first, i));
        }
        seen.insert(text, i);
    }
    None
}
