//! What two environments have is much the same; what one of them alone has is a list of names.

use std::collections::{BTreeMap, BTreeSet};

use tidegate_core::diff::Change;

use super::shown::{Shown, ShownField, ShownObject};

/// Lines of names of one kind.
const MOST_LINES: usize = 3;

/// The objects that are only named, and those that are drawn field by field.
pub(super) fn split(shown: &Shown) -> (Vec<&ShownObject>, Vec<&ShownObject>) {
    let is_named = |object: &&ShownObject| {
        shown.is_brief && matches!(object.change, Change::Added | Change::Removed)
    };
    shown.objects.iter().partition(is_named)
}

/// What one environment alone has: a list of names for each kind, without what comes with another object that
/// it alone has. Lines that tell of a danger are marked.
pub(super) fn only(
    objects: Vec<&ShownObject>,
    change: Change,
    width: usize,
) -> Vec<(bool, String)> {
    let whole: BTreeSet<String> = objects.iter().map(|one| one.subject.to_string()).collect();
    let owner = |object: &ShownObject| match change {
        Change::Added => object.by.1.clone(),
        _ => object.by.0.clone(),
    };
    let mut kinds: BTreeMap<String, (Vec<String>, usize)> = BTreeMap::new();
    let mut dangers = Vec::new();
    for object in &objects {
        let owner = owner(object).filter(|owner| whole.contains(owner));
        match owner.as_deref().and_then(|owner| owner.split_once(' ')) {
            Some((kind, _)) => kinds.entry(kind.to_owned()).or_default().1 += 1,
            None => {
                let subject = object.subject.to_string();
                let name = subject.split_once(' ').map_or(&*subject, |(_, name)| name);
                kinds
                    .entry(object.subject.kind.clone())
                    .or_default()
                    .0
                    .push(name.to_owned());
            }
        }
        dangers.extend(object.dangers.iter().map(|danger| {
            let line = format!("  ! {} {}: {danger}", danger.kind.as_str(), object.subject);
            (true, line.escape_debug().to_string())
        }));
    }
    let lines = kinds.into_iter().flat_map(|(kind, (names, below))| {
        let below = match below {
            0 => String::new(),
            below => format!(", with what they apply ({below})"),
        };
        let head = format!("{} {kind}{below}: ", names.len());
        wrapped(&head, &names, width)
    });
    let mut lines: Vec<(bool, String)> = lines.map(|line| (false, line)).collect();
    lines.extend(dangers);
    lines
}

/// The variables that one environment alone defines: what it is called, and their names.
pub(super) fn variables_of_one(shown: &Shown) -> Vec<(&str, Vec<String>)> {
    let names = |is_own: fn(&(bool, bool)) -> bool| -> Vec<String> {
        let all = shown.variables.iter();
        let own = all.filter(|one| is_own(&(one.before.is_some(), one.after.is_some())));
        own.filter_map(|one| one.name.clone()).collect()
    };
    let (before, after) = (
        names(|sides| *sides == (true, false)),
        names(|sides| *sides == (false, true)),
    );
    let all = [(&*shown.names.0, before), (&*shown.names.1, after)];
    all.into_iter()
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

/// Names on a few lines, the first of which begins with `head`.
pub(super) fn wrapped(head: &str, names: &[String], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = format!("  {head}");
    for (index, name) in names.iter().enumerate() {
        let name = match index + 1 == names.len() {
            true => name.clone(),
            false => format!("{name}, "),
        };
        if line.chars().count() + name.chars().count() > width.max(40) {
            if lines.len() + 1 == MOST_LINES {
                line.push_str(&format!("and {} more", names.len() - index));
                break;
            }
            lines.push(line.trim_end().to_owned());
            line = "      ".to_owned();
        }
        line.push_str(&name);
    }
    lines.push(line);
    lines
}

/// How many fields at the start are alike: all of them in one map or list that one side alone has them in. A
/// few are not worth being put together.
pub(super) fn run(fields: &[ShownField]) -> usize {
    const FEWEST: usize = 4;
    let Some(first) = fields.first() else {
        return 0;
    };
    let is_one_sided = first.before.is_some() != first.after.is_some();
    let alike = |one: &&ShownField| {
        one.within.0 == first.within.0
            && one.danger.is_none()
            && one.before.is_some() == first.before.is_some()
            && one.after.is_some() == first.after.is_some()
    };
    match fields.iter().take_while(alike).count() {
        count if is_one_sided && count >= FEWEST => count,
        _ => 1,
    }
}

/// How long a value is that one side alone has; none for one of a single line.
pub(super) fn size_of_one(field: &ShownField) -> Option<(char, String)> {
    let (mark, text) = match (&field.before, &field.after) {
        (Some(text), None) => ('-', text),
        (None, Some(text)) => ('+', text),
        _ => return None,
    };
    let lines = text.lines().count();
    (lines > 1).then(|| (mark, format!("{lines} lines")))
}
