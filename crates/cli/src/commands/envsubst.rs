use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use tidegate_core::envsubst::{Mode, Variables, read_variables, substitute};
use tidegate_source::{MemorySystem, Sources, TreePath};

use crate::args::Envsubst;
use crate::commands::{Failure, Outcome, written};

pub(crate) fn run(args: &Envsubst) -> Result<Outcome, Failure> {
    let mut declared = Variables::default();
    for path in &args.vars_files {
        match read_file(path) {
            Ok(variables) => declared.extend(variables),
            Err(message) => return refuse(&message, None),
        }
    }
    let environment: HashMap<String, Vec<u8>> = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_encoded_bytes())))
        .collect();
    let mut text = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut text)
        .map_err(|error| Failure::new(format!("standard input cannot be read: {error}")))?;

    let value = |name: &str| {
        let from_environment = || environment.get(name).map(Vec::as_slice);
        declared.get(name).or_else(from_environment)
    };
    let mode = match args.strict {
        true => Mode::Strict,
        false => Mode::Lenient,
    };
    match substitute(&text, &value, mode) {
        Ok(substituted) => {
            written(io::stdout().lock().write_all(&substituted.text))?;
            Ok(Outcome::Clean)
        }
        Err(error) => {
            let (line, column) = line_and_column(&text[..error.offset]);
            let message = format!("standard input:{line}:{column}: {error}");
            refuse(&message, error.help())
        }
    }
}

/// The variables of a file, or why there are none.
fn read_file(path: &Path) -> Result<Variables, String> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| format!("{shown}: {error}"))?;
    // Only the name counts here, for what it says of the format; a pipe has one too.
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy();
    let sources = Sources::new(Arc::new(MemorySystem::new().with(&name, bytes)));
    let tree_path = TreePath::new(&name).map_err(|error| format!("{shown}: {error}"))?;
    let file = sources
        .load(&tree_path)
        .map_err(|error| format!("{shown}: {error}"))?;
    read_variables(&file).map_err(|refused| {
        let place = file.line_col(refused.span.start);
        format!("{shown}:{}:{}: {refused}", place.line, place.column)
    })
}

/// Where a text ends: both numbers start at 1, columns count characters.
fn line_and_column(text: &[u8]) -> (usize, usize) {
    let line_start = text.iter().rposition(|&byte| byte == b'\n');
    let last = &text[line_start.map_or(0, |at| at + 1)..];
    let line = text.iter().filter(|&&byte| byte == b'\n').count() + 1;
    (line, String::from_utf8_lossy(last).chars().count() + 1)
}

fn refuse(message: &str, help: Option<String>) -> Result<Outcome, Failure> {
    let help = help.map_or(String::new(), |help| format!("help: {help}\n"));
    let text = format!("error: {message}\n{help}");
    written(io::stderr().lock().write_all(text.as_bytes()))?;
    Ok(Outcome::Refused)
}
