//! Single values set by path, as `--set` and its like do, and the `targetPath` of a HelmRelease:
//! `a.b[0]=text,c={1,2}`.
//!
//! Source: `helm.sh/helm/v4/pkg/strvals`. Where a line ends too early it does less than it says, or
//! nothing, without an error; so it does here.

mod json;

use std::fmt;

use tidegate_yaml::{Node, Place, ScalarKind, Style};

use crate::values::{List, Table, Value};

/// The highest index of a list that can be set. Helm's limit.
pub const MAX_INDEX: usize = 65536;

/// How many names of a path may be nested. Helm's limit.
pub const MAX_NESTING: usize = 30;

/// How many lists of a path may be nested in each other without a name between. Helm has no limit.
const MAX_LISTS: usize = 100;

/// What a value is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// `true`, `false`, `null` and whole numbers are such: `--set`.
    Typed,
    /// All values are text: `--set-string`.
    Text,
}

/// A line that cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where in the line, in characters.
    pub offset: usize,
    /// Why.
    pub problem: Problem,
}

/// Why a line cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is nothing behind a name.
    NoValue(String),
    /// A name ends with a dot, and no name follows that could be set.
    NoName(String),
    /// What has this name is not a map, though a name follows it.
    NotMap(String),
    /// What has this name is not a list, though an index follows it.
    NotList(String),
    /// The index is not a whole number.
    NotIndex(String),
    /// The index is below 0.
    NegativeIndex(i64),
    /// The index is above [`MAX_INDEX`].
    HighIndex(u64),
    /// There is text between `]` and what may follow it.
    AfterIndex(String),
    /// `{` without `}`.
    OpenList,
    /// What follows a name is not JSON.
    NotJson,
    /// The file whose text is the value cannot be had, for this reason.
    File(String),
    /// More names than [`MAX_NESTING`], or more lists in each other than can be set.
    TooDeep,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoValue(name) => write!(f, "`{name}` has no value"),
            Problem::NoName(name) => write!(f, "no name follows `{name}.`"),
            Problem::NotMap(name) => write!(f, "`{name}` is not a map"),
            Problem::NotList(name) => write!(f, "`{name}` is not a list"),
            Problem::NotIndex(index) => write!(f, "the index `{index}` is not a whole number"),
            Problem::NegativeIndex(index) => write!(f, "the index {index} is below 0"),
            Problem::HighIndex(index) => {
                write!(f, "the index {index} is above the limit of {MAX_INDEX}")
            }
            Problem::AfterIndex(text) => write!(f, "`{text}` follows the index of a list"),
            Problem::OpenList => f.write_str("the list does not end with `}`"),
            Problem::NotJson => f.write_str("a value is not JSON"),
            Problem::File(reason) => f.write_str(reason),
            Problem::TooDeep => f.write_str("the path is nested too deeply"),
        }
    }
}

impl std::error::Error for Error {}

/// Sets the values of a line, `path=value` separated by commas, in `into`. All that is made lies
/// at `place`.
///
/// On an error, what came before it in the line is set.
pub fn set(line: &str, into: &Table, reading: Reading, place: &Place) -> Result<(), Error> {
    let source = match reading {
        Reading::Typed => Source::Typed,
        Reading::Text => Source::Text,
    };
    run(line.chars().collect(), into, source, place)
}

/// Sets values of JSON: `path=JSON`, separated by commas or blanks. What is empty is null.
pub fn set_json(line: &str, into: &Table, place: &Place) -> Result<(), Error> {
    run(line.chars().collect(), into, Source::Json, place)
}

/// Sets the texts of files: `path=file`, separated by commas. `read` gives the text of a file.
pub fn set_file(
    line: &str,
    into: &Table,
    read: &dyn Fn(&str) -> Result<String, String>,
    place: &Place,
) -> Result<(), Error> {
    run(line.chars().collect(), into, Source::File(read), place)
}

/// Sets one value to all that follows the `=`, as it is. Names have no escapes.
pub fn set_literal(line: &str, into: &Table, place: &Place) -> Result<(), Error> {
    run(line.chars().collect(), into, Source::Literal, place)
}

/// Sets a value as it is at a path, such as `a.b[0]`.
pub fn set_at(path: &str, into: &Table, value: Value) -> Result<(), Error> {
    let place = value.place().clone();
    let line = path.chars().chain(['=']).collect();
    run(line, into, Source::Given(Some(value)), &place)
}

/// The JSON value of a text, decoded: all of it lies at `place`. None where it is not JSON.
pub fn json_value(text: &str, place: &Place) -> Option<Node> {
    let text: Vec<char> = text.trim().chars().collect();
    let (node, length) = json::value(&text, place)?;
    (length == text.len()).then_some(node)
}

/// Where the values of a line come from.
enum Source<'s> {
    Typed,
    Text,
    Json,
    File(&'s dyn Fn(&str) -> Result<String, String>),
    Literal,
    /// The value behind the end of the line.
    Given(Option<Value>),
}

fn run(line: Vec<char>, into: &Table, source: Source<'_>, place: &Place) -> Result<(), Error> {
    let mut parser = Parser {
        line,
        at: 0,
        source,
        place,
    };
    loop {
        match parser.key(into, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Problem(problem)) => {
                let offset = parser.at;
                return Err(Error { offset, problem });
            }
        }
    }
}

struct Parser<'p> {
    line: Vec<char>,
    at: usize,
    source: Source<'p>,
    place: &'p Place,
}

/// Why a part of the line is not set.
enum Stop {
    /// The line ends: no error, wherever that is.
    End,
    Problem(Problem),
}

type Step<T> = Result<T, Stop>;

fn problem<T>(problem: Problem) -> Step<T> {
    Err(Stop::Problem(problem))
}

impl Parser<'_> {
    /// Sets one path of the line in `table`.
    fn key(&mut self, table: &Table, nesting: usize) -> Step<()> {
        let (name, end) = match self.source {
            Source::Literal => self.until(&['=', '[', '.']),
            _ => self.until(&['=', '[', ',', '.']),
        };
        match end {
            None if name.is_empty() => Err(Stop::End),
            None => problem(Problem::NoValue(name)),
            Some('=') => {
                let (value, stop) = self.value()?;
                insert(table, &name, value);
                stop
            }
            Some('[') => {
                let index = self.index()?;
                let mut list = match table.get(&name) {
                    None => List::new(Vec::new(), self.place.clone()),
                    Some(Value::List(list)) => list,
                    Some(_) => return problem(Problem::NotList(name)),
                };
                let set = self.item(&mut list, index, nesting, 0);
                insert(table, &name, Value::List(list));
                set
            }
            Some(',') => {
                insert(table, &name, self.text(""));
                problem(Problem::NoValue(name))
            }
            Some(_) => {
                if nesting == MAX_NESTING {
                    return problem(Problem::TooDeep);
                }
                let inner = match table.get(&name) {
                    None => Table::new(self.place.clone()),
                    Some(Value::Map(inner)) => inner,
                    Some(_) => return problem(Problem::NotMap(name)),
                };
                let set = self.key(&inner, nesting + 1);
                if !inner.is_empty() {
                    insert(table, &name, Value::Map(inner));
                } else if set.is_ok() {
                    return problem(Problem::NoName(name));
                }
                set
            }
        }
    }

    /// The value behind `=`, and whether the line goes on.
    fn value(&mut self) -> Step<(Value, Step<()>)> {
        match self.source {
            Source::Literal => {
                let text: String = self.line[self.at..].iter().collect();
                self.at = self.line.len();
                return Ok((self.text(&text), Ok(())));
            }
            Source::Json => return Ok((self.json()?, Ok(()))),
            _ => {}
        }
        match self.line.get(self.at) {
            None => Ok(match &mut self.source {
                Source::Given(value) if value.is_some() => match value.take() {
                    Some(value) => (value, Ok(())),
                    None => (self.text(""), Err(Stop::End)),
                },
                _ => (self.text(""), Err(Stop::End)),
            }),
            Some('{') => {
                self.at += 1;
                let list = self.list()?;
                Ok((list, Ok(())))
            }
            Some(_) => {
                let (text, _) = self.until(&[',']);
                Ok((self.read(&text)?, Ok(())))
            }
        }
    }

    /// The JSON behind `=`, and the comma behind that.
    fn json(&mut self) -> Step<Value> {
        if self.blanks_and_comma() {
            return Ok(Value::null(self.place));
        }
        let Some((node, length)) = json::value(&self.line[self.at..], self.place) else {
            return problem(Problem::NotJson);
        };
        self.at += length;
        self.blanks_and_comma();
        Ok(Value::from_node(&node))
    }

    /// Passes over blanks and one comma, and tells whether nothing else was there.
    fn blanks_and_comma(&mut self) -> bool {
        while let Some(c) = self.line.get(self.at) {
            if *c != ',' && !c.is_whitespace() {
                return false;
            }
            self.at += 1;
            if self.line[self.at - 1] == ',' {
                break;
            }
        }
        true
    }

    /// The items behind `{`.
    fn list(&mut self) -> Step<Value> {
        let mut items = Vec::new();
        loop {
            let (text, end) = self.until(&[',', '}']);
            if end.is_none() {
                return problem(Problem::OpenList);
            }
            items.push(self.read(&text)?);
            if end == Some('}') {
                if self.line.get(self.at) == Some(&',') {
                    self.at += 1;
                }
                return Ok(Value::List(List::new(items, self.place.clone())));
            }
        }
    }

    /// The index behind `[`.
    fn index(&mut self) -> Step<i64> {
        let (text, end) = self.until(&[']']);
        if end.is_none() {
            return Err(Stop::End);
        }
        let index = text.parse();
        index.or_else(|_| problem(Problem::NotIndex(text)))
    }

    /// Sets what the line says behind the index of a list.
    fn item(&mut self, list: &mut List, index: i64, nesting: usize, lists: usize) -> Step<()> {
        let Ok(at) = usize::try_from(index) else {
            return problem(Problem::NegativeIndex(index));
        };
        let (text, end) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            return problem(Problem::AfterIndex(text));
        }
        match end {
            None => Err(Stop::End),
            Some('=') => {
                let (value, _) = self.value()?;
                set_item(list, at, value)
            }
            Some('[') => {
                if lists == MAX_LISTS {
                    return problem(Problem::TooDeep);
                }
                let next = self.index()?;
                let mut inner = match list.get(at) {
                    Some(Value::List(inner)) => inner,
                    Some(Value::Leaf(node)) if node.is_null() => self.no_items(),
                    None => self.no_items(),
                    Some(_) => return problem(Problem::NotList(format!("[{index}]"))),
                };
                self.item(&mut inner, next, nesting, lists + 1)?;
                set_item(list, at, Value::List(inner))
            }
            Some(_) => {
                let inner = match list.get(at) {
                    Some(Value::Map(inner)) => inner,
                    found => {
                        let inner = Table::new(self.place.clone());
                        if found.is_some() {
                            list.set(at, Value::Map(inner.clone()));
                        }
                        inner
                    }
                };
                self.key(&inner, nesting)?;
                set_item(list, at, Value::Map(inner))
            }
        }
    }

    /// The text up to one of `stops`, which is passed over, backslashes undone. No stop where the
    /// line ends.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(&c) = self.line.get(self.at) {
            self.at += 1;
            if stops.contains(&c) {
                return (text, Some(c));
            }
            if c != '\\' || matches!(self.source, Source::Literal) {
                text.push(c);
            } else if let Some(&escaped) = self.line.get(self.at) {
                self.at += 1;
                text.push(escaped);
            }
        }
        (text, None)
    }

    fn read(&self, text: &str) -> Step<Value> {
        match self.source {
            Source::Typed => Ok(self.typed(text)),
            Source::File(read) => match read(text) {
                Ok(text) => Ok(self.text(&text)),
                Err(reason) => problem(Problem::File(reason)),
            },
            _ => Ok(self.text(text)),
        }
    }

    fn typed(&self, text: &str) -> Value {
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        let whole = match text.starts_with('0') && text != "0" {
            true => None,
            false => text.parse::<i64>().ok(),
        };
        let (text, kind) = match whole {
            Some(number) => (number.to_string(), ScalarKind::Int),
            None if is("true") || is("false") => (text.to_ascii_lowercase(), ScalarKind::Bool),
            None if is("null") => (text.to_ascii_lowercase(), ScalarKind::Null),
            None => return self.text(text),
        };
        Value::Leaf(Node::scalar(text, kind, Style::Plain, self.place.clone()))
    }

    fn text(&self, text: &str) -> Value {
        Value::Leaf(Node::str(text, self.place.clone()))
    }

    fn no_items(&self) -> List {
        List::new(Vec::new(), self.place.clone())
    }
}

/// What has no name is not set.
fn insert(table: &Table, name: &str, value: Value) {
    if !name.is_empty() {
        table.insert(name, value);
    }
}

fn set_item(list: &mut List, index: usize, value: Value) -> Step<()> {
    if index > MAX_INDEX {
        return problem(Problem::HighIndex(index as u64));
    }
    list.set(index, value);
    Ok(())
}

#[cfg(test)]
mod tests;
