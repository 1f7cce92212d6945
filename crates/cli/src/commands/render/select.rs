//! Which objects are printed.

use tidegate_core::render::{Applied, Applier, ClusterRender};
use tidegate_kustomize::Object;
use tidegate_source::{Subject, nearest};

use crate::commands::Failure;

/// An object that the user asks for, as `KIND/NAMESPACE/NAME`, `KIND/NAME` or `KIND`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Only {
    typed: String,
    kind: String,
    namespace: Option<String>,
    name: Option<String>,
}

impl Only {
    /// Reads what the user typed.
    pub(crate) fn parse(typed: &str) -> Result<Only, String> {
        let parts: Vec<&str> = typed.split('/').collect();
        let (kind, namespace, name) = match parts[..] {
            [kind] => (kind, None, None),
            [kind, name] => (kind, None, Some(name)),
            [kind, namespace, name] => (kind, Some(namespace), Some(name)),
            _ => return Err("write it as KIND/NAMESPACE/NAME, KIND/NAME or KIND".to_owned()),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err("write it as KIND/NAMESPACE/NAME, KIND/NAME or KIND".to_owned());
        }
        Ok(Only {
            typed: typed.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
        })
    }

    /// Whether it is what a subject names.
    pub(crate) fn names(&self, subject: &Subject) -> bool {
        let same =
            |typed: &Option<String>, text: &str| typed.as_ref().is_none_or(|one| one == text);
        self.kind.eq_ignore_ascii_case(&subject.kind)
            && same(&self.namespace, &subject.namespace)
            && same(&self.name, &subject.name)
    }

    fn is(&self, object: &Object) -> bool {
        let same =
            |typed: &Option<String>, text: &str| typed.as_ref().is_none_or(|one| one == text);
        self.kind.eq_ignore_ascii_case(object.kind())
            && same(&self.namespace, object.namespace())
            && same(&self.name, object.name())
    }
}

/// The objects to print, as indexes of what applies them and of its objects. The failure names
/// something that the cluster does not have.
pub(crate) fn selected(
    render: &ClusterRender,
    kustomizations: &[String],
    only: &[Only],
) -> Result<Vec<(usize, usize)>, Failure> {
    for typed in kustomizations {
        if !render
            .applied
            .iter()
            .any(|applied| is_named(applied, typed))
        {
            return Err(no_kustomization(render, typed));
        }
    }
    let wanted = |applied: &Applied| {
        kustomizations.is_empty() || kustomizations.iter().any(|typed| is_named(applied, typed))
    };
    let mut objects = Vec::new();
    let mut found = vec![false; only.len()];
    for (index, applied) in render
        .applied
        .iter()
        .enumerate()
        .filter(|(_, one)| wanted(one))
    {
        for (at, object) in applied.objects().iter().enumerate() {
            let mut is_wanted = only.is_empty();
            for (found, only) in found.iter_mut().zip(only) {
                if only.is(object) {
                    *found = true;
                    is_wanted = true;
                }
            }
            if is_wanted {
                objects.push((index, at));
            }
        }
    }
    match found.iter().position(|found| !found) {
        Some(at) => Err(no_object(render, &only[at])),
        None => Ok(objects),
    }
}

/// `NAMESPACE/NAME` of a Kustomization, with the kind in front for what makes objects; that of an
/// entry which no object speaks of is the one that Flux gives it.
pub(crate) fn name_of(applied: &Applied) -> String {
    match (&applied.by, applied.by.subject()) {
        (Applier::Kustomization(_), Some(one)) => format!("{}/{}", one.namespace, one.name),
        (_, Some(one)) => format!("{}/{}/{}", one.kind, one.namespace, one.name),
        (_, None) => "flux-system/flux-system".to_owned(),
    }
}

/// Whether the user means this one: the namespace may be left out.
pub(crate) fn is_named(applied: &Applied, typed: &str) -> bool {
    let short = || match (&applied.by, applied.by.subject()) {
        (Applier::Kustomization(_), Some(one)) => one.name.clone(),
        (_, Some(one)) => format!("{}/{}", one.kind, one.name),
        (_, None) => "flux-system".to_owned(),
    };
    name_of(applied) == typed || short() == typed
}

fn no_kustomization(render: &ClusterRender, typed: &str) -> Failure {
    let names: Vec<String> = render.applied.iter().map(name_of).collect();
    let short = names.iter().filter_map(|name| name.split('/').nth(1));
    let failure = Failure::new(format!(
        "there is no Kustomization {typed}{}",
        within(render)
    ));
    match nearest(typed, names.iter().map(String::as_str).chain(short)) {
        Some(near) => failure.with_help(format!("did you mean {near}?")),
        None => failure,
    }
}

fn no_object(render: &ClusterRender, only: &Only) -> Failure {
    let failure = Failure::new(format!("there is no {}{}", only.typed, within(render)));
    let known: Vec<String> = render
        .objects()
        .map(|(_, object)| shown(object, only))
        .collect();
    match nearest(&only.typed, known.iter().map(String::as_str)) {
        Some(near) => failure.with_help(format!("did you mean {near}?")),
        None => failure,
    }
}

/// An object, with as many parts as the user typed.
fn shown(object: &Object, only: &Only) -> String {
    let kind = object.kind();
    match (&only.namespace, &only.name) {
        (Some(_), _) => format!("{kind}/{}/{}", object.namespace(), object.name()),
        (None, Some(_)) => format!("{kind}/{}", object.name()),
        (None, None) => kind.to_owned(),
    }
}

fn within(render: &ClusterRender) -> String {
    let cluster = render.cluster.as_ref();
    cluster.map_or_else(String::new, |cluster| format!(" in {cluster}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_with_one_to_three_parts() {
        let parts = |typed| {
            let only = Only::parse(typed).unwrap();
            (only.kind, only.namespace, only.name)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("Secret"), ("Secret".to_owned(), None, None));
        assert_eq!(parts("a/b"), ("a".to_owned(), None, some("b")));
        assert_eq!(parts("a/b/c"), ("a".to_owned(), some("b"), some("c")));
        assert!(Only::parse("a//c").is_err());
        assert!(Only::parse("a/b/c/d").is_err());
    }
}
