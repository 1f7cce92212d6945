//! How a key of the config is declared: once, for reading, for the JSON schema and for its page.

/// A table with a fixed set of keys.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    /// Markdown: sentences, the first of which stands alone in completions.
    pub(super) doc: &'static str,
    /// What the key means where it is absent; empty where there is nothing to say.
    pub(super) default: &'static str,
}

/// What a value may be.
#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    /// Any text that is not empty.
    Text,
    /// An array of such texts.
    Texts,
    /// A length of time.
    Duration,
    /// A number.
    Number,
    /// A whole number that is not below zero.
    Count,
    /// An array of such numbers.
    Counts,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A release of Flux or Kubernetes.
    Version,
    /// A file or folder of the tree.
    TreePath,
    /// A file that is read by tidegate itself.
    File,
    /// The code or the name of a rule.
    Rule,
    Date,
    /// A table with a fixed set of keys.
    Table(&'static Table),
    /// An array of such tables.
    Tables(&'static Table),
    /// A table whose keys the user chooses. The first text names these in documentation.
    Map(&'static str, &'static Kind),
    /// A literal of any type, or a table that tells the type alone.
    ValueOr(&'static Table),
}

impl Kind {
    /// What is expected, behind "must be".
    pub(super) fn expected(&self) -> String {
        match self {
            Kind::Bool => "`true` or `false`".to_owned(),
            Kind::Text | Kind::Rule => "a string".to_owned(),
            Kind::Texts => "an array of strings".to_owned(),
            Kind::Duration => "a length of time, such as \"7d\"".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::Count => "a whole number, 0 or more".to_owned(),
            Kind::Counts => "an array of whole numbers".to_owned(),
            Kind::Word(words) => one_of(words),
            Kind::Version => "a version, such as \"2.9\"".to_owned(),
            Kind::TreePath | Kind::File => "a path, as a string".to_owned(),
            Kind::Date => "a date, such as 2027-01-31".to_owned(),
            Kind::Table(_) | Kind::Map(..) => "a table".to_owned(),
            Kind::Tables(_) => "an array of tables".to_owned(),
            Kind::ValueOr(_) => {
                "a string, a number, `true` or `false`, or `{ type = .. }`".to_owned()
            }
        }
    }
}

/// `"a", "b" or "c"`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

impl Table {
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.iter().map(|key| key.name)
    }
}
