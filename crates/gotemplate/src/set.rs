//! Named templates that can call one another.

use std::sync::Arc;

use tidegate_source::{FileId, Span};
use tidegate_yaml::SmolStr;

use crate::ast::Tree;
use crate::error::Error;
use crate::exec::{Host, Limits, Session};
use crate::functions::Functions;
use crate::origin::{Origin, Origins};
use crate::parse::{Input, Trees, parse};
use crate::text::Piece;
use crate::value::Value;

/// What a map gives for a key that it has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// Nothing, printed as `<no value>`.
    #[default]
    Default,
    /// The zero value of the type of its values.
    Zero,
    /// An error.
    Error,
}

/// How templates are read and executed.
#[derive(Clone, Debug)]
pub struct Options {
    /// The delimiters, `{{` and `}}` by default.
    pub delims: (SmolStr, SmolStr),
    /// Keys that maps have not.
    pub missing_key: MissingKey,
    /// The name of the template that all others are associated with, which texts of `tpl` get too:
    /// errors name it.
    pub root: SmolStr,
    /// `<no value>` is taken out of the output and of what `tpl` gives, whoever wrote it, as Helm does.
    pub hide_no_value: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            delims: ("{{".into(), "}}".into()),
            missing_key: MissingKey::Default,
            root: "gotpl".into(),
            hide_no_value: false,
        }
    }
}

/// A text that was read: the templates in it. It can be added to any set with the same functions and delimiters.
#[derive(Clone, Debug)]
pub struct Parsed(Arc<Trees>);

impl Parsed {
    /// The names of its templates, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(SmolStr::as_str)
    }
}

/// Templates by their names. It is read once and executed any number of times, on any threads.
#[derive(Debug)]
pub struct Set {
    trees: Trees,
    functions: Arc<Functions>,
    options: Options,
}

/// What a template printed.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The bytes.
    pub text: Vec<u8>,
    /// Where they came from. Empty where no track was kept.
    pub pieces: Vec<Piece>,
    /// The functions that were called whose result is not the same each time, each once.
    pub not_deterministic: Vec<&'static str>,
    /// The keys that were looked up and not found, each once for a map and a place. Empty where no track
    /// was kept.
    pub missing: Vec<Missing>,
}

/// A key that a map has not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Missing {
    /// The map.
    pub map: Origin,
    /// The key.
    pub key: SmolStr,
    /// The action that looked it up.
    pub template: Span,
}

impl Set {
    /// An empty set.
    pub fn new(functions: Arc<Functions>, options: Options) -> Set {
        Set {
            trees: Trees::default(),
            functions,
            options,
        }
    }

    /// Reads a text: it becomes a template, and so does each `define` and `block` in it. A name that is
    /// there already is replaced, unless the new template is empty.
    ///
    /// `file` is the file of the file table whose text it is, [`FileId::NONE`] for none: spans then
    /// lead nowhere.
    pub fn parse(&mut self, name: &str, text: &[u8], file: FileId) -> Result<(), Box<Error>> {
        let parsed = self.parsed(name, text, file)?;
        self.add(&parsed);
        Ok(())
    }

    /// Reads a text as [`Set::parse`] does, but does not add it.
    pub fn parsed(&self, name: &str, text: &[u8], file: FileId) -> Result<Parsed, Box<Error>> {
        let trees = self.read(name, text.into(), file)?;
        Ok(Parsed(Arc::new(trees)))
    }

    pub(crate) fn read(
        &self,
        name: &str,
        text: Arc<[u8]>,
        file: FileId,
    ) -> Result<Trees, Box<Error>> {
        let (left, right) = &self.options.delims;
        let or = |delim: &SmolStr, usual: &'static str| match delim.is_empty() {
            true => SmolStr::new_static(usual),
            false => delim.clone(),
        };
        parse(Input {
            name,
            text,
            delims: (or(left, "{{"), or(right, "}}")),
            file,
            functions: &self.functions,
        })
    }

    /// Adds what was read, as [`Set::parse`] does. It must have been read with the functions of this set.
    pub fn add(&mut self, parsed: &Parsed) {
        #[allow(clippy::iter_over_hash_type, reason = "each name is set once")]
        for (name, tree) in parsed.0.iter() {
            if !tree.is_empty() || !self.trees.contains_key(name) {
                self.trees.insert(name.clone(), Arc::clone(tree));
            }
        }
    }

    /// Whether there is a template of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.trees.contains_key(name)
    }

    /// The names of the templates, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.trees.keys().map(SmolStr::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn tree(&self, name: &str) -> Option<&Arc<Tree>> {
        self.trees.get(name)
    }

    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Executes a template with `data` as dot. Values that the template changes with `set` and its like
    /// stay changed, as in Go.
    ///
    /// `origins` is the table that the origins of `data` lead into; the same one must be used for all
    /// templates that see the data.
    pub fn execute(
        &self,
        name: &str,
        data: &Value,
        host: &mut dyn Host,
        origins: &mut Origins,
        limits: &Limits,
    ) -> Result<Output, Box<Error>> {
        self.session(host, origins, limits).execute(name, data)
    }

    /// Executes several templates one after the other, as a chart is rendered.
    pub fn session<'r>(
        &'r self,
        host: &'r mut dyn Host,
        origins: &'r mut Origins,
        limits: &Limits,
    ) -> Session<'r> {
        Session::new(self, host, origins, limits)
    }
}
