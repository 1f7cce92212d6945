//! What the config says of charts.

use tidegate_source::TreePath;

use super::fields::{Fields, Reader};
use super::{Spanned, codes};

/// A chart in the tree that is taken in place of what its source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalChart {
    /// The URL of the source.
    pub source: Spanned<String>,
    /// The name of the chart; none for the chart of an OCIRepository.
    pub chart: Option<String>,
    /// The folder or the archive.
    pub path: Spanned<TreePath>,
}

/// Who one is to a server of charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartLogin {
    /// The URL of the repository.
    pub url: String,
    /// The user.
    pub username: Username,
    /// The environment variable that holds the password.
    pub password_env: String,
    /// Whether the password goes to the servers of the archives too.
    pub pass_credentials: bool,
}

/// A user, or where the name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Username {
    /// The name.
    Written(String),
    /// The environment variable that holds it.
    Variable(String),
}

fn owned(text: Option<Spanned<&str>>) -> Option<Spanned<String>> {
    text.map(|Spanned { value, span }| Spanned {
        value: value.to_owned(),
        span,
    })
}

pub(super) fn charts(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<LocalChart> {
    let mut all = Vec::new();
    for fields in fields.tables(reader, "charts", "`[[charts]]`") {
        let source = owned(fields.text(reader, "source"));
        let chart = fields
            .text(reader, "chart")
            .map(|text| text.value.to_owned());
        let path = fields.tree_path(reader, "path");
        if let (Some(source), Some(path)) = (source, path) {
            all.push(LocalChart {
                source,
                chart,
                path,
            });
        }
    }
    all
}

pub(super) fn chart_logins(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<ChartLogin> {
    let mut all = Vec::new();
    for fields in fields.tables(reader, "chart_logins", "`[[chart_logins]]`") {
        let url = owned(fields.text(reader, "url"));
        let written = owned(fields.text(reader, "username"));
        let variable = owned(fields.text(reader, "username_env"));
        let password = owned(fields.text(reader, "password_env"));
        let pass = fields.bool(reader, "pass_credentials");
        let username = match (written, variable) {
            (Some(written), None) => Username::Written(written.value),
            (None, Some(variable)) => Username::Variable(variable.value),
            _ => {
                let message = "`[[chart_logins]]` needs one of `username` and `username_env`";
                reader.report(codes::INVALID_VALUE, fields.span, message);
                continue;
            }
        };
        if let (Some(url), Some(password)) = (url, password) {
            all.push(ChartLogin {
                url: url.value,
                username,
                password_env: password.value,
                pass_credentials: pass.is_some_and(|pass| pass.value),
            });
        }
    }
    all
}
