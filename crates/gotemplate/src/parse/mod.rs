//! Tokens to trees.

mod pipeline;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tidegate_source::FileId;
use tidegate_yaml::SmolStr;

use crate::ast::{Action, Branch, Node, Source, Template, Tree};
use crate::error::{Error, ErrorKind, Frame};
use crate::functions::Functions;
use crate::lex::{Keyword, Lexed, Token, TokenKind, lex};
use crate::origin::Origin;
use tidegate_golang::{quote, unquote};

/// Parentheses and blocks within one another. Go allows more parentheses than a stack of usual size holds.
const DEEPEST: usize = 150;

/// A text to read.
pub(crate) struct Input<'a> {
    pub name: &'a str,
    pub text: Arc<[u8]>,
    pub delims: (SmolStr, SmolStr),
    pub file: FileId,
    pub functions: &'a Functions,
}

/// The templates of one text, by their names: the text itself, and what it defines.
pub(crate) type Trees = FxHashMap<SmolStr, Arc<Tree>>;

/// Reads a text.
pub(crate) fn parse(input: Input<'_>) -> Result<Trees> {
    let source = Arc::new(Source {
        name: input.name.into(),
        text: input.text,
        delims: input.delims,
        file: input.file,
    });
    let mut parser = Parser {
        lexed: lex(&source.text, &source.delims.0, &source.delims.1),
        source: Arc::clone(&source),
        functions: input.functions,
        next: 0,
        furthest: 0,
        action_line: 0,
        scope: Scope::new(),
        names: FxHashMap::from_iter([("$".into(), 0)]),
        depth: 0,
        trees: Trees::default(),
    };
    let root = parser.top_level()?;
    parser.add(source.name.clone(), root)?;
    Ok(parser.trees)
}

/// What is known of the template that is being read: each `define` starts anew.
struct Scope {
    /// The variables that are declared, by their numbers.
    variables: Vec<u32>,
    range_depth: usize,
}

impl Scope {
    fn new() -> Scope {
        Scope {
            variables: vec![0],
            range_depth: 0,
        }
    }
}

struct Parser<'a> {
    source: Arc<Source>,
    functions: &'a Functions,
    lexed: Lexed,
    next: usize,
    /// How many tokens were looked at: Go names the line of the last one in errors.
    furthest: usize,
    /// The line of the action that is being read; 0 outside of one.
    action_line: u32,
    scope: Scope,
    /// All names of variables of the source, numbered.
    names: FxHashMap<SmolStr, u32>,
    depth: usize,
    trees: Trees,
}

/// What ended a list of nodes.
enum Ending {
    End,
    Else,
}

type Result<T> = std::result::Result<T, Box<Error>>;

impl Parser<'_> {
    fn peek(&mut self) -> Token {
        self.furthest = self.furthest.max(self.next + 1);
        self.lexed.tokens[self.next.min(self.lexed.tokens.len() - 1)]
    }

    fn take(&mut self) -> Token {
        let token = self.peek();
        // The last token, an end or an error, stays.
        if self.next + 1 < self.lexed.tokens.len() {
            self.next += 1;
        }
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == TokenKind::Space {
            self.next += 1;
        }
    }

    fn peek_non_space(&mut self) -> Token {
        self.skip_space();
        self.peek()
    }

    fn take_non_space(&mut self) -> Token {
        self.skip_space();
        self.take()
    }

    fn error<T>(&self, reason: impl Into<String>) -> Result<T> {
        let last = self.furthest.clamp(1, self.lexed.tokens.len()) - 1;
        let token = self.lexed.tokens[last];
        let reason = reason.into();
        Err(Box::new(Error {
            message: format!("template: {}:{}: {reason}", self.source.name, token.line),
            reason,
            kind: ErrorKind::Parse,
            frames: vec![Frame {
                source: self.source.name.to_string(),
                template: self.source.name.to_string(),
                line: token.line,
                column: None,
                span: self.source.span(token.start, token.end),
            }],
            origins: [Origin::NONE; 2],
            causes: Vec::new(),
        }))
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Result<T> {
        if token.kind != TokenKind::Error {
            return self.error(format!("unexpected {} in {context}", self.shown(token)));
        }
        let message = &self.lexed.error;
        if self.action_line == 0 || self.action_line == token.line {
            return self.error(message);
        }
        let place = format!("{}:{}", self.source.name, self.action_line);
        let started = match message.ends_with(" action") {
            true => "started at",
            false => "in action started at",
        };
        self.error(format!("{message} {started} {place}"))
    }

    fn bytes(&self, token: Token) -> &[u8] {
        &self.source.text[token.range()]
    }

    fn text(&self, token: Token) -> SmolStr {
        crate::text::lossy(self.bytes(token)).into()
    }

    /// A token as errors show it.
    fn shown(&self, token: Token) -> String {
        match token.kind {
            TokenKind::End => "EOF".to_owned(),
            TokenKind::Error => self.lexed.error.clone(),
            TokenKind::Keyword(_) | TokenKind::Dot | TokenKind::Nil => {
                format!("<{}>", self.text(token))
            }
            _ => {
                let text = self.text(token);
                if text.len() > 10 {
                    let short: String = text.chars().take(10).collect();
                    format!("{}...", quote(short.as_bytes()))
                } else {
                    quote(self.bytes(token))
                }
            }
        }
    }

    fn add(&mut self, name: SmolStr, root: Vec<Node>) -> Result<()> {
        let tree = Tree {
            name: name.clone(),
            source: Arc::clone(&self.source),
            root,
        };
        match self.trees.get(&name) {
            Some(known) if !known.is_empty() => {
                if !tree.is_empty() {
                    let name = quote(name.as_bytes());
                    return self.error(format!("template: multiple definition of template {name}"));
                }
            }
            _ => {
                self.trees.insert(name, Arc::new(tree));
            }
        }
        Ok(())
    }

    fn top_level(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            match self.peek().kind {
                TokenKind::End => return Ok(nodes),
                TokenKind::LeftDelim => {
                    let start = self.next;
                    self.take();
                    let first = self.take_non_space();
                    if first.kind == TokenKind::Keyword(Keyword::Define) {
                        self.definition()?;
                        continue;
                    }
                    self.next = start;
                }
                _ => {}
            }
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::Ending(ending) => return self.unexpected_ending(&ending, None),
            }
        }
    }

    fn unexpected_ending<T>(&self, ending: &Ending, context: Option<&str>) -> Result<T> {
        let (left, right) = &self.source.delims;
        let word = match ending {
            Ending::End => "end",
            Ending::Else => "else",
        };
        match context {
            None => self.error(format!("unexpected {left}{word}{right}")),
            Some(context) => self.error(format!("unexpected {left}{word}{right} in {context}")),
        }
    }

    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let token = self.take_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let close = self.take_non_space();
        if close.kind != TokenKind::RightDelim {
            return self.unexpected(close, CONTEXT);
        }
        let outer = std::mem::replace(&mut self.scope, Scope::new());
        let root = self.body_of(CONTEXT)?;
        self.scope = outer;
        self.add(name, root)
    }

    /// The nodes up to `end`.
    fn body_of(&mut self, context: &str) -> Result<Vec<Node>> {
        match self.list()? {
            (nodes, Ending::End) => Ok(nodes),
            (_, ending) => self.unexpected_ending(&ending, Some(context)),
        }
    }

    fn list(&mut self) -> Result<(Vec<Node>, Ending)> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.error(format!(
                "blocks and parentheses are nested more than {DEEPEST} deep"
            ));
        }
        let mut nodes = Vec::new();
        while self.peek_non_space().kind != TokenKind::End {
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::Ending(ending) => {
                    self.depth -= 1;
                    return Ok((nodes, ending));
                }
            }
        }
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Result<Item> {
        let token = self.take_non_space();
        match token.kind {
            TokenKind::Text => Ok(Item::Node(Node::Text {
                start: token.start,
                end: token.end,
            })),
            TokenKind::LeftDelim => {
                self.action_line = token.line;
                let item = self.action()?;
                self.action_line = 0;
                Ok(item)
            }
            _ => self.unexpected(token, "input"),
        }
    }

    fn action(&mut self) -> Result<Item> {
        let token = self.peek_non_space();
        let keyword = match token.kind {
            TokenKind::Keyword(keyword) if keyword != Keyword::Define => Some(keyword),
            _ => None,
        };
        let Some(keyword) = keyword else {
            let pipe = self.pipeline("command", TokenKind::RightDelim)?;
            let end = self.lexed.tokens[self.next - 1].end;
            return Ok(Item::Node(Node::Action(Action {
                pos: token.start,
                end,
                pipe,
            })));
        };
        self.take();
        let node = match keyword {
            Keyword::Block => self.block()?,
            Keyword::Break | Keyword::Continue => self.jump(keyword, token)?,
            Keyword::Else => return self.otherwise(),
            Keyword::End => {
                let close = self.take_non_space();
                if close.kind != TokenKind::RightDelim {
                    return self.unexpected(close, "end");
                }
                return Ok(Item::Ending(Ending::End));
            }
            Keyword::Template => self.template()?,
            Keyword::If => Node::If(self.branch("if")?),
            Keyword::Range => Node::Range(self.branch("range")?),
            Keyword::With | Keyword::Define => Node::With(self.branch("with")?),
        };
        Ok(Item::Node(node))
    }

    fn jump(&mut self, keyword: Keyword, token: Token) -> Result<Node> {
        let (left, right) = self.source.delims.clone();
        let shown = format!("{left}{}{right}", self.text(token));
        let close = self.take_non_space();
        if close.kind != TokenKind::RightDelim {
            return self.unexpected(close, &shown);
        }
        if self.scope.range_depth == 0 {
            // Go writes its own delimiters here, whatever the template uses.
            let word = self.text(token);
            return self.error(format!("{{{{{word}}}}} outside {{{{range}}}}"));
        }
        Ok(match keyword {
            Keyword::Break => Node::Break(token.start),
            _ => Node::Continue(token.start),
        })
    }

    fn otherwise(&mut self) -> Result<Item> {
        let token = self.peek_non_space();
        if !matches!(token.kind, TokenKind::Keyword(Keyword::If | Keyword::With)) {
            let close = self.take_non_space();
            if close.kind != TokenKind::RightDelim {
                return self.unexpected(close, "else");
            }
        }
        Ok(Item::Ending(Ending::Else))
    }

    fn branch(&mut self, keyword: &'static str) -> Result<Branch> {
        let variables = self.scope.variables.len();
        let pipe = self.pipeline(keyword, TokenKind::RightDelim)?;
        let ranges = usize::from(keyword == "range");
        self.scope.range_depth += ranges;
        let (body, ending) = self.list()?;
        self.scope.range_depth -= ranges;
        let otherwise = match ending {
            Ending::End => None,
            Ending::Else => Some(self.else_nodes(keyword)?),
        };
        self.scope.variables.truncate(variables);
        Ok(Branch {
            keyword,
            pos: pipe.pos,
            pipe,
            body,
            otherwise,
        })
    }

    /// What is behind an `else`: `else if` and `else with` are a branch of their own, which the same `end` ends.
    fn else_nodes(&mut self, keyword: &'static str) -> Result<Vec<Node>> {
        let chained = matches!(
            (keyword, self.peek().kind),
            ("if", TokenKind::Keyword(Keyword::If)) | ("with", TokenKind::Keyword(Keyword::With))
        );
        if chained {
            self.depth += 1;
            if self.depth > DEEPEST {
                return self.error(format!("more than {DEEPEST} branches follow one another"));
            }
            self.take();
            let branch = self.branch(keyword)?;
            self.depth -= 1;
            return Ok(vec![match keyword {
                "if" => Node::If(branch),
                _ => Node::With(branch),
            }]);
        }
        match self.list()? {
            (nodes, Ending::End) => Ok(nodes),
            (_, Ending::Else) => {
                let (left, right) = &self.source.delims;
                self.error(format!("expected end; found {left}else{right}"))
            }
        }
    }

    fn block(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.take_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, TokenKind::RightDelim)?;
        let outer = std::mem::replace(&mut self.scope, Scope::new());
        let root = self.body_of(CONTEXT)?;
        self.scope = outer;
        self.add(name.clone(), root)?;
        Ok(Node::Template(Template {
            pos: token.start,
            name,
            pipe: Some(pipe),
        }))
    }

    fn template(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.take_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = if self.peek_non_space().kind == TokenKind::RightDelim {
            self.take();
            None
        } else {
            Some(self.pipeline(CONTEXT, TokenKind::RightDelim)?)
        };
        Ok(Node::Template(Template {
            pos: token.start,
            name,
            pipe,
        }))
    }

    fn template_name(&mut self, token: Token, context: &str) -> Result<SmolStr> {
        match token.kind {
            TokenKind::String | TokenKind::RawString => match unquote(self.bytes(token)) {
                Some(name) => Ok(crate::text::lossy(&name).into()),
                None => self.error("invalid syntax"),
            },
            _ => self.unexpected(token, context),
        }
    }
}

enum Item {
    Node(Node),
    Ending(Ending),
}
