//! The keys that a schema names.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::compiled::{Id, Rest, Schema};

/// Whether a schema names each key of a path among its `properties`; an index is below any list.
pub(super) fn names(schemas: &[Schema], path: &[SmolStr]) -> bool {
    let mut open = BTreeSet::from([Id(0)]);
    for key in path {
        let mut below = BTreeSet::new();
        for id in all(schemas, open) {
            let schema = &schemas[id.0 as usize];
            let object = schema.object.as_deref();
            below.extend(object.and_then(|rules| rules.property(key)));
            let rest = schema.array.as_deref().and_then(|rules| rules.rest);
            match rest {
                Some(Rest::Schema(id)) if key.parse::<usize>().is_ok() => below.extend([id]),
                _ => {}
            }
        }
        if below.is_empty() {
            return false;
        }
        open = below;
    }
    true
}

/// These and all that go for the same value.
fn all(schemas: &[Schema], start: BTreeSet<Id>) -> BTreeSet<Id> {
    let mut open: Vec<Id> = start.into_iter().collect();
    let mut all = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !all.insert(id) {
            continue;
        }
        let schema = &schemas[id.0 as usize];
        open.extend(schema.reference);
        if let Some(logic) = &schema.logic {
            for list in [&logic.all_of, &logic.any_of, &logic.one_of] {
                open.extend(list);
            }
            open.extend([logic.then, logic.otherwise].into_iter().flatten());
        }
    }
    all
}
