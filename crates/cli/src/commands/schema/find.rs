//! Finds a kind, and a field of it, by what the user wrote.

use tidegate_schema::{Catalog, Kind, SchemaRef};
use tidegate_source::nearest;

use crate::commands::Failure;

/// A field of a kind.
pub(super) struct Field<'c> {
    pub(super) kind: &'c Kind,
    /// The names that lead to it; none for the object itself.
    pub(super) path: Vec<String>,
    pub(super) schema: SchemaRef<'c>,
    /// Whether what has it must have it.
    pub(super) required: bool,
}

/// What `KIND`, `KIND.path` or `GROUP/VERSION/KIND.path` names.
pub(super) fn field<'c>(catalog: &'c Catalog, text: &str) -> Result<Field<'c>, Failure> {
    let (version, rest) = match text.rsplit_once('/') {
        Some((version, rest)) => (Some(version), rest),
        None => (None, text),
    };
    let mut names = rest.split('.');
    let name = names.next().unwrap_or_default();
    let kind = kind(catalog, version, name)?;
    let mut field = Field {
        kind,
        path: Vec::new(),
        schema: kind.schema().root(),
        required: false,
    };
    for name in names {
        let name = name.split('[').next().unwrap_or_default();
        field = step(field, name)?;
    }
    Ok(field)
}

/// A field below another. Items of lists have no name of their own.
fn step<'c>(field: Field<'c>, name: &str) -> Result<Field<'c>, Failure> {
    let schema = within(field.schema);
    let required = schema.node().required.iter().any(|one| one == name);
    let Some(below) = schema.property(name).or_else(|| schema.additional()) else {
        let known = schema.node().properties.iter();
        let known = known.map(|(name, _)| name.as_str());
        let of = shown(field.kind, &field.path);
        let failure = Failure::new(format!("{of} has no field `{name}`"));
        return Err(match nearest(name, known) {
            Some(near) => failure.with_help(format!("did you mean `{of}.{near}`?")),
            None => failure.with_help(format!("its fields: tidegate schema show {of}")),
        });
    };
    let mut path = field.path;
    path.push(name.to_owned());
    Ok(Field {
        path,
        schema: below,
        required,
        ..field
    })
}

/// What fields are of: of a list its items.
pub(super) fn within(schema: SchemaRef<'_>) -> SchemaRef<'_> {
    let mut schema = schema;
    while let Some(items) = schema.items() {
        schema = items;
    }
    schema
}

/// A kind and a path, as they are written.
pub(super) fn shown(kind: &Kind, path: &[String]) -> String {
    let mut text = kind.name.to_string();
    for name in path {
        text.push('.');
        text.push_str(name);
    }
    text
}

fn kind<'c>(catalog: &'c Catalog, version: Option<&str>, name: &str) -> Result<&'c Kind, Failure> {
    let of_version = |kind: &&Kind| version.is_none_or(|version| kind.api_version() == version);
    let named = catalog.served().filter(of_version);
    let mut kinds: Vec<&Kind> = named
        .filter(|kind| kind.name.eq_ignore_ascii_case(name))
        .collect();
    kinds.sort_by(|a, b| (&a.group, rank(b)).cmp(&(&b.group, rank(a))));
    let Some(first) = kinds.first() else {
        let mut names: Vec<&str> = catalog.served().map(|kind| kind.name.as_str()).collect();
        names.sort_unstable();
        let of = version.map_or_else(String::new, |version| format!(" in {version}"));
        let failure = Failure::new(format!("nothing is known of a kind `{name}`{of}"));
        return Err(match nearest(name, names) {
            Some(near) => failure.with_help(format!("did you mean `{near}`?")),
            None => failure.with_help("`tidegate schema list` lists all kinds"),
        });
    };
    if let Some(other) = kinds.iter().find(|kind| kind.group != first.group) {
        let message = format!(
            "there is a {} in {} and in {}",
            first.name,
            first.api_version(),
            other.api_version()
        );
        let help = format!("say which: {}/{}", first.api_version(), first.name);
        return Err(Failure::new(message).with_help(help));
    }
    Ok(first)
}

/// What orders the versions of a kind: stable ones before betas, these before alphas, new ones last.
fn rank(kind: &Kind) -> (u8, u32, u32) {
    let version = kind.version.trim_start_matches('v');
    let (stage, major, minor) = match (version.split_once("alpha"), version.split_once("beta")) {
        (Some((major, minor)), _) => (0, major, minor),
        (_, Some((major, minor))) => (1, major, minor),
        _ => (2, version, ""),
    };
    let number = |text: &str| text.parse().unwrap_or(0);
    (stage, number(major), number(minor))
}
