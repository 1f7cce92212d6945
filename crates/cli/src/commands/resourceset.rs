use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_core::resource_set::{Given, Step, build};
use tidegate_source::{Location, MemorySystem, Severity, SourceFile, Sources, Span, TreePath};
use tidegate_yaml::{Dialect, Emitted, Node, ParseOptions, Place, emit_go_yaml2, parse};

use crate::args::ResourceSet;
use crate::commands::{Failure, Outcome, written};

pub(crate) fn run(args: &ResourceSet) -> Result<Outcome, Failure> {
    let mut files = Files {
        sources: Sources::new(Arc::new(MemorySystem::new())),
        read: Vec::new(),
    };
    match printed(args, &mut files) {
        Ok(text) => {
            written(io::stdout().lock().write_all(text.as_bytes()))?;
            Ok(Outcome::Clean)
        }
        Err(Stop::Refused { message, span }) => {
            let text = format!("error: {}{message}\n", files.place(span));
            written(io::stderr().lock().write_all(text.as_bytes()))?;
            Ok(Outcome::Refused)
        }
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// Why nothing is printed.
enum Stop {
    /// A file cannot be read.
    Failed(Failure),
    /// What is in a file is refused.
    Refused { message: String, span: Span },
}

fn printed(args: &ResourceSet, files: &mut Files) -> Result<String, Stop> {
    let documents = files.documents(&args.file)?;
    let [resource_set] = documents.as_slice() else {
        return Err(Stop::Refused {
            message: format!(
                "{} has {} documents, where one ResourceSet is wanted",
                args.file.display(),
                documents.len()
            ),
            span: documents
                .get(1)
                .map_or(Span::NONE, |node| node.place.span()),
        });
    };
    let mut given = Given::default();
    if let Some(path) = &args.inputs_from {
        // An empty file is an empty list.
        let nothing = || Node::null(Place::at(Span::NONE));
        let documents = files.documents(path)?;
        given.inputs = Some(documents.into_iter().next().unwrap_or_else(nothing));
    }
    if let Some(path) = &args.inputs_from_provider {
        given.providers = Some(files.documents(path)?);
    }
    let built = build(resource_set, &given, &files.sources).map_err(|error| Stop::Refused {
        message: error.to_string(),
        span: error.span(),
    })?;
    yaml(&built.steps, resource_set)
}

fn yaml(steps: &[Step], resource_set: &Node) -> Result<String, Stop> {
    let mut out = Emitted::default();
    for step in steps {
        if let Some(name) = &step.name {
            out.text.push_str(&format!("# step: {name}\n"));
        }
        for object in &step.objects {
            out.text.push_str("---\n");
            emit_go_yaml2(object, &mut out, false).map_err(|error| Stop::Refused {
                message: format!("the ResourceSet makes an object with {error}"),
                span: resource_set.place.span(),
            })?;
        }
    }
    Ok(out.text)
}

/// The files that were read, by the paths that were typed.
struct Files {
    sources: Sources,
    read: Vec<(PathBuf, Arc<SourceFile>)>,
}

impl Files {
    /// The documents of a file that hold anything.
    fn documents(&mut self, path: &Path) -> Result<Vec<Node>, Stop> {
        let bytes = fs::read(path)
            .map_err(|error| Stop::Failed(Failure::new(format!("{}: {error}", path.display()))))?;
        let file = self.sources.add_file(TreePath::root(), bytes);
        self.read.push((path.to_owned(), Arc::clone(&file)));
        let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
        let mut findings = parsed.findings.into_iter();
        match findings.find(|one| one.severity == Severity::Error) {
            Some(error) => Err(Stop::Refused {
                message: error.message,
                span: match error.primary {
                    Location::Span(span) => span,
                    Location::Path(_) => Span::NONE,
                },
            }),
            None => {
                let documents = parsed.documents.into_iter();
                Ok(documents.filter_map(|document| document.root).collect())
            }
        }
    }

    /// `PATH:LINE:COLUMN: `; nothing for a place in none of them.
    fn place(&self, span: Span) -> String {
        let span = self.sources.real(span);
        let mut files = self.read.iter();
        let found = files.find(|(_, file)| span.is_some() && file.id() == span.file);
        found.map_or_else(String::new, |(path, file)| {
            let at = file.line_col(span.start);
            format!("{}:{}:{}: ", path.display(), at.line, at.column)
        })
    }
}
