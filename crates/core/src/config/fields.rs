//! The fields of a TOML table, read as they are declared. What is wrong is reported and left out.

use std::time::Duration;

use tidegate_source::{Code, Diagnostic, Edit, FileId, Fix, Span, TreePath, nearest};
use toml::de::{DeTable, DeValue};

use super::declare::{Kind, Table, one_of};
use super::duration::parse_duration;
use super::{Date, Spanned, Version, codes};
use crate::rules::{self, Rule};

/// What is needed to read any table of one file.
pub(super) struct Reader<'a> {
    pub(super) file: FileId,
    /// The folder that paths of the tree are relative to.
    pub(super) folder: &'a TreePath,
    pub(super) findings: Vec<Diagnostic>,
}

/// A place in the file.
pub(super) type Value<'t> = toml::Spanned<DeValue<'t>>;

impl Reader<'_> {
    pub(super) fn span<T>(&self, spanned: &toml::Spanned<T>) -> Span {
        let range = spanned.span();
        Span::new(self.file, range.start, range.end)
    }

    /// Reports an error, to be told more of.
    pub(super) fn report(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.findings.push(Diagnostic::error(code, span, message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Reports a key that is not declared.
    fn unknown_key(&mut self, key: &str, span: Span, declared: &Table, title: &str) {
        let near = nearest(key, declared.names());
        let message = format!("`{key}` is not a key of {title}");
        let finding = self.report(codes::UNKNOWN_KEY, span, message);
        match near {
            Some(near) => {
                finding.help = Some(format!("did you mean `{near}`?"));
                finding.fix = Some(Fix {
                    title: format!("Rename `{key}` to `{near}`"),
                    edits: vec![Edit {
                        span,
                        text: near.to_owned(),
                    }],
                });
            }
            None => {
                let names: Vec<String> = declared.names().map(|it| format!("`{it}`")).collect();
                finding.help = Some(format!("its keys are {}", names.join(", ")));
            }
        }
    }

    fn wrong_type(&mut self, name: &str, kind: &Kind, value: &Value<'_>) {
        let span = self.span(value);
        let message = format!("`{name}` must be {}", kind.expected());
        let is = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let finding = self.report(codes::INVALID_VALUE, span, message);
        finding.note = format!("this is {is}");
        if matches!(kind, Kind::Version)
            && let DeValue::Float(number) = value.get_ref()
        {
            finding.help = Some(format!("put it in quotes: \"{number}\""));
        }
    }
}

/// A table and what is declared of it.
pub(super) struct Fields<'t> {
    table: &'t DeTable<'t>,
    declared: &'static Table,
    /// Where the table begins: its header.
    pub(super) span: Span,
}

impl<'t> Fields<'t> {
    /// Reports keys that are not declared, and those that are missing. `title` is how the table is
    /// called in messages.
    pub(super) fn new(
        reader: &mut Reader<'_>,
        table: &'t DeTable<'t>,
        span: Span,
        declared: &'static Table,
        title: &str,
    ) -> Fields<'t> {
        for key in table.keys() {
            if declared.key(key.get_ref()).is_none() {
                let span = reader.span(key);
                reader.unknown_key(key.get_ref(), span, declared, title);
            }
        }
        for key in declared.keys.iter().filter(|key| key.required) {
            if !table.contains_key(key.name) {
                let message = format!("{title} has no `{}`", key.name);
                let finding = reader.report(codes::INVALID_VALUE, span, message);
                finding.help = Some(format!("add `{} = ..`: {}", key.name, plain(key.doc)));
            }
        }
        Fields {
            table,
            declared,
            span,
        }
    }

    fn get(&self, name: &str) -> Option<(&'static Kind, &'t Value<'t>)> {
        let declared = self.declared.key(name);
        debug_assert!(declared.is_some(), "`{name}` is read and not declared");
        Some((&declared?.kind, self.table.get(name)?))
    }

    /// Whether the key is there, whatever its value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    fn read<T>(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
        read: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let (kind, value) = self.get(name)?;
        let read = read(value.get_ref());
        if read.is_none() {
            reader.wrong_type(name, kind, value);
        }
        let span = reader.span(value);
        read.map(|value| Spanned { value, span })
    }

    pub(super) fn bool(&self, reader: &mut Reader<'_>, name: &str) -> Option<Spanned<bool>> {
        self.read(reader, name, |value| value.as_bool())
    }

    /// Text that is not blank.
    pub(super) fn text(&self, reader: &mut Reader<'_>, name: &str) -> Option<Spanned<&'t str>> {
        let text = self.read(reader, name, |value| value.as_str())?;
        if text.value.trim().is_empty() {
            let message = format!("`{name}` is empty");
            reader.report(codes::INVALID_VALUE, text.span, message);
            return None;
        }
        Some(text)
    }

    /// Texts that are not blank.
    pub(super) fn texts(&self, reader: &mut Reader<'_>, name: &str) -> Vec<Spanned<&'t str>> {
        let Some((kind, _)) = self.get(name) else {
            return Vec::new();
        };
        let array = self.read(reader, name, |value| value.as_array());
        let mut texts = Vec::new();
        for value in array.into_iter().flat_map(|array| array.value.iter()) {
            let span = reader.span(value);
            match value.get_ref().as_str() {
                Some(text) if text.trim().is_empty() => {
                    let message = format!("a text of `{name}` is empty");
                    reader.report(codes::INVALID_VALUE, span, message);
                }
                Some(value) => texts.push(Spanned { value, span }),
                None => reader.wrong_type(name, kind, value),
            }
        }
        texts
    }

    pub(super) fn duration(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
    ) -> Option<Spanned<Duration>> {
        let Spanned { value, span } = self.text(reader, name)?;
        let Some(duration) = parse_duration(value) else {
            let message = format!("`{value}` is no length of time");
            let finding = reader.report(codes::INVALID_VALUE, span, message);
            finding.help = Some(
                "write numbers with their units, such as `7d`, `12h` or `1h30m`; the units are `w`, `d`, \
                 `h`, `m` and `s`"
                    .to_owned(),
            );
            return None;
        };
        let value = duration;
        Some(Spanned { value, span })
    }

    /// A number. NaN is none.
    pub(super) fn number(&self, reader: &mut Reader<'_>, name: &str) -> Option<f64> {
        let number = self.read(reader, name, |value| match value {
            DeValue::Integer(_) => count_of(value).map(f64::from).or_else(|| {
                let number = value.as_integer().filter(|number| number.radix() == 10);
                number?.as_str().parse().ok()
            }),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        });
        number.map(|number| number.value)
    }

    /// A whole number that is not below zero.
    pub(super) fn count(&self, reader: &mut Reader<'_>, name: &str) -> Option<Spanned<u32>> {
        self.read(reader, name, count_of)
    }

    /// Whole numbers that are not below zero.
    pub(super) fn counts(&self, reader: &mut Reader<'_>, name: &str) -> Vec<Spanned<u32>> {
        let Some((kind, _)) = self.get(name) else {
            return Vec::new();
        };
        let array = self.read(reader, name, |value| value.as_array());
        let mut counts = Vec::new();
        for value in array.into_iter().flat_map(|array| array.value.iter()) {
            match count_of(value.get_ref()) {
                Some(count) => counts.push(Spanned {
                    value: count,
                    span: reader.span(value),
                }),
                None => reader.wrong_type(name, kind, value),
            }
        }
        counts
    }

    pub(super) fn word(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
    ) -> Option<Spanned<&'static str>> {
        let (kind, value) = self.get(name)?;
        word(reader, name, kind, value)
    }

    pub(super) fn version(&self, reader: &mut Reader<'_>, name: &str) -> Option<Spanned<Version>> {
        let text = self.text(reader, name)?;
        match text.value.parse() {
            Ok(value) => Some(Spanned {
                value,
                span: text.span,
            }),
            Err(error) => {
                let message = format!("`{}` is not a version", text.value);
                let finding = reader.report(codes::INVALID_VALUE, text.span, message);
                finding.help = Some(format!("{error}"));
                None
            }
        }
    }

    pub(super) fn date(&self, reader: &mut Reader<'_>, name: &str) -> Option<Spanned<Date>> {
        self.read(reader, name, |value| {
            let date = value.as_datetime().filter(|it| it.time.is_none());
            let date = date.and_then(|it| it.date)?;
            Some(Date {
                year: date.year,
                month: date.month,
                day: date.day,
            })
        })
    }

    /// A file or folder of the tree.
    pub(super) fn tree_path(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
    ) -> Option<Spanned<TreePath>> {
        let Spanned { value, span } = self.text(reader, name)?;
        match reader.folder.join(value) {
            Ok(_) if value.starts_with('/') => {
                let message = format!("`{value}` is absolute");
                let finding = reader.report(codes::INVALID_VALUE, span, message);
                finding.help = Some(format!("`{name}` is relative to the config"));
                None
            }
            Ok(value) => Some(Spanned { value, span }),
            Err(_) => {
                let message = format!("`{value}` leads out of the tree");
                let help = format!("`{name}` is relative to the config and stays in the tree");
                reader.report(codes::INVALID_VALUE, span, message).help = Some(help);
                None
            }
        }
    }

    pub(super) fn rule(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
    ) -> Option<Spanned<&'static Rule>> {
        let Spanned { value, span } = self.text(reader, name)?;
        let value = find_rule(reader, value, span)?;
        Some(Spanned { value, span })
    }

    pub(super) fn table(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
        title: &str,
    ) -> Option<Fields<'t>> {
        let (kind, _) = self.get(name)?;
        let table = self.read(reader, name, |value| value.as_table())?;
        match kind {
            Kind::Table(declared) => Some(Fields::new(
                reader,
                table.value,
                table.span,
                declared,
                title,
            )),
            _ => None,
        }
    }

    pub(super) fn tables(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
        title: &str,
    ) -> Vec<Fields<'t>> {
        let mut tables = Vec::new();
        let Some((kind, _)) = self.get(name) else {
            return tables;
        };
        let array = self.read(reader, name, |value| value.as_array());
        for value in array.into_iter().flat_map(|array| array.value.iter()) {
            match (kind, value.get_ref()) {
                (Kind::Tables(declared), DeValue::Table(table)) => {
                    let span = reader.span(value);
                    tables.push(Fields::new(reader, table, span, declared, title));
                }
                _ => reader.wrong_type(name, kind, value),
            }
        }
        tables
    }

    /// The entries of a table with free keys, in the order of the keys, and what the values are
    /// declared to be.
    pub(super) fn map(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
    ) -> Vec<(Spanned<&'t str>, &'static Kind, &'t Value<'t>)> {
        let Some((Kind::Map(_, kind), _)) = self.get(name) else {
            return Vec::new();
        };
        let Some(map) = self.read(reader, name, |value| value.as_table()) else {
            return Vec::new();
        };
        let entries = map.value.iter().map(|(key, value)| {
            let name = Spanned {
                value: key.get_ref().as_ref(),
                span: reader.span(key),
            };
            (name, *kind, value)
        });
        entries.collect()
    }
}

fn count_of(value: &DeValue<'_>) -> Option<u32> {
    let number = value.as_integer()?;
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A word of those that `kind` allows.
pub(super) fn word(
    reader: &mut Reader<'_>,
    name: &str,
    kind: &'static Kind,
    value: &Value<'_>,
) -> Option<Spanned<&'static str>> {
    let (Kind::Word(words), Some(text)) = (kind, value.get_ref().as_str()) else {
        reader.wrong_type(name, kind, value);
        return None;
    };
    let span = reader.span(value);
    match words.iter().find(|word| **word == text) {
        Some(value) => Some(Spanned { value, span }),
        None => {
            let near = nearest(text, words.iter().copied());
            let message = format!("`{name}` cannot be \"{text}\"");
            let finding = reader.report(codes::INVALID_VALUE, span, message);
            finding.help = Some(match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("write {}", one_of(words)),
            });
            None
        }
    }
}

/// A table as the value of a free key.
pub(super) fn table<'t>(
    reader: &mut Reader<'_>,
    name: &str,
    kind: &'static Kind,
    value: &'t Value<'t>,
    title: &str,
) -> Option<Fields<'t>> {
    match (kind, value.get_ref()) {
        (Kind::Table(declared) | Kind::ValueOr(declared), DeValue::Table(table)) => {
            let span = reader.span(value);
            Some(Fields::new(reader, table, span, declared, title))
        }
        _ => {
            reader.wrong_type(name, kind, value);
            None
        }
    }
}

/// A rule by its code or name.
pub(super) fn find_rule(reader: &mut Reader<'_>, text: &str, span: Span) -> Option<&'static Rule> {
    let found = rules::find(text);
    if found.is_none() {
        let finding = reader.report(
            codes::UNKNOWN_RULE,
            span,
            format!("there is no rule `{text}`"),
        );
        finding.help = Some(match rules::nearest_to(text) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`tidegate rules` lists all rules".to_owned(),
        });
    }
    found
}

/// The first sentence of a documentation text.
fn plain(doc: &str) -> &str {
    let end = doc.find(". ").map_or(doc.len(), |at| at);
    doc[..end].trim_end_matches('.')
}
