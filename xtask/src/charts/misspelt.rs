//! The oracle of the check for values that nothing reads: keys of real values are misspelt, one at a time, and
//! each has to be found, with the right one as the suggestion. What is found without that is listed.

use std::collections::BTreeMap;

use tidegate_core::parallel;
use tidegate_helm::checks::{Unread, unread};
use tidegate_yaml::{Entry, Node, Place, SmolStr, Value};

use super::{Case, Charts};
use crate::Outcome;
use crate::random::Random;
use crate::workspace::{self, Workspace};

/// The share of misspelt keys that have to be found where no parent is passed on as a whole.
const BAR: f64 = 0.95;

/// A key to misspell.
struct Pick {
    case: usize,
    path: Vec<SmolStr>,
    wrong: SmolStr,
}

/// What came of one.
enum Verdict {
    Found {
        suggested: bool,
    },
    /// A map above it is passed on as a whole, or all its keys are looked at.
    Open,
    Missed,
    /// The chart refuses the values.
    Refused,
}

/// Misspells up to `each` keys of the values of each case.
pub(crate) fn run(workspace: &Workspace, each: usize, seed: u64, list: bool) -> Outcome {
    let (charts, cases) = super::open(workspace)?;
    let threads = workspace::threads();
    let baselines = parallel::map(threads, &cases, |case| baseline(&charts, case));
    let mut warned = 0;
    for (case, found) in cases.iter().zip(&baselines) {
        for one in found
            .as_ref()
            .map_or(&[][..], |(_, found)| found.as_slice())
        {
            if !one.is_in_chart || list {
                warned += usize::from(!one.is_in_chart);
                let nearest = one.nearest.as_ref().map(|path| path.join("."));
                println!(
                    "{}: {}{} ({})",
                    case.name,
                    one.path.join("."),
                    if one.is_in_chart {
                        " [in the chart]"
                    } else {
                        ""
                    },
                    nearest.unwrap_or_default()
                );
            }
        }
    }
    println!("{} cases, {warned} values that nothing reads", cases.len());
    let mut random = Random::new(seed);
    let mut picks = Vec::new();
    for (index, found) in baselines.iter().enumerate() {
        let Some((values, _)) = found else {
            continue;
        };
        let mut paths = Vec::new();
        collect(values, &mut Vec::new(), &mut paths);
        random.shuffle(&mut paths);
        for path in paths.into_iter().take(each) {
            if let Some(wrong) = misspell(path.last().map_or("", SmolStr::as_str), &mut random) {
                picks.push(Pick {
                    case: index,
                    path,
                    wrong,
                });
            }
        }
    }
    let verdicts = parallel::map(threads, &picks, |pick| {
        let values = baselines[pick.case].as_ref().map(|(values, _)| values);
        values.map_or(Verdict::Refused, |values| {
            attempt(&charts, &cases[pick.case], values, pick)
        })
    });
    let mut by_chart: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for (pick, verdict) in picks.iter().zip(&verdicts) {
        let case = &cases[pick.case];
        let counts = by_chart.entry(&case.chart).or_default();
        match verdict {
            Verdict::Found { suggested } => {
                counts[0] += 1;
                counts[1] += usize::from(*suggested);
            }
            Verdict::Open => counts[2] += 1,
            Verdict::Missed => counts[3] += 1,
            Verdict::Refused => counts[4] += 1,
        }
        if matches!(verdict, Verdict::Missed) && list {
            println!(
                "missed: {}: {} as {}",
                case.name,
                pick.path.join("."),
                pick.wrong
            );
        }
    }
    let mut total = [0; 5];
    println!(
        "chart: found, with the right suggestion, below what is passed on whole, missed, refused"
    );
    for (chart, counts) in &by_chart {
        println!("  {chart}: {counts:?}");
        for (sum, count) in total.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let [found, suggested, open, missed, refused] = total;
    let share = found as f64 / (found + missed).max(1) as f64;
    println!(
        "{} misspelt keys: {found} found ({:.1} %), {suggested} with the right suggestion, {missed} missed; \
         {open} below what is passed on whole, {refused} refused",
        picks.len(),
        share * 100.0
    );
    match share < BAR {
        true => Err(format!(
            "{:.1} % is below the bar of {} %",
            share * 100.0,
            BAR * 100.0
        )
        .into()),
        false => Ok(()),
    }
}

/// The values of a case, and what nothing reads of them; none where it has no values.
fn baseline(charts: &Charts, case: &Case) -> Option<(Node, Vec<Unread>)> {
    let loaded = charts.chart(case);
    let (_, values) = case.values(&loaded.sources, None).ok()?;
    let rendered = charts.render(case, &values).ok()?;
    let found = unread(
        &loaded.chart,
        &loaded.named,
        &values,
        &rendered,
        &charts.schemas,
    );
    Some((values, found))
}

/// The paths of keys that are in maps below the first level.
fn collect(node: &Node, path: &mut Vec<SmolStr>, paths: &mut Vec<Vec<SmolStr>>) {
    match &node.value {
        Value::Map(map) => {
            for entry in map {
                path.push(entry.key.text().unwrap_or_default().into());
                if path.len() > 1 {
                    paths.push(path.clone());
                }
                collect(&entry.value, path, paths);
                path.pop();
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string().into());
                collect(item, path, paths);
                path.pop();
            }
        }
        Value::Scalar(_) => {}
    }
}

/// A key with two letters swapped, one left out, or one twice.
fn misspell(key: &str, random: &mut Random) -> Option<SmolStr> {
    let mut letters: Vec<char> = key.chars().collect();
    if letters.len() < 4 {
        return None;
    }
    let at = 1 + random.below(letters.len() - 2);
    match random.below(3) {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        _ => letters.insert(at, letters[at]),
    }
    let wrong: String = letters.into_iter().collect();
    (wrong != key).then(|| wrong.into())
}

fn attempt(charts: &Charts, case: &Case, values: &Node, pick: &Pick) -> Verdict {
    let loaded = charts.chart(case);
    let changed = renamed(values, &pick.path, &pick.wrong);
    let Ok(rendered) = charts.render(case, &changed) else {
        return Verdict::Refused;
    };
    let found = unread(
        &loaded.chart,
        &loaded.named,
        &changed,
        &rendered,
        &charts.schemas,
    );
    let mut wrong = pick.path.clone();
    wrong.pop();
    wrong.push(pick.wrong.clone());
    if let Some(one) = found.iter().find(|one| one.path == wrong) {
        let suggested = one.nearest.as_ref() == Some(&pick.path);
        return Verdict::Found { suggested };
    }
    match loaded.named.is_open(&wrong) {
        true => Verdict::Open,
        false => Verdict::Missed,
    }
}

fn renamed(node: &Node, path: &[SmolStr], wrong: &SmolStr) -> Node {
    let Some((first, rest)) = path.split_first() else {
        return node.clone();
    };
    match &node.value {
        Value::Map(map) => {
            let entries = map.iter().map(|entry| {
                let is_it = entry.key.text() == Some(first.as_str());
                match (is_it, rest.is_empty()) {
                    (true, true) => Entry {
                        key: Node::str(wrong.clone(), Place::default()),
                        value: entry.value.clone(),
                    },
                    (true, false) => Entry {
                        key: entry.key.clone(),
                        value: renamed(&entry.value, rest, wrong),
                    },
                    _ => entry.clone(),
                }
            });
            let mut entries: Vec<Entry> = entries.collect();
            // Decoded maps are sorted.
            entries.sort_by(|a, b| a.key.text().cmp(&b.key.text()));
            Node::map(entries, node.place.clone())
        }
        Value::Seq(items) => {
            let items =
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| match index.to_string() == *first {
                        true => renamed(item, rest, wrong),
                        false => item.clone(),
                    });
            Node::seq(items.collect(), node.place.clone())
        }
        Value::Scalar(_) => node.clone(),
    }
}
