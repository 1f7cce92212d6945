//! Pipelines: declarations, commands, operands.

use tidegate_yaml::SmolStr;

use super::{DEEPEST, Parser, Result};
use crate::ast::{Arg, ArgKind, Command, Pipe, Variable};
use crate::lex::{Token, TokenKind};
use crate::number::number;
use tidegate_golang::{quote, unquote};

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipe> {
        let mut pipe = Pipe {
            pos: self.peek_non_space().start,
            assigns: false,
            variables: Vec::new(),
            commands: Vec::new(),
        };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.peek_non_space();
            match token.kind {
                kind if kind == end => {
                    self.take();
                    break;
                }
                kind if starts_term(kind) => pipe.commands.push(self.command()?),
                _ => {
                    self.take();
                    return self.unexpected(token, context);
                }
            }
        }
        if pipe.commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (i, command) in pipe.commands.iter().enumerate().skip(1) {
            if matches!(
                command.args[0].kind,
                ArgKind::Bool(_)
                    | ArgKind::Dot
                    | ArgKind::Nil
                    | ArgKind::Number(_)
                    | ArgKind::String(..)
            ) {
                return self.error(format!(
                    "non executable command in pipeline stage {}",
                    i + 1
                ));
            }
        }
        Ok(pipe)
    }

    /// `$x :=`, `$x =`, and for `range` two of them with a comma.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<()> {
        loop {
            let start = self.next;
            let token = self.peek_non_space();
            if token.kind != TokenKind::Variable {
                return Ok(());
            }
            self.take();
            let next = self.peek_non_space();
            let comma = next.kind == TokenKind::Char && self.bytes(next) == b",";
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    self.take();
                    pipe.assigns = next.kind == TokenKind::Assign;
                    self.declare(pipe, token);
                    return Ok(());
                }
                _ if comma => {
                    self.take();
                    self.declare(pipe, token);
                    if context != "range" || pipe.variables.len() >= 2 {
                        return self.error(format!("too many declarations in {context}"));
                    }
                    match self.peek_non_space().kind {
                        TokenKind::Variable | TokenKind::RightDelim | TokenKind::RightParen => {}
                        _ => return self.error("range can only initialize variables"),
                    }
                }
                _ => {
                    self.next = start;
                    self.skip_space();
                    return Ok(());
                }
            }
        }
    }

    fn declare(&mut self, pipe: &mut Pipe, token: Token) {
        let variable = self.variable(self.text(token));
        self.scope.variables.push(variable.id);
        pipe.variables.push(variable);
    }

    fn variable(&mut self, name: SmolStr) -> Variable {
        let next = self.names.len() as u32;
        let id = *self.names.entry(name.clone()).or_insert(next);
        Variable { id, name }
    }

    fn command(&mut self) -> Result<Command> {
        let mut args = Vec::new();
        loop {
            self.skip_space();
            if let Some(operand) = self.operand()? {
                args.push(operand);
            }
            let token = self.peek();
            match token.kind {
                TokenKind::Space => {
                    self.take();
                    continue;
                }
                TokenKind::RightDelim | TokenKind::RightParen => {}
                TokenKind::Pipe => {
                    self.take();
                }
                _ => {
                    self.take();
                    return self.unexpected(token, "operand");
                }
            }
            break;
        }
        if args.is_empty() {
            return self.error("empty command");
        }
        Ok(Command { args })
    }

    fn operand(&mut self) -> Result<Option<Arg>> {
        let Some(mut arg) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != TokenKind::Field {
            return Ok(Some(arg));
        }
        let mut fields: Vec<SmolStr> = Vec::new();
        while self.peek().kind == TokenKind::Field {
            let token = self.take();
            fields.push(self.text(token)[1..].into());
        }
        // Go gives the place of the first field behind a term to the whole.
        let pos = first.start;
        let kind = match arg.kind {
            ArgKind::Field(names) => ArgKind::Field(joined(names, fields)),
            ArgKind::Variable(variable, names) => {
                ArgKind::Variable(variable, joined(names, fields))
            }
            ArgKind::Bool(_)
            | ArgKind::String(..)
            | ArgKind::Number(_)
            | ArgKind::Nil
            | ArgKind::Dot => {
                let text = arg.text(&self.source);
                return self.error(format!(
                    "unexpected . after term {}",
                    quote(text.as_bytes())
                ));
            }
            kind => {
                arg.kind = kind;
                ArgKind::Chain(Box::new(arg), fields.into())
            }
        };
        Ok(Some(Arg { pos, kind }))
    }

    fn term(&mut self) -> Result<Option<Arg>> {
        let token = self.peek_non_space();
        if !starts_term(token.kind) {
            return Ok(None);
        }
        self.take();
        let kind = match token.kind {
            TokenKind::Identifier => self.identifier(token)?,
            TokenKind::Dot => ArgKind::Dot,
            TokenKind::Nil => ArgKind::Nil,
            TokenKind::Variable => {
                let variable = self.variable(self.text(token));
                if !self.scope.variables.contains(&variable.id) {
                    let name = quote(variable.name.as_bytes());
                    return self.error(format!("undefined variable {name}"));
                }
                ArgKind::Variable(variable, Box::default())
            }
            TokenKind::Field => ArgKind::Field([SmolStr::from(&self.text(token)[1..])].into()),
            TokenKind::Bool => ArgKind::Bool(self.bytes(token) == b"true"),
            TokenKind::LeftParen => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return self.error("max expression depth exceeded");
                }
                let pipe = self.pipeline("parenthesized pipeline", TokenKind::RightParen)?;
                self.depth -= 1;
                ArgKind::Pipe(pipe)
            }
            TokenKind::String | TokenKind::RawString => match unquote(self.bytes(token)) {
                Some(value) => ArgKind::String(value.into(), self.text(token).as_str().into()),
                None => return self.error("invalid syntax"),
            },
            _ => match number(token.kind, self.text(token)) {
                Ok(number) => ArgKind::Number(number),
                Err(reason) => return self.error(reason),
            },
        };
        Ok(Some(Arg {
            pos: token.start,
            kind,
        }))
    }

    fn identifier(&self, token: Token) -> Result<ArgKind> {
        let name = self.text(token);
        match self.functions.find(&name) {
            Some(id) => Ok(ArgKind::Identifier(name, id)),
            None => {
                let name = quote(name.as_bytes());
                self.error(format!("function {name} not defined"))
            }
        }
    }
}

fn starts_term(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Bool
            | TokenKind::CharConstant
            | TokenKind::Complex
            | TokenKind::Dot
            | TokenKind::Field
            | TokenKind::Identifier
            | TokenKind::Number
            | TokenKind::Nil
            | TokenKind::RawString
            | TokenKind::String
            | TokenKind::Variable
            | TokenKind::LeftParen
    )
}

fn joined(names: Box<[SmolStr]>, more: Vec<SmolStr>) -> Box<[SmolStr]> {
    let mut names = names.into_vec();
    names.extend(more);
    names.into()
}
