//! Which sub-charts take part.
//!
//! Source: `ProcessDependencies` of `helm.sh/helm/v4/pkg/chart/v2/util`.

use std::collections::BTreeSet;

use tidegate_semver::{Constraints, Version};

use crate::coalesce::Coalescer;
use crate::metadata::Dependency;
use crate::prepare::Member;
use crate::values::{Table, Value};
use crate::{Chart, ChartError};

/// Checks that all dependencies of the outermost chart are there, whatever their versions.
pub(crate) fn check(chart: &Chart) -> Result<(), ChartError> {
    let wanted = chart.metadata.dependencies.iter().flatten();
    let is_there = |name: &str| chart.dependencies.iter().any(|inner| inner.name() == name);
    let missing: Vec<&Dependency> = wanted.filter(|one| !is_there(&one.name)).collect();
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
    Err(ChartError::dependency(format!(
        "an error occurred while checking for chart dependencies. You may need to run 'helm dependency \
         build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
        names.join(", ")
    ))
    .at(first.place.span()))
}

/// Leaves those sub-charts out that a condition or tag excludes, and gives the others their aliases.
pub(crate) fn enable(
    root: &mut Member<'_>,
    values: &Table,
    coalescer: &mut Coalescer,
) -> Result<(), ChartError> {
    enable_below(root, values, "", coalescer)
}

fn enable_below(
    member: &mut Member<'_>,
    given: &Table,
    path: &str,
    coalescer: &mut Coalescer,
) -> Result<(), ChartError> {
    let Some(mut requirements) = member.shared.take() else {
        return Ok(());
    };
    member.dependencies = chosen(&member.dependencies, &mut requirements);
    // Helm's order of work: conditions see the values of charts that will be left out.
    let values = coalescer.budget.copy(given)?;
    coalescer.coalesce(member, &values)?;
    let mut excluded = BTreeSet::new();
    for requirement in &mut requirements {
        requirement.enabled = is_enabled(requirement, &values, path);
        if !requirement.enabled {
            excluded.insert(requirement.name.clone());
        }
    }
    member
        .dependencies
        .retain(|inner| !excluded.contains(&inner.name));
    requirements.retain(|requirement| !excluded.contains(&requirement.name));
    for inner in &mut member.dependencies {
        let path = format!("{path}{}.", inner.name);
        enable_below(inner, &values, &path, coalescer)?;
    }
    member
        .shared
        .replace(Some(requirements).filter(|left| !left.is_empty()));
    Ok(())
}

/// The sub-charts that `Chart.yaml` does not name, and then those that it names, in its order and under
/// their aliases.
fn chosen<'c>(there: &[Member<'c>], requirements: &mut [Dependency]) -> Vec<Member<'c>> {
    let ranges: Vec<Option<Constraints>> = requirements
        .iter()
        .map(|requirement| Constraints::parse(&requirement.version).ok())
        .collect();
    let fits = |inner: &Member<'_>, requirement: &Dependency, range: &Option<Constraints>| {
        inner.name == requirement.name
            && range.as_ref().is_some_and(|range| {
                let version = Version::parse(&inner.chart.metadata.version);
                version.is_ok_and(|version| range.check(&version))
            })
    };
    let is_named = |inner: &Member<'_>| {
        let mut named = requirements.iter().zip(&ranges);
        named.any(|(requirement, range)| fits(inner, requirement, range))
    };
    let unnamed = there.iter().filter(|inner| !is_named(inner));
    let mut chosen: Vec<Member<'c>> = unnamed
        .map(|inner| Member {
            is_plain: false,
            ..inner.clone()
        })
        .collect();
    for (requirement, range) in requirements.iter_mut().zip(&ranges) {
        let found = there.iter().find(|inner| fits(inner, requirement, range));
        let mut found = found.map(Member::named);
        if !requirement.alias.is_empty() {
            requirement.name = requirement.alias.clone();
            if let Some(found) = &mut found {
                found.name = requirement.alias.clone();
            }
        }
        chosen.extend(found);
    }
    chosen
}

/// Whether a dependency takes part. Tags come first; a condition has the last word.
fn is_enabled(requirement: &Dependency, values: &Table, path: &str) -> bool {
    let mut enabled = true;
    if let Some(Value::Map(tags)) = values.get("tags") {
        let set = requirement.tags.iter().filter_map(|tag| tags.get(tag));
        let set: Vec<bool> = set.filter_map(|value| value.as_bool()).collect();
        enabled = set.is_empty() || set.contains(&true);
    }
    let conditions = requirement.condition.trim().split(',');
    for condition in conditions.filter(|condition| !condition.is_empty()) {
        let path = format!("{path}{condition}");
        let value = values.at(path.split('.'));
        if let Some(is_on) = value.and_then(|value| value.as_bool()) {
            return is_on;
        }
    }
    enabled
}
