use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use tidegate_core::{not_rendered_error, parallel};
use tidegate_kustomize::{self as kustomize, Kustomizer, ObjectFile, Options};
use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{Diagnostic, Sink, Sources, TreePath};
use tidegate_system::{DiskSystem, Links, write_atomically};

use crate::args::{Global, Kustomize, LoadRestrictor, Reorder};
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::place::WorkingFolder;
use crate::terminal::{Stream, drawing};

pub(crate) fn run(args: &Kustomize, global: &Global) -> Result<Outcome, Failure> {
    let working = working_folder()?;
    let output = Output::new(args, &working)?;
    let is_remote = |folder: &&PathBuf| folder.to_str().is_some_and(kustomize::is_remote);
    if let Some(remote) = args.folders.iter().find(is_remote) {
        return refuse_remote(remote);
    }
    // As with kustomize, a path may lead anywhere on the disk.
    let root = Path::new("/");
    let system = DiskSystem::new(root, Links::Followed)
        .map_err(|error| Failure::new(format!("{}: {error}", root.display())))?;
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let kustomizer = Kustomizer::new(Arc::clone(&sources), options(args));
    let folders = args.folders.iter().map(|typed| {
        let absolute = working.absolute(typed);
        let path = absolute.to_str().and_then(|path| TreePath::new(path).ok());
        path.ok_or_else(|| Failure::new(format!("{} is not UTF-8", typed.display())))
    });
    let folders = folders.collect::<Result<Vec<TreePath>, Failure>>()?;

    let built = parallel::map(threads(global), &folders, |folder| {
        Rendered::new(&kustomizer, folder, &output)
    });

    let mut sink = Sink::new();
    let mut contents = Vec::with_capacity(built.len());
    for rendered in built {
        sink.extend(rendered.findings);
        contents.push(rendered.content);
    }
    let refused = contents.iter().any(Option::is_none);
    let mut findings = sink.finish(&sources);
    for finding in &mut findings {
        show_relative(finding, &working);
    }
    if !findings.is_empty() {
        let show_path = |path: &TreePath| working.shown_in(root, path);
        let drawing = drawing(Stream::Stderr, global.color);
        let renderer = Renderer::new(Format::Human, drawing, &show_path);
        let mut text = Vec::new();
        let drawn = renderer.write(&findings, &sources, &Summary::default(), &mut text);
        written(drawn.and_then(|()| io::stderr().lock().write_all(&text)))?;
    }
    output.write(&contents)?;
    Ok(match refused {
        true => Outcome::Refused,
        false => Outcome::Clean,
    })
}

fn refuse_remote(remote: &Path) -> Result<Outcome, Failure> {
    let text = format!(
        "error: not rendered: remote resource `{}`\nhelp: tidegate fetches nothing: keep a copy \
         of the folder\n",
        remote.display()
    );
    written(io::stderr().lock().write_all(text.as_bytes()))?;
    Ok(Outcome::Refused)
}

/// Texts name paths as the tree does, which here is the whole disk.
fn show_relative(finding: &mut Diagnostic, working: &WorkingFolder) {
    let labels = finding.labels.iter_mut().map(|label| &mut label.text);
    let steps = finding.trail.iter_mut().map(|step| &mut step.text);
    let texts = [&mut finding.message, &mut finding.note]
        .into_iter()
        .chain(&mut finding.help)
        .chain(labels)
        .chain(steps);
    for text in texts {
        *text = working.shown_in_text(mem::take(text));
    }
}

fn options(args: &Kustomize) -> Options {
    Options {
        load_restrictor: match args.load_restrictor {
            LoadRestrictor::RootOnly => kustomize::LoadRestrictor::RootOnly,
            LoadRestrictor::None => kustomize::LoadRestrictor::None,
        },
        reorder: match args.reorder {
            Reorder::Legacy => kustomize::Reorder::Legacy,
            Reorder::None => kustomize::Reorder::None,
        },
        managed_by_label: args.enable_managedby_label,
    }
}

/// What one folder gave.
struct Rendered {
    /// The output; none where the folder is refused.
    content: Option<Content>,
    findings: Vec<Diagnostic>,
}

enum Content {
    Text(String),
    Objects(Vec<ObjectFile>),
}

impl Rendered {
    fn new(kustomizer: &Kustomizer, folder: &TreePath, output: &Output) -> Rendered {
        let built = kustomizer.build(folder);
        let content = match output {
            Output::Objects { .. } => built.to_files().map(|files| files.map(Content::Objects)),
            _ => built.to_yaml().map(|text| text.map(Content::Text)),
        };
        let mut findings = built.findings;
        let content = match content {
            // Half of what was asked for would be taken for the whole.
            Some(Ok(content)) if built.not_rendered.is_empty() => Some(content),
            Some(Err(unwritable)) => {
                findings.push(*unwritable);
                None
            }
            _ => None,
        };
        findings.extend(built.not_rendered.iter().map(not_rendered_error));
        Rendered { content, findings }
    }
}

/// Where the output goes.
enum Output {
    Stdout,
    File(PathBuf),
    /// A file for each object of the one folder that is built.
    Objects {
        folder: PathBuf,
    },
    /// A file for each folder that was built, in the order of the arguments.
    Files {
        folder: PathBuf,
        names: Vec<String>,
    },
}

impl Output {
    fn new(args: &Kustomize, working: &WorkingFolder) -> Result<Output, Failure> {
        let Some(path) = &args.output else {
            return Ok(Output::Stdout);
        };
        if args.folders.len() <= 1 {
            let path = path.clone();
            return Ok(match path.is_dir() {
                true => Output::Objects { folder: path },
                false => Output::File(path),
            });
        }
        if path.exists() && !path.is_dir() {
            let message = format!("{} is not a folder", path.display());
            return Err(Failure::new(message)
                .with_help("with several DIRs, --output names the folder for their files"));
        }
        let names: Vec<String> = args
            .folders
            .iter()
            .map(|folder| file_name(&working.absolute(folder), working.path()))
            .collect();
        let mut typed: BTreeMap<&str, &Path> = BTreeMap::new();
        for (name, folder) in names.iter().zip(&args.folders) {
            if let Some(other) = typed.insert(name, folder) {
                return Err(Failure::new(format!(
                    "{} and {} would both be written to {name}",
                    other.display(),
                    folder.display()
                )));
            }
        }
        Ok(Output::Files {
            folder: path.clone(),
            names,
        })
    }

    /// Writes what was built; nothing for folders that were refused.
    fn write(&self, contents: &[Option<Content>]) -> Result<(), Failure> {
        let built = || contents.iter().flatten();
        match self {
            Output::Stdout => written(print(built())),
            Output::File(path) => built().try_for_each(|content| content.write(path)),
            Output::Objects { folder } => built().try_for_each(|content| content.write(folder)),
            Output::Files { folder, names } => {
                if built().next().is_some() && !folder.exists() {
                    fs::create_dir(folder).map_err(|error| cannot_write(folder, &error))?;
                }
                for (name, content) in names.iter().zip(contents) {
                    if let Some(content) = content {
                        content.write(&folder.join(name))?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl Content {
    /// Writes the text to the file `path`, or the objects to the folder `path`.
    fn write(&self, path: &Path) -> Result<(), Failure> {
        match self {
            Content::Text(text) => write_file(path, text),
            Content::Objects(files) => files
                .iter()
                .try_for_each(|file| write_file(&path.join(&file.name), &file.text)),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let (text, files) = match self {
            Content::Text(text) => (Some(text.as_str()), &[][..]),
            Content::Objects(files) => (None, files.as_slice()),
        };
        text.into_iter()
            .chain(files.iter().map(|file| file.text.as_str()))
    }
}

fn print<'a>(contents: impl Iterator<Item = &'a Content>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let texts = contents.flat_map(Content::texts);
    for (i, text) in texts.filter(|text| !text.is_empty()).enumerate() {
        if i > 0 {
            out.write_all(b"---\n")?;
        }
        out.write_all(text.as_bytes())?;
    }
    out.flush()
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, text.as_bytes()).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("{} cannot be written: {error}", path.display()))
}

/// The name of the file for a folder: the parts of its path from the current directory down, or
/// from the root of the disk for a folder elsewhere.
fn file_name(folder: &Path, working: &Path) -> String {
    let inside = match folder.strip_prefix(working) {
        Ok(inside) if inside.as_os_str().is_empty() => folder.file_name().map_or(folder, Path::new),
        Ok(inside) => inside,
        Err(_) => folder,
    };
    let parts = inside.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    format!("{}.yaml", parts.collect::<Vec<_>>().join("_"))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_folders() {
        let name = |folder: &str| file_name(Path::new(folder), Path::new("/home/me/tree"));
        assert_eq!(name("/home/me/tree/apps/live"), "apps_live.yaml");
        assert_eq!(name("/home/me/tree"), "tree.yaml");
        assert_eq!(name("/srv/tree/apps"), "srv_tree_apps.yaml");
    }
}
