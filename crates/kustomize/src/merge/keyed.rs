//! Lists whose items are merged: items are the same when their merge keys are.
//!
//! What kustomize makes of items without keys is odd (they can push out others). Such lists take a
//! second, slower way that goes through the same motions as kustomize does.

use std::borrow::Cow;

use tidegate_yaml::{Node, Seq};

use super::{
    DIRECTIVE, FEW, Index, Kept, MergeError, MergeResult, Merged, Merger, Problem, directive_of,
    text_of, without_directive, words,
};
use crate::schema::{Known, ListShape};

/// The values of the merge keys of an item.
type Values<'a> = Vec<&'a str>;

/// The items of both lists, changed in place as the merge goes on.
struct Items {
    nodes: Vec<Node>,
    /// The items of the target, by index in `nodes`.
    target: Vec<usize>,
    /// Those of the patch.
    patch: Vec<usize>,
    /// Whether both are one list.
    merges_with_itself: bool,
    /// Whether an item is no longer what it was, or has gone.
    changed: bool,
}

impl Items {
    fn new(target: Option<&Seq>, patch: Option<&Seq>) -> Items {
        let old = target.map_or(0, Seq::len);
        let new = patch.map_or(0, Seq::len);
        let nodes = target.into_iter().chain(patch).flatten().cloned().collect();
        let patch: Vec<usize> = (old..old + new).collect();
        Items {
            nodes,
            target: match target {
                Some(_) => (0..old).collect(),
                None => patch.clone(),
            },
            patch,
            merges_with_itself: target.is_none(),
            changed: false,
        }
    }

    /// Takes the directive out of an item that was looked at: its keys may lead to it again.
    fn drop_directive(&mut self, id: usize) {
        if let Some(map) = self.nodes[id].as_map()
            && map
                .get(DIRECTIVE)
                .is_some_and(|value| directive_of(value).is_some())
        {
            self.nodes[id] = without_directive(&self.nodes[id], map);
        }
    }
}

impl<'a> Merger<'a> {
    /// Merges two lists. With a list of the patch alone, it is merged with itself, as kustomize
    /// does with what a patch adds. `node` is the list that gives the result its place.
    pub(super) fn keyed(
        &self,
        node: &Node,
        target: Option<&Seq>,
        patch: Option<&Seq>,
        shape: &'a ListShape,
    ) -> MergeResult<Kept> {
        let lists: Vec<&Seq> = target.into_iter().chain(patch).collect();
        let keys: Vec<&str> = shape.keys.iter().map(Cow::as_ref).collect();
        let types = self.schema.items(shape);

        let has_key = |key: &&str| {
            let mut items = lists.iter().flat_map(|list| list.iter());
            items.any(|item| !value_of(item, key).is_empty())
        };
        let used: Vec<&str> = keys.iter().copied().filter(has_key).collect();
        let regular = if keys.is_empty() {
            lists.iter().flat_map(|list| list.iter()).all(|item| {
                item.as_scalar().is_some() && !item.is_null() && !text_of(item).is_empty()
            })
        } else {
            !used.is_empty()
                && lists
                    .iter()
                    .flat_map(|list| list.iter())
                    .all(|item| used.iter().all(|key| !value_of(item, key).is_empty()))
        };

        if let (true, None, Some(items)) = (regular, patch, target)
            && all_differ(items, &used)
        {
            return self.each_item(node, items, types);
        }
        let mut items = Items::new(target, patch);
        if items.nodes.is_empty() {
            return Ok(Kept::Same);
        }
        let order = if regular {
            self.regular(&mut items, &used, types)?
        } else {
            self.irregular(&mut items, &keys, types)?
        };
        // A list of the patch alone has the same items as its target.
        if !items.changed && order == items.target {
            return Ok(Kept::Same);
        }
        let nodes = order.iter().map(|id| items.nodes[*id].clone());
        Ok(Kept::Changed(Node::seq(
            nodes.collect(),
            node.place.clone(),
        )))
    }

    /// Looks into the items of a list that has none twice and that no patch mentions.
    fn each_item(&self, node: &Node, items: &Seq, known: Option<Known<'a>>) -> MergeResult<Kept> {
        let mut changed: Option<Vec<Node>> = None;
        for (index, item) in items.iter().enumerate() {
            let kept = self.keep(item, known)?;
            if let (Kept::Changed(_) | Kept::Gone, None) = (&kept, &changed) {
                changed = Some(items.iter().take(index).cloned().collect());
            }
            let Some(nodes) = &mut changed else {
                continue;
            };
            match kept {
                Kept::Same => nodes.push(item.clone()),
                Kept::Changed(item) => nodes.push(item),
                Kept::Gone => {}
            }
        }
        Ok(match changed {
            Some(nodes) => Kept::Changed(Node::seq(nodes, node.place.clone())),
            None => Kept::Same,
        })
    }

    /// Merges the items that both lists have and looks into the others. None when it goes.
    fn item(
        &self,
        items: &mut Items,
        target: Option<usize>,
        patch: Option<usize>,
        known: Option<Known<'a>>,
    ) -> MergeResult<Option<usize>> {
        let place = |items: &mut Items, at: usize, kept: Kept| match kept {
            Kept::Same => Some(at),
            Kept::Changed(node) => {
                items.nodes[at] = node;
                items.changed = true;
                Some(at)
            }
            Kept::Gone => None,
        };
        let kept = match (target, patch) {
            (None, None) => return Ok(None),
            (Some(old), None) => {
                let kept = if items.nodes[old].is_null() {
                    Kept::Gone
                } else {
                    self.keep(&items.nodes[old], known)?
                };
                place(items, old, kept)
            }
            (Some(old), Some(new)) if old != new && !items.nodes[old].is_null() => {
                let merged = self.merge(&items.nodes[old], &items.nodes[new], known)?;
                items.drop_directive(new);
                match merged {
                    Merged::Gone => None,
                    Merged::Target(node) => place(items, old, Kept::Changed(node)),
                    Merged::Patch(node) => place(items, new, Kept::Changed(node)),
                }
            }
            (old, Some(new)) => {
                let kept = self.adopt(&items.nodes[new], known, old != Some(new))?;
                items.drop_directive(new);
                place(items, new, kept)
            }
        };
        Ok(kept.filter(|id| !is_empty_map(&items.nodes[*id])))
    }

    /// Lists where each item has all keys that any has: each step finds its item in an index.
    fn regular(
        &self,
        items: &mut Items,
        keys: &[&str],
        known: Option<Known<'a>>,
    ) -> MergeResult<Vec<usize>> {
        // The keys do not change while items are merged, but the items are written to.
        let nodes = items.nodes.clone();
        let values = |id: usize| values_of(&nodes[id], keys);
        let distinct = |ids: &[usize]| -> Index<Values<'_>, usize> {
            let mut first = Index::default();
            for id in ids {
                first.entry(values(*id)).or_insert(*id);
            }
            first
        };
        let target = distinct(&items.target);
        let patch = distinct(&items.patch);
        let mut order: Vec<Option<usize>> = Vec::new();
        let mut at: Index<Values<'_>, usize> = Index::default();
        let mut seen: Index<Values<'_>, ()> = Index::default();
        for id in items.patch.clone().into_iter().chain(items.target.clone()) {
            let values = values(id);
            if seen.insert(values.clone(), ()).is_some() {
                continue;
            }
            let old = target.get(&values).copied();
            let new = patch.get(&values).copied();
            if let Some(id) = self.item(items, old, new, known)? {
                at.insert(values, order.len());
                order.push(Some(id));
            }
        }
        // Then the target's items are set again, each in its place: what a patch item replaced
        // comes back, and of repeated items the last one stays.
        for id in items.target.clone() {
            let values = values(id);
            let Some(position) = at.get_mut(&values) else {
                continue;
            };
            if keys.len() > 1 {
                order[*position] = None;
                *position = order.len();
                order.push(Some(id));
            } else {
                order[*position] = Some(id);
            }
        }
        Ok(order.into_iter().flatten().collect())
    }

    /// Lists with items that lack keys.
    fn irregular(
        &self,
        items: &mut Items,
        keys: &[&str],
        known: Option<Known<'a>>,
    ) -> MergeResult<Vec<usize>> {
        let keys = if keys.is_empty() { &[""][..] } else { keys };
        let nodes = items.nodes.clone();
        let mut tuples: Vec<Vec<&str>> = Vec::new();
        let mut seen: Index<Vec<&str>, ()> = Index::default();
        for id in items.patch.iter().chain(&items.target) {
            let values: Vec<&str> = keys
                .iter()
                .map(|key| match *key {
                    "" => text_of(&nodes[*id]),
                    key => value_of(&nodes[*id], key),
                })
                .collect();
            if seen.insert(values.clone(), ()).is_none() {
                tuples.push(values);
            }
        }
        unite(&mut tuples);

        let used: Vec<bool> = (0..keys.len())
            .map(|at| tuples.iter().any(|values| !values[at].is_empty()))
            .collect();
        let any = used.contains(&true);
        let chosen = |at: &usize| !any || used[*at];
        let positions: Vec<usize> = (0..keys.len()).filter(chosen).collect();
        let keys: Vec<&str> = positions.iter().map(|at| keys[*at]).collect();

        let mut order: Vec<usize> = Vec::new();
        for tuple in &tuples {
            let values: Vec<&str> = positions.iter().map(|at| tuple[*at]).collect();
            let old = find(&items.nodes, &items.target, &keys, &values);
            let new = find(&items.nodes, &items.patch, &keys, &values);
            match self.item(items, old, new, known)? {
                None => {
                    set(&items.nodes, &mut items.target, None, &keys, &values)?;
                    items.changed = true;
                    if items.merges_with_itself {
                        items.patch.clone_from(&items.target);
                    }
                }
                Some(id) => set(&items.nodes, &mut order, Some(id), &keys, &values)?,
            }
        }
        for id in &items.target {
            set_again(&items.nodes, &mut order, *id, &keys)?;
        }
        Ok(order)
    }
}

/// Sets an item of the target among those that were merged.
fn set_again(nodes: &[Node], order: &mut Vec<usize>, id: usize, keys: &[&str]) -> MergeResult<()> {
    let item = &nodes[id];
    if keys == [""] {
        return set(nodes, order, Some(id), keys, &[text_of(item)]);
    }
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        match field(item, key)? {
            Some(value) => values.push(text_of(value)),
            None => order.push(id),
        }
    }
    if keys.len() > 1 {
        set(nodes, order, None, keys, &values)?;
    }
    set(nodes, order, Some(id), keys, &values)
}

/// Puts `element` in the place of the items with these values, or behind all others; none takes
/// them out. Empty items go, and without any value all others do.
fn set(
    nodes: &[Node],
    list: &mut Vec<usize>,
    element: Option<usize>,
    keys: &[&str],
    values: &[&str],
) -> MergeResult<()> {
    let sets_a_map = keys.first() != Some(&"") && values.first().is_some_and(|v| !v.is_empty());
    let mut matched = false;
    let mut kept = Vec::with_capacity(list.len() + 1);
    for id in list.drain(..) {
        let item = &nodes[id];
        if item.is_null() || is_empty_map(item) {
            continue;
        }
        if item.as_map().is_none() && sets_a_map {
            kept.push(id);
        } else if has_values(item, keys, values)? {
            matched = true;
            kept.extend(element);
        } else if !values.is_empty() {
            kept.push(id);
        }
    }
    *list = kept;
    if !matched
        && let Some(id) = element
        && !nodes[id].is_null()
    {
        list.push(id);
    }
    Ok(())
}

/// Whether an item has a value for each key; an empty one fits any, and keys beyond the values fit
/// when the last one did.
fn has_values(item: &Node, keys: &[&str], values: &[&str]) -> MergeResult<bool> {
    let mut found = false;
    for (at, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(at) {
            found = match field(item, key)? {
                Some(own) if key.is_empty() => text_of(own) == *value,
                Some(own) => value.is_empty() || text_of(own) == *value,
                None => false,
            };
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(found)
}

/// The field of an item; the item itself for no key.
fn field<'a>(item: &'a Node, key: &str) -> MergeResult<Option<&'a Node>> {
    if item.is_null() {
        return Ok(None);
    }
    let wanted = match key {
        "" if item.as_scalar().is_some() => return Ok(Some(item)),
        "" => "a scalar",
        _ if item.as_map().is_some() => return Ok(item.get(key)),
        _ => "a map",
    };
    let found = words(item);
    Err(MergeError::new(Problem::Item { found, wanted }, item, None))
}

/// The first item with these values. Empty values are left out, unless all are empty.
fn find(nodes: &[Node], list: &[usize], keys: &[&str], values: &[&str]) -> Option<usize> {
    let empty = values.iter().all(|value| value.is_empty());
    let fits = |item: &Node| {
        keys.iter().zip(values).all(|(key, value)| match *key {
            "" => text_of(item) == *value,
            _ if value.is_empty() && !empty => true,
            key => item.get(key).is_some_and(|own| text_of(own) == *value),
        })
    };
    list.iter().copied().find(|id| fits(&nodes[*id]))
}

/// Makes one of those that differ only in values that are missing: each gets what the other has.
fn unite(tuples: &mut [Vec<&str>]) {
    let keyed = tuples.iter().all(|values| !values[0].is_empty());
    let mut groups: Index<&str, Vec<usize>> = Index::default();
    for (at, values) in tuples.iter().enumerate() {
        // With a first key everywhere, only those that share it can be one.
        let group = if keyed { values[0] } else { "" };
        groups.entry(group).or_default().push(at);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort_unstable();
    for group in groups {
        for i in &group {
            let first = tuples[*i].clone();
            for j in &group {
                if let Some(united) = united(&first, &tuples[*j]) {
                    tuples[*i].clone_from(&united);
                    tuples[*j] = united;
                }
            }
        }
    }
}

fn united<'a>(a: &[&'a str], b: &[&'a str]) -> Option<Vec<&'a str>> {
    let pairs = || a.iter().zip(b);
    let fit = pairs().all(|(a, b)| a == b || a.is_empty() || b.is_empty());
    let share = pairs().any(|(a, b)| a == b);
    (fit && share).then(|| {
        pairs()
            .map(|(a, b)| if a.is_empty() { *b } else { *a })
            .collect()
    })
}

fn is_empty_map(node: &Node) -> bool {
    node.as_map().is_some_and(|map| map.is_empty())
}

/// The text of a merge key; empty where it is missing or holds nothing.
fn value_of<'a>(item: &'a Node, key: &str) -> &'a str {
    item.get(key)
        .filter(|value| !value.is_null())
        .map_or("", text_of)
}

/// The texts of the merge keys; of the item itself where there are none.
fn values_of<'a>(item: &'a Node, keys: &[&str]) -> Values<'a> {
    match keys {
        [] => vec![text_of(item)],
        keys => keys.iter().map(|key| value_of(item, key)).collect(),
    }
}

/// Whether no two items have the same merge keys.
fn all_differ(items: &Seq, keys: &[&str]) -> bool {
    if items.len() <= FEW {
        let same = |a: &Node, b: &Node| match keys {
            [] => text_of(a) == text_of(b),
            keys => keys.iter().all(|key| value_of(a, key) == value_of(b, key)),
        };
        let twin = |(at, item): (usize, &Node)| items.iter().skip(at + 1).any(|b| same(item, b));
        return !items.iter().enumerate().any(twin);
    }
    let mut seen: Index<Values<'_>, ()> = Index::default();
    let mut items = items.iter();
    items.all(|item| seen.insert(values_of(item, keys), ()).is_none())
}
