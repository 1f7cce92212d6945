//! Single values set by path, as `--set`, `--set-string` and `--set-json` do, and the `targetPath`
//! of a HelmRelease: `a.b[0]=text,c={1,2}`.
//!
//! Source: `helm.sh/helm/v4/pkg/strvals`. Where a line ends too early it does less than it says, or
//! nothing, without an error; so it does here.

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
    run(line.chars().collect(), into, reading, None, place)
}

/// Sets a value as it is at a path, such as `a.b[0]`.
pub fn set_at(path: &str, into: &Table, value: Value) -> Result<(), Error> {
    let place = value.place().clone();
    let line = path.chars().chain(['=']).collect();
    run(line, into, Reading::Text, Some(value), &place)
}

fn run(
    line: Vec<char>,
    into: &Table,
    reading: Reading,
    last: Option<Value>,
    place: &Place,
) -> Result<(), Error> {
    let mut parser = Parser {
        line,
        at: 0,
        reading,
        last,
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
    reading: Reading,
    /// The value behind the end of the line.
    last: Option<Value>,
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
        let (name, end) = self.until(&['=', '[', ',', '.']);
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
        match self.line.get(self.at) {
            None => Ok(match self.last.take() {
                Some(value) => (value, Ok(())),
                None => (self.text(""), Err(Stop::End)),
            }),
            Some('{') => {
                self.at += 1;
                let list = self.list()?;
                Ok((list, Ok(())))
            }
            Some(_) => {
                let (text, _) = self.until(&[',']);
                Ok((self.read(&text), Ok(())))
            }
        }
    }

    /// The items behind `{`.
    fn list(&mut self) -> Step<Value> {
        let mut items = Vec::new();
        loop {
            let (text, end) = self.until(&[',', '}']);
            if end.is_none() {
                return problem(Problem::OpenList);
            }
            items.push(self.read(&text));
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
            if c != '\\' {
                text.push(c);
            } else if let Some(&escaped) = self.line.get(self.at) {
                self.at += 1;
                text.push(escaped);
            }
        }
        (text, None)
    }

    fn read(&self, text: &str) -> Value {
        if self.reading == Reading::Text {
            return self.text(text);
        }
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
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Dialect, ParseOptions, parse, to_json};

    fn table(yaml: &str) -> Table {
        let system = MemorySystem::new().with("values.yaml", yaml);
        let sources = Sources::new(Arc::new(system));
        let file = sources
            .load(&TreePath::new("values.yaml").unwrap())
            .unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
        let root = parsed.documents[0].root.as_ref().unwrap();
        match Value::decode(root).unwrap() {
            Value::Map(table) => table,
            other => panic!("{other:?}"),
        }
    }

    fn run(line: &str, into: &Table, reading: Reading) -> Result<(), Error> {
        set(line, into, reading, &Place::default())
    }

    fn check(line: &str, expected: &str) {
        let into = table("{m: {k: 1}, l: [{k: 1}, [2]]}");
        let before = to_json(&into.to_node()).unwrap();
        run(line, &into, Reading::Typed).unwrap();
        let after = to_json(&into.to_node()).unwrap();
        let expected = match expected {
            "" => before,
            expected => expected.to_owned(),
        };
        assert_eq!(after, expected, "{line}");
    }

    fn check_error(line: &str, offset: usize, message: &str) {
        let into = table("{m: {k: 1}, l: [1], s: x}");
        let error = run(line, &into, Reading::Typed).unwrap_err();
        assert_eq!(error.to_string(), message, "{line}");
        assert_eq!(error.offset, offset, "{line}");
    }

    #[test]
    fn paths() {
        check(
            "m.a.b=x,m.k=2",
            r#"{"l":[{"k":1},[2]],"m":{"a":{"b":"x"},"k":2}}"#,
        );
        check(
            "l[0].k=x,l[1][2]=y,l[2].z=",
            r#"{"l":[{"k":"x"},[2,null,"y"]],"m":{"k":1}}"#,
        );
        check(
            r"a\.b=c\,d,e={1, 2,x\}y}",
            r#"{"a.b":"c,d","e":[1," 2","x}y"],"l":[{"k":1},[2]],"m":{"k":1}}"#,
        );
        check("l[3]=x", r#"{"l":[{"k":1},[2],null,"x"],"m":{"k":1}}"#);
    }

    #[test]
    fn lines_that_end_early_set_less() {
        check("", "");
        check("a.", "");
        check("a[", "");
        check(".a=1", "");
        check("=x", "");
        check("a[0]", r#"{"a":[],"l":[{"k":1},[2]],"m":{"k":1}}"#);
        check("a=", r#"{"a":"","l":[{"k":1},[2]],"m":{"k":1}}"#);
    }

    #[test]
    fn values() {
        let check = |value: &str, expected: &str| {
            let into = table("{}");
            run(&format!("a={value}"), &into, Reading::Typed).unwrap();
            let json = to_json(&into.to_node()).unwrap();
            assert_eq!(json, format!(r#"{{"a":{expected}}}"#), "{value}");
        };
        check("TRUE", "true");
        check("Null", "null");
        check("0", "0");
        check("-0", "0");
        check("+12", "12");
        check("012", r#""012""#);
        check("1.5", r#""1.5""#);
        check("9223372036854775808", r#""9223372036854775808""#);
        check("9223372036854775807", "9223372036854775807");
        let into = table("{}");
        run("a=true,b={1}", &into, Reading::Text).unwrap();
        assert_eq!(
            to_json(&into.to_node()).unwrap(),
            r#"{"a":"true","b":["1"]}"#
        );
    }

    #[test]
    fn a_value_that_is_set_as_it_is() {
        let into = table("{}");
        let value = Value::Leaf(Node::str("{a},b=1", Place::default()));
        set_at("l[0].k", &into, value.clone()).unwrap();
        set_at(r"m.a\.b", &into, value).unwrap();
        assert_eq!(
            to_json(&into.to_node()).unwrap(),
            r#"{"l":[{"k":"{a},b=1"}],"m":{"a.b":"{a},b=1"}}"#
        );
    }

    #[test]
    fn errors() {
        check_error("a", 1, "`a` has no value");
        check_error("a,b=1", 2, "`a` has no value");
        check_error("a.=1", 4, "no name follows `a.`");
        check_error("s.a=1", 2, "`s` is not a map");
        check_error("m[0]=1", 4, "`m` is not a list");
        check_error("l[0][1]=1", 7, "`[0]` is not a list");
        check_error("l[x]=1", 4, "the index `x` is not a whole number");
        check_error("l[-1]=1", 5, "the index -1 is below 0");
        check_error(
            "l[65537]=1",
            10,
            "the index 65537 is above the limit of 65536",
        );
        check_error("l[0]x=1", 6, "`x` follows the index of a list");
        check_error("a={1,2", 6, "the list does not end with `}`");
        check_error(&"a.".repeat(40), 62, "the path is nested too deeply");
        let lists = format!("l{}=1", "[1]".repeat(5000));
        check_error(&lists, 305, "the path is nested too deeply");
    }
}
