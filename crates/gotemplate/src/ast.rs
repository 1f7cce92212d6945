//! The parsed template.

use std::fmt::Write;
use std::sync::Arc;

use tidegate_source::{FileId, Span};
use tidegate_yaml::SmolStr;

use crate::functions::FunctionId;
use crate::text::{Str, lossy};

/// A text that was parsed, and what errors need to know of it.
#[derive(Debug)]
pub(crate) struct Source {
    /// The name it was parsed under.
    pub name: SmolStr,
    /// The text.
    pub text: Arc<[u8]>,
    /// The delimiters.
    pub delims: (SmolStr, SmolStr),
    /// The file of the file table whose text it is; none for the others.
    pub file: FileId,
}

impl Source {
    /// Line from 1 and column from 0, as Go counts them.
    pub(crate) fn line_column(&self, pos: u32) -> (u32, u32) {
        let before = &self.text[..(pos as usize).min(self.text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() as u32 + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        (line, (before.len() - start) as u32)
    }

    /// Where a node stands that is written back as `context`; Go's position of it is within it, not
    /// always at its start.
    pub(crate) fn span_of(&self, pos: u32, context: &str) -> Span {
        let pos = pos as usize;
        let from = pos.saturating_sub(context.len());
        let to = (pos + context.len()).min(self.text.len());
        let around = self.text.get(from..to).unwrap_or_default();
        let mut found = memchr::memmem::find_iter(around, context.as_bytes());
        let found = found.find(|at| from + at + context.len() > pos);
        let (start, end) = match found {
            Some(at) => (from + at, from + at + context.len()),
            // Written otherwise, such as with other blanks: what of its line is there.
            None => {
                let rest = self.text.get(pos..to).unwrap_or_default();
                let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                (pos, pos + line)
            }
        };
        self.span(start as u32, end as u32)
    }

    /// A range of the text as a span; none where the text is in no file.
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        if !self.file.is_some() {
            return Span::NONE;
        }
        Span::new(self.file, start as usize, end as usize)
    }
}

/// One template: the whole text, or a `define` or `block` of it.
#[derive(Debug)]
pub(crate) struct Tree {
    pub name: SmolStr,
    pub source: Arc<Source>,
    pub root: Vec<Node>,
}

impl Tree {
    /// Whether it holds nothing but blanks and comments: such a definition does not replace another.
    pub(crate) fn is_empty(&self) -> bool {
        self.root.iter().all(|node| match node {
            Node::Text { start, end } => {
                let text = &self.source.text[*start as usize..*end as usize];
                text.trim_ascii().is_empty()
            }
            _ => false,
        })
    }
}

#[derive(Debug)]
pub(crate) enum Node {
    Text { start: u32, end: u32 },
    Action(Action),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template(Template),
    Break(u32),
    Continue(u32),
}

#[derive(Debug)]
pub(crate) struct Action {
    pub pos: u32,
    /// Behind the right delimiter's start.
    pub end: u32,
    pub pipe: Pipe,
}

#[derive(Debug)]
pub(crate) struct Branch {
    pub keyword: &'static str,
    pub pos: u32,
    pub pipe: Pipe,
    pub body: Vec<Node>,
    pub otherwise: Option<Vec<Node>>,
}

#[derive(Debug)]
pub(crate) struct Template {
    pub pos: u32,
    pub name: SmolStr,
    pub pipe: Option<Pipe>,
}

#[derive(Debug)]
pub(crate) struct Pipe {
    pub pos: u32,
    /// `=` and not `:=`.
    pub assigns: bool,
    pub variables: Vec<Variable>,
    pub commands: Vec<Command>,
}

/// A name of a variable, with a number that is its own within the source.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub id: u32,
    pub name: SmolStr,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub args: Vec<Arg>,
}

#[derive(Debug)]
pub(crate) struct Arg {
    pub pos: u32,
    pub kind: ArgKind,
}

#[derive(Debug)]
pub(crate) enum ArgKind {
    Bool(bool),
    Dot,
    Nil,
    Number(Number),
    /// The value, and how it was written.
    String(Str, Box<str>),
    /// `.A.B`
    Field(Box<[SmolStr]>),
    /// `$x.A.B`
    Variable(Variable, Box<[SmolStr]>),
    Identifier(SmolStr, FunctionId),
    Pipe(Pipe),
    /// `(pipe).A.B`
    Chain(Box<Arg>, Box<[SmolStr]>),
}

/// A numeric constant: what types it can be of depends on its value and on how it is written.
#[derive(Debug)]
pub(crate) struct Number {
    pub int: Option<i64>,
    pub uint: Option<u64>,
    pub float: Option<f64>,
    pub complex: Option<(f64, f64)>,
    pub text: SmolStr,
}

/// What errors can point at: written back as Go writes nodes.
pub(crate) trait Part {
    fn pos(&self) -> u32;
    fn write(&self, out: &mut String, source: &Source);
}

impl Part for Node {
    fn pos(&self) -> u32 {
        match self {
            Node::Text { start, .. } => *start,
            Node::Action(action) => action.pos,
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => branch.pos,
            Node::Template(template) => template.pos,
            Node::Break(pos) | Node::Continue(pos) => *pos,
        }
    }

    fn write(&self, out: &mut String, source: &Source) {
        match self {
            Node::Text { start, end } => {
                out.push_str(&lossy(&source.text[*start as usize..*end as usize]));
            }
            Node::Action(action) => delimited(out, source, |out| action.pipe.write(out, source)),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                branch.write(out, source);
            }
            Node::Template(template) => template.write(out, source),
            Node::Break(_) => delimited(out, source, |out| out.push_str("break")),
            Node::Continue(_) => delimited(out, source, |out| out.push_str("continue")),
        }
    }
}

fn delimited(out: &mut String, source: &Source, inner: impl FnOnce(&mut String)) {
    out.push_str(&source.delims.0);
    inner(out);
    out.push_str(&source.delims.1);
}

impl Part for Branch {
    fn pos(&self) -> u32 {
        self.pos
    }

    fn write(&self, out: &mut String, source: &Source) {
        delimited(out, source, |out| {
            out.push_str(self.keyword);
            out.push(' ');
            self.pipe.write(out, source);
        });
        for node in &self.body {
            node.write(out, source);
        }
        if let Some(nodes) = &self.otherwise {
            delimited(out, source, |out| out.push_str("else"));
            for node in nodes {
                node.write(out, source);
            }
        }
        delimited(out, source, |out| out.push_str("end"));
    }
}

impl Part for Template {
    fn pos(&self) -> u32 {
        self.pos
    }

    fn write(&self, out: &mut String, source: &Source) {
        delimited(out, source, |out| {
            out.push_str("template ");
            out.push_str(&tidegate_golang::quote(self.name.as_bytes()));
            if let Some(pipe) = &self.pipe {
                out.push(' ');
                pipe.write(out, source);
            }
        });
    }
}

impl Part for Pipe {
    fn pos(&self) -> u32 {
        self.pos
    }

    fn write(&self, out: &mut String, source: &Source) {
        for (i, variable) in self.variables.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            out.push_str(&variable.name);
        }
        if !self.variables.is_empty() {
            out.push_str(if self.assigns { " = " } else { " := " });
        }
        for (i, command) in self.commands.iter().enumerate() {
            if i > 0 {
                out.push_str(" | ");
            }
            command.write(out, source);
        }
    }
}

impl Part for Command {
    fn pos(&self) -> u32 {
        self.args.first().map_or(0, |arg| arg.pos)
    }

    fn write(&self, out: &mut String, source: &Source) {
        for (i, arg) in self.args.iter().enumerate() {
            if i > 0 {
                out.push(' ');
            }
            arg.write_operand(out, source);
        }
    }
}

impl Part for Arg {
    fn pos(&self) -> u32 {
        match &self.kind {
            ArgKind::Pipe(pipe) => pipe.pos,
            _ => self.pos,
        }
    }

    fn write(&self, out: &mut String, source: &Source) {
        match &self.kind {
            ArgKind::Bool(value) => {
                let _ = write!(out, "{value}");
            }
            ArgKind::Dot => out.push('.'),
            ArgKind::Nil => out.push_str("nil"),
            ArgKind::Number(number) => out.push_str(&number.text),
            ArgKind::String(_, quoted) => out.push_str(quoted),
            ArgKind::Field(fields) => write_fields(out, fields),
            ArgKind::Variable(variable, fields) => {
                out.push_str(&variable.name);
                write_fields(out, fields);
            }
            ArgKind::Identifier(name, _) => out.push_str(name),
            ArgKind::Pipe(pipe) => pipe.write(out, source),
            ArgKind::Chain(arg, fields) => {
                arg.write_operand(out, source);
                write_fields(out, fields);
            }
        }
    }
}

impl Arg {
    /// With the parentheses that belong to a pipeline among operands.
    fn write_operand(&self, out: &mut String, source: &Source) {
        match &self.kind {
            ArgKind::Pipe(pipe) => {
                out.push('(');
                pipe.write(out, source);
                out.push(')');
            }
            _ => self.write(out, source),
        }
    }

    /// The text of the node.
    pub(crate) fn text(&self, source: &Source) -> String {
        let mut out = String::new();
        self.write(&mut out, source);
        out
    }
}

fn write_fields(out: &mut String, fields: &[SmolStr]) {
    for field in fields {
        out.push('.');
        out.push_str(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_node_stands() {
        let text = "{{ .a.b }} {{ printf \"%s\" .a.b | quote }}\nx";
        let source = Source {
            name: "t".into(),
            text: text.as_bytes().into(),
            delims: ("{{".into(), "}}".into()),
            file: FileId::DETACHED,
        };
        let check = |pos: usize, context: &str, expected: &str| {
            let span = source.span_of(pos as u32, context);
            assert_eq!(&text[span.start as usize..span.end as usize], expected);
            assert!(span.start as usize <= pos);
        };
        check(5, ".a.b", ".a.b");
        check(text.rfind(".b").unwrap(), ".a.b", ".a.b");
        // Go writes it with other blanks.
        check(
            14,
            "printf  \"%s\" .a.b | quote and more",
            &text[14..text.len() - 2],
        );
        check(5, "", "");
    }
}
