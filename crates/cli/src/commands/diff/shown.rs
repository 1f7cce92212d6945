use std::path::PathBuf;
use std::sync::Arc;

use tidegate_core::Catalogs;
use tidegate_core::diff::{
    Change, Danger, DangerKind, FieldChange, InClusters, ObjectChange, Segment, Side,
    VariableChange, path_text,
};
use tidegate_core::render::{ClusterRender, SecretValues};
use tidegate_source::{Location, Sources, Span, Subject};
use tidegate_yaml::{Emitted, Node, emit_go_yaml2};

use crate::args::Diff as DiffArgs;
use crate::config::Configured;
use crate::place::WorkingFolder;

/// What stands in place of a secret value.
const SECRET: &str = "(secret)";

/// A tree that is compared, as it is rendered.
pub(super) struct Compared {
    pub(super) sources: Arc<Sources>,
    pub(super) configured: Configured,
    pub(super) root: PathBuf,
    pub(super) renders: Vec<ClusterRender>,
    /// The kinds that each of them has.
    pub(super) catalogs: Catalogs,
}

impl Compared {
    /// What a cluster applies, by its name.
    pub(super) fn side(&self, cluster: Option<&str>) -> Option<Side<'_>> {
        let mut renders = self.renders.iter();
        let index = renders.position(|one| one.cluster.as_deref() == cluster)?;
        Some(Side {
            render: &self.renders[index],
            catalog: self.catalogs.get(self.catalogs.number(index)),
        })
    }
}

/// What was compared, and what came of it.
pub(super) struct Comparison {
    /// What the user calls both sides.
    pub(super) names: (String, String),
    /// The clusters that both sides have.
    pub(super) clusters: Vec<String>,
    pub(super) changes: Vec<InClusters>,
    pub(super) variables: Vec<VariableChange>,
    /// What failed on one side alone, with how many objects have no other side for that reason.
    pub(super) not_compared: Vec<(String, usize)>,
    /// How many charts and the like neither side has.
    pub(super) not_rendered: usize,
    /// Clusters that one side alone has.
    pub(super) only_before: Vec<String>,
    pub(super) only_after: Vec<String>,
    pub(super) secret_before: SecretValues,
    pub(super) secret: SecretValues,
    pub(super) before: Compared,
    /// None where both sides are clusters of one tree.
    pub(super) after: Option<Compared>,
}

/// All that is shown, as text.
pub(super) struct Shown {
    pub(super) names: (String, String),
    pub(super) clusters: Vec<String>,
    pub(super) objects: Vec<ShownObject>,
    pub(super) variables: Vec<ShownVariable>,
    pub(super) not_compared: Vec<(String, usize)>,
    /// How many charts and the like neither side has.
    pub(super) not_rendered: usize,
    pub(super) only_before: Vec<String>,
    pub(super) only_after: Vec<String>,
    /// Whether two clusters are compared, and what one of them alone has is only named.
    pub(super) is_brief: bool,
}

/// An object that changes.
pub(super) struct ShownObject {
    pub(super) change: Change,
    pub(super) subject: Subject,
    /// What it was called before, where it has another name.
    pub(super) was: Option<Subject>,
    /// The clusters, as indices.
    pub(super) clusters: Vec<usize>,
    /// What applies it: before and after.
    pub(super) by: (Option<String>, Option<String>),
    pub(super) at: (Option<String>, Option<String>),
    pub(super) fields: Vec<ShownField>,
    pub(super) dangers: Vec<Danger>,
}

/// A field that differs.
pub(super) struct ShownField {
    pub(super) path: String,
    /// The path of what it is in, and what it is called there.
    pub(super) within: (String, String),
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) at: (Option<String>, Option<String>),
    pub(super) secret: bool,
    pub(super) danger: Option<DangerKind>,
}

/// A variable that differs.
pub(super) struct ShownVariable {
    pub(super) name: Option<String>,
    /// None where it is not defined.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) at: (Option<String>, Option<String>),
    pub(super) fields: usize,
    pub(super) objects: usize,
}

/// How many objects change in which way.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) added: usize,
    pub(super) removed: usize,
    pub(super) changed: usize,
    pub(super) renamed: usize,
    pub(super) moved: usize,
    /// Dangers by kind, the worst first.
    pub(super) dangers: Vec<(DangerKind, usize)>,
}

impl Shown {
    pub(super) fn new(args: &DiffArgs, all: &Comparison, working: &WorkingFolder) -> Shown {
        let after = all.after.as_ref().unwrap_or(&all.before);
        let old = View {
            rendered: &all.before,
            secret: match all.after {
                Some(_) => &all.secret_before,
                None => &all.secret,
            },
            working,
        };
        let new = View {
            rendered: after,
            secret: &all.secret,
            working,
        };
        let wanted = |change: &ObjectChange| {
            let subject = change.subject();
            let is_named =
                args.only.is_empty() || args.only.iter().any(|only| only.names(&subject));
            is_named && (!args.danger_only || !change.dangers.is_empty())
        };
        let changes = all.changes.iter().filter(|one| wanted(&one.change));
        let both = Both { old, new };
        let hidden = args.danger_only || !args.only.is_empty();
        let variables = all.variables.iter().filter(|_| !hidden);
        Shown {
            names: all.names.clone(),
            clusters: all.clusters.clone(),
            objects: changes.map(|one| both.object(one)).collect(),
            variables: variables.map(|one| both.variable(one)).collect(),
            not_compared: all.not_compared.clone(),
            not_rendered: all.not_rendered,
            only_before: all.only_before.clone(),
            only_after: all.only_after.clone(),
            is_brief: all.after.is_none() && !args.all,
        }
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
            && self.variables.is_empty()
            && self.only_before.is_empty()
            && self.only_after.is_empty()
    }

    pub(super) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for object in &self.objects {
            let count = match object.change {
                Change::Added => &mut totals.added,
                Change::Removed => &mut totals.removed,
                Change::Changed => &mut totals.changed,
                Change::Renamed => &mut totals.renamed,
                Change::Moved => &mut totals.moved,
            };
            *count += 1;
        }
        let all = self.objects.iter().flat_map(|object| &object.dangers);
        let all: Vec<DangerKind> = all.map(|danger| danger.kind).collect();
        for kind in DangerKind::ALL {
            let count = all.iter().filter(|one| **one == kind).count();
            if count > 0 {
                totals.dangers.push((kind, count));
            }
        }
        totals
    }
}

impl Totals {
    /// `1 added, 2 changed`
    pub(super) fn words(&self) -> String {
        let parts = [
            (self.added, "added"),
            (self.removed, "removed"),
            (self.changed, "changed"),
            (self.renamed, "renamed"),
            (self.moved, "moved"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match parts.is_empty() {
            true => "no object changes".to_owned(),
            false => parts.join(", "),
        }
    }
}

/// One side, and how its places are shown.
struct View<'a> {
    rendered: &'a Compared,
    secret: &'a SecretValues,
    working: &'a WorkingFolder,
}

impl View<'_> {
    /// Where a node is written; for a map, where its first key is.
    fn at(&self, node: &Node) -> Option<String> {
        let first = node.as_map().and_then(|map| map.iter().next());
        let span = match node.place.span() {
            span if span.is_some() && first.is_none() => span,
            span => first.map_or(span, |entry| entry.key.place.span()),
        };
        self.place(span)
    }

    fn place(&self, span: Span) -> Option<String> {
        let sources = &self.rendered.sources;
        let location = Location::Span(sources.real(span));
        let (path, at) = (location.path(sources)?, location.line_col(sources)?);
        let path = self
            .rendered
            .configured
            .shown(self.working, &self.rendered.root, &path);
        Some(format!("{path}:{}:{}", at.line, at.column))
    }

    fn text(&self, node: &Node) -> String {
        let text = match node.as_scalar() {
            Some(scalar) => scalar.text.to_string(),
            None => {
                let mut emitted = Emitted::default();
                // What cannot be written was refused before it got here.
                let _ = emit_go_yaml2(node, &mut emitted, false);
                emitted.text.trim_end().to_owned()
            }
        };
        self.secret.shown(text)
    }

    /// The text of a definition, and what it defines: `NAME: text` or `NAME=text`.
    fn definition(&self, span: Span) -> (Option<String>, String) {
        let sources = &self.rendered.sources;
        let span = sources.real(span);
        let Some(file) = sources.get(span.file) else {
            return (None, String::new());
        };
        let text = file.text_lossy();
        let value = text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        // A line of an env file is one as a whole.
        let (own_name, value) = match value.split_once('=') {
            Some((name, value)) if !name.is_empty() && name.chars().all(is_part) => {
                (Some(name.to_owned()), value)
            }
            _ => (None, value),
        };
        let value = match file.is_secret() {
            true => SECRET.to_owned(),
            false => self
                .secret
                .shown(value.trim_matches(['"', '\'']).to_owned()),
        };
        let line = text[..span.start as usize]
            .rsplit('\n')
            .next()
            .unwrap_or_default();
        let before = line.trim_end_matches([' ', '"', '\'']);
        let name = before.strip_suffix([':', '=']).map(|before| {
            let name = before.trim_end_matches(['"', '\'']);
            name.rsplit(|c: char| !is_part(c))
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        (own_name.or(name).filter(|name| !name.is_empty()), value)
    }
}

struct Both<'a> {
    old: View<'a>,
    new: View<'a>,
}

impl Both<'_> {
    fn object(&self, one: &InClusters) -> ShownObject {
        let change = &one.change;
        let side = |view: &View<'_>, node: &Option<(Node, usize)>| {
            node.as_ref()
                .and_then(|(node, _)| view.at(node.get("metadata").unwrap_or(node)))
        };
        ShownObject {
            change: change.change,
            subject: self.subject(change.subject()),
            was: change
                .was()
                .filter(|_| change.change == Change::Renamed)
                .map(|was| self.subject(was)),
            clusters: one.clusters.clone(),
            by: change.by.clone(),
            at: (
                side(&self.old, &change.before),
                side(&self.new, &change.after),
            ),
            fields: change
                .fields
                .iter()
                .map(|field| self.field(field, change))
                .collect(),
            dangers: change
                .dangers
                .iter()
                .map(|danger| self.danger(danger))
                .collect(),
        }
    }

    fn shown(&self, text: String) -> String {
        self.new.secret.shown(self.old.secret.shown(text))
    }

    fn path(&self, path: &[Segment]) -> String {
        self.shown(path_text(path))
    }

    fn name(&self, segment: &Segment) -> String {
        self.shown(match segment {
            Segment::Key(key) => key.to_string(),
            Segment::Item(keys) => {
                let values: Vec<&str> = keys.iter().map(|(_, value)| value.as_str()).collect();
                values.join("/")
            }
            Segment::Index(index) => index.to_string(),
        })
    }

    /// A danger without secret values in it.
    fn danger(&self, danger: &Danger) -> Danger {
        Danger {
            message: self.shown(danger.message.clone()),
            ..danger.clone()
        }
    }

    fn subject(&self, mut subject: Subject) -> Subject {
        for text in [&mut subject.namespace, &mut subject.name] {
            *text = self.shown(std::mem::take(text));
        }
        subject
    }

    fn field(&self, field: &FieldChange, change: &ObjectChange) -> ShownField {
        let text = |view: &View<'_>, node: &Node| match field.secret {
            true => SECRET.to_owned(),
            false => view.text(node),
        };
        let danger = change
            .dangers
            .iter()
            .find(|danger| danger.path == field.path);
        ShownField {
            path: self.path(&field.path),
            within: match field.path.split_last() {
                Some((last, above)) => (self.path(above), self.name(last)),
                None => Default::default(),
            },
            before: field.before.as_ref().map(|node| text(&self.old, node)),
            after: field.after.as_ref().map(|node| text(&self.new, node)),
            at: (
                field.before.as_ref().and_then(|node| self.old.at(node)),
                field.after.as_ref().and_then(|node| self.new.at(node)),
            ),
            secret: field.secret,
            danger: danger.map(|danger| danger.kind),
        }
    }

    fn variable(&self, one: &VariableChange) -> ShownVariable {
        let (old, new) = (
            one.before.map(|span| self.old.definition(span)),
            one.after.map(|span| self.new.definition(span)),
        );
        let name = |definition: &Option<(Option<String>, String)>| definition.as_ref()?.0.clone();
        ShownVariable {
            name: name(&new).or(name(&old)),
            before: old.map(|(_, value)| value),
            after: new.map(|(_, value)| value),
            at: (
                one.before.and_then(|span| self.old.place(span)),
                one.after.and_then(|span| self.new.place(span)),
            ),
            fields: one.fields,
            objects: one.objects.len(),
        }
    }
}
