//! Which variables make a difference to the objects of a build, so that clusters whose other
//! variables differ share what comes of it.

use std::collections::BTreeSet;

use tidegate_source::{Redacted, Span};
use tidegate_yaml::Step;

use crate::render::substitute::form::Form;
use crate::render::variables::Variables;

/// The names that texts may look up; all names, where that cannot be told at a glance.
pub(super) enum Names {
    Some(BTreeSet<String>),
    Any,
}

/// What of variables makes a difference. Where two are equal, so is what comes of both.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Used {
    may_be_more: bool,
    variables: Vec<(String, Option<UsedVariable>)>,
    /// Where variables were looked for, and all of their names: messages about one that is not
    /// defined tell them.
    told: Option<(String, Vec<String>)>,
}

#[derive(PartialEq, Eq)]
struct UsedVariable {
    value: Option<Redacted<Vec<u8>>>,
    span: Span,
    steps: Vec<Step>,
}

impl std::hash::Hash for UsedVariable {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.as_ref().map(Redacted::reveal).hash(state);
        self.span.hash(state);
        self.steps.hash(state);
    }
}

impl Names {
    /// The names in the text of objects.
    pub(super) fn of<'f>(forms: impl Iterator<Item = &'f Form>) -> Names {
        let mut names = BTreeSet::new();
        for form in forms {
            let Form::Text(emitted) = form else { continue };
            for (at, _) in emitted.text.match_indices("${") {
                let rest = &emitted.text[at + 2..];
                let rest = rest.trim_start_matches('#');
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (name, behind) = rest.split_at(end);
                if behind.chars().next().is_some_and(|c| !c.is_ascii()) {
                    return Names::Any;
                }
                names.insert(name.to_owned());
            }
        }
        Names::Some(names)
    }
}

impl Used {
    /// What of `variables` makes a difference to texts with these names.
    pub(super) fn new(names: &Names, variables: &Variables) -> Used {
        let used: Vec<(String, Option<UsedVariable>)> = match names {
            Names::Some(names) => {
                let names = names.iter().map(String::as_str);
                names.map(|name| used(name, variables)).collect()
            }
            Names::Any => variables
                .names()
                .map(|name| used(name, variables))
                .collect(),
        };
        let all_defined = used.iter().all(|(_, variable)| variable.is_some());
        let told = !all_defined || matches!(names, Names::Any);
        Used {
            may_be_more: variables.may_be_more,
            variables: used,
            told: told.then(|| {
                let names = variables.names().map(str::to_owned);
                (variables.to_string(), names.collect())
            }),
        }
    }
}

fn used(name: &str, variables: &Variables) -> (String, Option<UsedVariable>) {
    let variable = variables.get(name).map(|variable| UsedVariable {
        value: variable.value().cloned(),
        span: variable.place.span(),
        steps: variable.place.steps(),
    });
    (name.to_owned(), variable)
}
