//! A release as `helm template` prints it.

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;

use super::{Manifest, Printed, split};
use crate::render::{RenderError, RenderErrorKind, Rendered};

/// What is printed of a release.
#[derive(Clone, Copy, Debug, Default)]
pub struct Print<'p> {
    /// CRDs too.
    pub crds: bool,
    /// No hooks.
    pub no_hooks: bool,
    /// No hooks that are tests.
    pub skip_tests: bool,
    /// Only what these templates print: paths from the outermost chart on, without its name, with
    /// the wildcards of Go's `path.Match`. All, where there are none.
    pub only: &'p [String],
}

/// A part of the output.
struct Part<'r> {
    /// The name of the file that it comes from, from the outermost chart on.
    source: &'r str,
    text: Cow<'r, str>,
}

impl Print<'_> {
    /// Whether a hook is printed.
    pub fn prints(&self, hook: &Manifest) -> bool {
        !(self.no_hooks || self.skip_tests && hook.is_test())
    }
}

/// The parts that are printed, in order, each with the path of its file: CRDs, objects and hooks.
pub fn parts(rendered: &Rendered, options: &Print<'_>) -> Vec<(String, String)> {
    let (objects, hooks) = objects_and_hooks(rendered, options);
    let parts = objects.into_iter().chain(hooks);
    parts
        .map(|part| (part.source.to_owned(), part.text.into_owned()))
        .collect()
}

/// What templates printed, whatever it is.
pub fn broken(printed: &[Arc<Printed>]) -> String {
    let mut out = String::new();
    for one in printed.iter().filter(|one| !one.text.trim().is_empty()) {
        push(
            &mut out,
            &Part {
                source: &one.template,
                text: one.text.as_str().into(),
            },
        );
    }
    format!("{}\n", out.trim())
}

fn objects_and_hooks<'r>(
    rendered: &'r Rendered,
    options: &Print<'_>,
) -> (Vec<Part<'r>>, Vec<Part<'r>>) {
    let mut objects = Vec::new();
    if options.crds {
        objects.extend(rendered.crds.iter().map(|crd| Part {
            source: &crd.path,
            text: crd.file.source.text_lossy(),
        }));
    }
    let selected = |manifest: &'r Manifest| Part {
        source: manifest.template(),
        text: manifest.text().into(),
    };
    objects.extend(rendered.manifests.iter().map(selected));
    let hooks = rendered.hooks.iter();
    let hooks = hooks.filter(|hook| options.prints(hook));
    (objects, hooks.map(selected).collect())
}

/// A release as `helm template` prints it, or that there is no template of that name.
///
/// Source: `newTemplateCmd` of `helm.sh/helm/v4/pkg/cmd`.
pub fn print(rendered: &Rendered, options: &Print<'_>) -> Result<String, Box<RenderError>> {
    let (objects, hooks) = objects_and_hooks(rendered, options);
    let mut manifest = String::new();
    for part in &objects {
        push(&mut manifest, part);
    }
    let mut out = manifest.trim().to_owned();
    out.push('\n');
    for part in &hooks {
        push(&mut out, part);
    }
    match options.only {
        [] => Ok(out),
        only => select(&out, only),
    }
}

fn push(out: &mut String, part: &Part<'_>) {
    for text in ["---\n# Source: ", part.source, "\n", &part.text, "\n"] {
        out.push_str(text);
    }
}

/// The documents that come from the templates of these names, in the order of the names.
fn select(text: &str, names: &[String]) -> Result<String, Box<RenderError>> {
    let documents: Vec<(&str, Option<&str>)> = split::documents(text)
        .into_iter()
        .map(|range| (&text[range.clone()], source(&text[range])))
        .collect();
    let mut out = String::new();
    for name in names {
        let pattern = wildcards(name);
        let matches = |path: &str| pattern.as_ref().is_some_and(|regex| regex.is_match(path));
        let mut found = false;
        for (document, path) in &documents {
            if path.is_some_and(matches) {
                found = true;
                push_document(&mut out, document);
            }
        }
        if !found {
            let message = format!("could not find template {name} in chart");
            let error = RenderError::new(RenderErrorKind::Usage, message);
            return Err(Box::new(error));
        }
    }
    Ok(out)
}

fn push_document(out: &mut String, document: &str) {
    for text in ["---\n", document, "\n"] {
        out.push_str(text);
    }
}

/// The path behind the first `# Source: CHART/`.
fn source(document: &str) -> Option<&str> {
    let mut rest = document;
    while let Some((_, behind)) = rest.split_once("# Source: ") {
        // The name of the chart may reach over the end of a line, as it may in Helm.
        let (chart, path) = behind.split_once('/')?;
        let path = path.split('\n').next().unwrap_or(path);
        if !chart.is_empty() && !path.is_empty() {
            return Some(path);
        }
        rest = behind;
    }
    None
}

/// A pattern of Go's `path.Match` as an expression. None where it cannot be read, and then it matches nothing.
fn wildcards(pattern: &str) -> Option<Regex> {
    let mut out = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        match char {
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '\\' => literal(&mut out, chars.next()?),
            '[' => {
                out.push('[');
                let mut next = chars.next()?;
                if next == '^' {
                    out.push('^');
                    next = chars.next()?;
                }
                loop {
                    match next {
                        '\\' => literal(&mut out, chars.next()?),
                        '-' => out.push('-'),
                        char => literal(&mut out, char),
                    }
                    next = chars.next()?;
                    if next == ']' {
                        break;
                    }
                }
                out.push(']');
            }
            char => literal(&mut out, char),
        }
    }
    out.push('$');
    Regex::new(&out).ok()
}

fn literal(out: &mut String, char: char) {
    out.push_str(&regex::escape(char.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_selected_by_the_path_in_their_chart() {
        let text =
            "---\n# Source: a/templates/x.yaml\nx: 1\n\n---\n# Source: a/templates/y.yaml\ny: 1\n";
        let select = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            select(text, &names).map_err(|error| error.message)
        };
        let (x, y) = (
            "---\n# Source: a/templates/x.yaml\nx: 1\n\n\n",
            "---\n# Source: a/templates/y.yaml\ny: 1\n\n",
        );
        assert_eq!(select(&["templates/x.yaml"]).unwrap(), x);
        assert_eq!(
            select(&["templates/[^x].yaml", "*/?.yaml"]).unwrap(),
            format!("{y}{x}{y}")
        );
        assert_eq!(
            select(&["templates/z.yaml"]).unwrap_err(),
            "could not find template templates/z.yaml in chart"
        );
    }
}
