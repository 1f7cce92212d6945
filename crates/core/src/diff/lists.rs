//! Lists, compared as the API server merges them: by the keys that tell their items apart, as sets, or
//! in order.

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_schema::{ListType, SchemaRef};
use tidegate_yaml::{Node, Seq, SmolStr, to_json};

use super::fields::{Comparison, Segment};

/// What tells the items of lists apart whose schema is not known.
const USUAL_KEYS: [&str; 3] = ["name", "id", "key"];

/// The product of two lengths up to which the items that both lists have are looked for in order.
const MOST_PAIRS: usize = 1_000_000;

pub(super) fn compare(
    comparison: &mut Comparison<'_>,
    before: &Seq,
    after: &Seq,
    schema: Option<SchemaRef<'_>>,
) {
    let items = schema.and_then(SchemaRef::items);
    let list_type = schema.and_then(|schema| schema.node().list_type);
    match (list_type, schema) {
        (Some(ListType::Set), _) => return as_sets(comparison, before, after),
        (Some(ListType::Map), Some(schema)) => {
            let keys: Vec<&str> = schema
                .node()
                .list_map_keys
                .iter()
                .map(|key| &**key)
                .collect();
            if let (Some(old), Some(new)) =
                (by_keys(before, &keys, items), by_keys(after, &keys, items))
            {
                return keyed(comparison, &keys, &old, &new, items);
            }
        }
        // Without a type the API server replaces lists as a whole; their items have names all the same.
        _ => {
            for key in USUAL_KEYS {
                let keys = [key];
                if let (Some(old), Some(new)) =
                    (by_keys(before, &keys, None), by_keys(after, &keys, None))
                {
                    return keyed(comparison, &keys, &old, &new, items);
                }
            }
        }
    }
    in_order(comparison, before.items(), after.items(), items);
}

/// Items with the values of the keys that tell them apart; none where an item lacks one or two have
/// the same.
fn by_keys<'n>(
    list: &'n Seq,
    keys: &[&str],
    items: Option<SchemaRef<'_>>,
) -> Option<Vec<(Vec<SmolStr>, &'n Node)>> {
    let default = |key: &str| {
        let schema = items?.property(key)?;
        Some(schema.node().default.as_ref()?.text()?.to_owned())
    };
    let mut seen = FxHashSet::default();
    let mut out = Vec::with_capacity(list.len());
    for item in list.iter() {
        let value = |key: &&str| match item.get(key) {
            Some(value) => value.text().map(SmolStr::from),
            None if item.as_map().is_some() && keys.len() > 1 => {
                Some(default(key).unwrap_or_default().into())
            }
            None => None,
        };
        let values: Vec<SmolStr> = keys.iter().map(value).collect::<Option<_>>()?;
        if !seen.insert(values.clone()) {
            return None;
        }
        out.push((values, item));
    }
    Some(out)
}

fn keyed(
    comparison: &mut Comparison<'_>,
    keys: &[&str],
    before: &[(Vec<SmolStr>, &Node)],
    after: &[(Vec<SmolStr>, &Node)],
    items: Option<SchemaRef<'_>>,
) {
    let segment = |values: &[SmolStr]| {
        let pairs = keys
            .iter()
            .zip(values)
            .filter(|(_, value)| !value.is_empty());
        Segment::Item(
            pairs
                .map(|(key, value)| ((*key).into(), value.clone()))
                .collect(),
        )
    };
    let new: FxHashMap<&[SmolStr], &Node> = after
        .iter()
        .map(|(values, item)| (values.as_slice(), *item))
        .collect();
    for (values, item) in before {
        comparison.within(segment(values), |this| match new.get(values.as_slice()) {
            Some(twin) => this.compare(item, twin, items),
            None => this.change(Some(item), None),
        });
    }
    let old: FxHashSet<&[SmolStr]> = before.iter().map(|(values, _)| values.as_slice()).collect();
    for (values, item) in after {
        if !old.contains(values.as_slice()) {
            comparison.within(segment(values), |this| this.change(None, Some(item)));
        }
    }
}

/// The order does not count.
fn as_sets(comparison: &mut Comparison<'_>, before: &Seq, after: &Seq) {
    let (old, new) = (texts(before.items()), texts(after.items()));
    let (known, kept): (FxHashSet<&String>, FxHashSet<&String>) =
        (old.iter().collect(), new.iter().collect());
    for (index, item) in before.iter().enumerate() {
        if !kept.contains(&old[index]) {
            comparison.within(Segment::Index(index), |this| this.change(Some(item), None));
        }
    }
    for (index, item) in after.iter().enumerate() {
        if !known.contains(&new[index]) {
            comparison.within(Segment::Index(index), |this| this.change(None, Some(item)));
        }
    }
}

/// Items as texts that are equal where their values are.
fn texts(items: &[Node]) -> Vec<String> {
    // What is no JSON was refused before it got here.
    items
        .iter()
        .map(|item| to_json(item).unwrap_or_default())
        .collect()
}

fn in_order(
    comparison: &mut Comparison<'_>,
    before: &[Node],
    after: &[Node],
    items: Option<SchemaRef<'_>>,
) {
    let same = |(a, b): &(&Node, &Node)| a.same_value(b);
    let head = before.iter().zip(after).take_while(same).count();
    let rest = (&before[head..], &after[head..]);
    let tail = (rest.0.iter().rev())
        .zip(rest.1.iter().rev())
        .take_while(same)
        .count();
    let old = &rest.0[..rest.0.len() - tail];
    let new = &rest.1[..rest.1.len() - tail];
    let steps = match old.len() == new.len() || old.len() * new.len() > MOST_PAIRS {
        true => Vec::new(),
        false => common(&texts(old), &texts(new)),
    };
    // What lies between two items that both have was replaced, one for one as far as that goes.
    let (mut i, mut j) = (0, 0);
    for (a, b) in steps.into_iter().chain([(old.len(), new.len())]) {
        while i < a || j < b {
            match (old[..a].get(i), new[..b].get(j)) {
                (Some(x), Some(y)) => {
                    comparison.within(Segment::Index(head + i), |this| this.compare(x, y, items))
                }
                (Some(x), None) => {
                    comparison.within(Segment::Index(head + i), |this| this.change(Some(x), None));
                }
                (None, y) => {
                    comparison.within(Segment::Index(head + j), |this| this.change(None, y));
                }
            }
            i = (i + 1).min(a);
            j = (j + 1).min(b);
        }
        (i, j) = (a + 1, b + 1);
    }
}

/// A longest list of items that both have in the same order, as pairs of indices.
fn common(before: &[String], after: &[String]) -> Vec<(usize, usize)> {
    let (rows, columns) = (before.len(), after.len());
    let width = columns + 1;
    let mut lengths = vec![0u32; (rows + 1) * width];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            lengths[i * width + j] = match before[i] == after[j] {
                true => lengths[(i + 1) * width + j + 1] + 1,
                false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < rows && j < columns {
        if before[i] == after[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
