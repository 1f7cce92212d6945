use smol_str::SmolStr;

use super::CompileError;
use super::ast::{Call, Element, Entry, Expr, ExprKind, Literal, Select, Selection};
use super::escape::RESERVED;
use super::lexer::{Token, tokens};
use super::macros;

/// Brackets and conditions nest no deeper than this.
const DEPTH: u32 = 100;

/// Expressions nest no deeper than this; a chain of calls or operators nests as well.
const HEIGHT: u32 = 400;

/// The parts of an expression, copies that macros make included.
const PARTS: u32 = 100_000;

/// Operators that compare, all of one precedence.
const RELATIONS: [&str; 6] = ["<", "<=", ">=", ">", "==", "!="];

/// Reads an expression and expands its macros.
pub(super) fn parse(text: &str) -> Result<Parsed, CompileError> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
        ids: Ids::default(),
    };
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(Parsed {
            expr,
            count: parser.ids.count,
        }),
        _ => Err(parser.unexpected()),
    }
}

/// An expression, and how many numbers were given to its parts.
pub(super) struct Parsed {
    pub(super) expr: Expr,
    pub(super) count: u32,
}

/// Gives each expression its number.
#[derive(Default)]
pub(super) struct Ids {
    count: u32,
    highest: u32,
}

impl Ids {
    pub(super) fn expr(&mut self, at: u32, kind: ExprKind) -> Expr {
        let height = kind.height();
        self.highest = self.highest.max(height);
        self.count += 1;
        Expr {
            id: self.count - 1,
            at,
            height,
            kind,
        }
    }

    /// Whether what was made so far is within the limits.
    pub(super) fn check(&self, at: u32) -> Result<(), CompileError> {
        match self.highest > HEIGHT || self.count > PARTS {
            true => Err(CompileError::new(
                at,
                "expression nests too deep or is too large".to_owned(),
            )),
            false => Ok(()),
        }
    }

    pub(super) fn call(&mut self, at: u32, function: &str, args: Vec<Expr>) -> Expr {
        let call = Call {
            function: function.into(),
            target: None,
            args,
        };
        self.expr(at, ExprKind::Call(call))
    }
}

struct Parser {
    tokens: Vec<(Token, u32)>,
    next: usize,
    depth: u32,
    ids: Ids,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> u32 {
        self.tokens[self.next].1
    }

    fn advance(&mut self) -> Token {
        let token = self.tokens[self.next].0.clone();
        if self.next + 1 < self.tokens.len() {
            self.next += 1;
        }
        token
    }

    fn take(&mut self, punct: &str) -> bool {
        let found = matches!(self.peek(), Token::Punct(p) if *p == punct);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, punct: &str) -> Result<(), CompileError> {
        match self.take(punct) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> CompileError {
        let found = match self.peek() {
            Token::End => "<EOF>".to_owned(),
            Token::Punct(punct) => (*punct).to_owned(),
            Token::Ident(text) | Token::Int(text) | Token::Double(text) => text.to_string(),
            Token::Uint(text) => format!("{text}u"),
            Token::Str(text) => format!("{text:?}"),
            Token::Bytes(_) => "bytes".to_owned(),
        };
        CompileError::new(
            self.at(),
            format!("Syntax error: mismatched input '{found}'"),
        )
    }

    fn expr(&mut self) -> Result<Expr, CompileError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(CompileError::new(
                self.at(),
                "expression nests too deep".to_owned(),
            ));
        }
        let condition = self.or()?;
        let at = self.at();
        let expr = if self.take("?") {
            let then = self.or()?;
            self.expect(":")?;
            let otherwise = self.expr()?;
            self.ids.call(at, "_?_:_", vec![condition, then, otherwise])
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn or(&mut self) -> Result<Expr, CompileError> {
        self.joined("||", "_||_", Parser::and)
    }

    fn and(&mut self) -> Result<Expr, CompileError> {
        self.joined("&&", "_&&_", Parser::relation)
    }

    /// A chain of one logical operator is one call, however long it is.
    fn joined(
        &mut self,
        operator: &str,
        function: &str,
        term: fn(&mut Parser) -> Result<Expr, CompileError>,
    ) -> Result<Expr, CompileError> {
        let first = term(self)?;
        let at = self.at();
        let mut terms = vec![first];
        while self.take(operator) {
            terms.push(term(self)?);
        }
        Ok(match terms.len() {
            1 => terms.remove(0),
            _ => self.ids.call(at, function, terms),
        })
    }

    fn relation(&mut self) -> Result<Expr, CompileError> {
        let mut left = self.sum()?;
        loop {
            let at = self.at();
            self.ids.check(at)?;
            let function = match self.peek() {
                Token::Punct(punct) if RELATIONS.contains(punct) => format!("_{punct}_"),
                Token::Ident(name) if name == "in" => "@in".to_owned(),
                _ => return Ok(left),
            };
            self.advance();
            let right = self.sum()?;
            left = self.ids.call(at, &function, vec![left, right]);
        }
    }

    fn sum(&mut self) -> Result<Expr, CompileError> {
        self.binary(&["+", "-"], Parser::product)
    }

    fn product(&mut self) -> Result<Expr, CompileError> {
        self.binary(&["*", "/", "%"], Parser::unary)
    }

    fn binary(
        &mut self,
        operators: &[&str],
        operand: fn(&mut Parser) -> Result<Expr, CompileError>,
    ) -> Result<Expr, CompileError> {
        let mut left = operand(self)?;
        loop {
            let at = self.at();
            self.ids.check(at)?;
            let operator = match self.peek() {
                Token::Punct(punct) if operators.contains(punct) => *punct,
                _ => return Ok(left),
            };
            self.advance();
            let right = operand(self)?;
            left = self
                .ids
                .call(at, &format!("_{operator}_"), vec![left, right]);
        }
    }

    fn unary(&mut self) -> Result<Expr, CompileError> {
        let at = self.at();
        if self.take("!") {
            let mut count = 1;
            while self.take("!") {
                count += 1;
            }
            let operand = self.member()?;
            return Ok(match count % 2 {
                0 => operand,
                _ => self.ids.call(at, "!_", vec![operand]),
            });
        }
        let is_negative_number = matches!(self.peek(), Token::Punct("-"))
            && matches!(
                self.tokens.get(self.next + 1),
                Some((Token::Int(_) | Token::Double(_), _))
            );
        if !is_negative_number && self.take("-") {
            let mut count = 1;
            while self.take("-") {
                count += 1;
            }
            let operand = self.member()?;
            return Ok(match count % 2 {
                0 => operand,
                _ => self.ids.call(at, "-_", vec![operand]),
            });
        }
        self.member()
    }

    fn member(&mut self) -> Result<Expr, CompileError> {
        let mut left = self.primary()?;
        loop {
            let at = self.at();
            self.ids.check(at)?;
            if self.take(".") {
                let optional = self.take("?");
                let name = match self.peek() {
                    Token::Ident(name)
                        if !matches!(name.as_str(), "in" | "true" | "false" | "null") =>
                    {
                        name.clone()
                    }
                    _ => return Err(self.unexpected()),
                };
                self.advance();
                let at_call = self.at();
                left = if !optional && self.take("(") {
                    let args = self.list(")")?;
                    self.method(at_call, left, name, args)?
                } else {
                    let how = match optional {
                        true => Selection::Optional,
                        false => Selection::Value,
                    };
                    let select = Select {
                        operand: Box::new(left),
                        field: name,
                        how,
                    };
                    self.ids.expr(at, ExprKind::Select(select))
                };
            } else if self.take("[") {
                let function = match self.take("?") {
                    true => "_[?_]",
                    false => "_[_]",
                };
                let index = self.expr()?;
                self.expect("]")?;
                left = self.ids.call(at, function, vec![left, index]);
            } else {
                return Ok(left);
            }
        }
    }

    fn method(
        &mut self,
        at: u32,
        target: Expr,
        function: SmolStr,
        args: Vec<Expr>,
    ) -> Result<Expr, CompileError> {
        match macros::method(&mut self.ids, at, target, &function, args)? {
            macros::Expanded::Expr(expr) => Ok(expr),
            macros::Expanded::None(target, args) => {
                let call = Call {
                    function,
                    target: Some(Box::new(target)),
                    args,
                };
                Ok(self.ids.expr(at, ExprKind::Call(call)))
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, CompileError> {
        let at = self.at();
        if self.take("(") {
            let expr = self.expr()?;
            self.expect(")")?;
            return Ok(expr);
        }
        if self.take("[") {
            let items = self.elements()?;
            return Ok(self.ids.expr(at, ExprKind::List(items)));
        }
        if self.take("{") {
            let entries = self.entries()?;
            return Ok(self.ids.expr(at, ExprKind::Map(entries)));
        }
        let negative = self.take("-");
        let dotted = !negative && self.take(".");
        let literal = match self.peek().clone() {
            Token::Int(text) => int(&text, negative).map(Literal::Int),
            Token::Double(text) => {
                let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
                value.map(|value| Literal::Double(if negative { -value } else { value }))
            }
            Token::Uint(text) if !negative => uint(&text).map(Literal::Uint),
            Token::Str(text) if !negative && !dotted => Some(Literal::Str(text)),
            Token::Bytes(bytes) if !negative && !dotted => Some(Literal::Bytes(bytes.into())),
            Token::Ident(name) if !negative => return self.name(at, dotted, name),
            _ => return Err(self.unexpected()),
        };
        let literal = literal.ok_or_else(|| {
            CompileError::new(at, "Syntax error: invalid number literal".to_owned())
        })?;
        self.advance();
        Ok(self.ids.expr(at, ExprKind::Literal(literal)))
    }

    fn name(&mut self, at: u32, dotted: bool, name: SmolStr) -> Result<Expr, CompileError> {
        let literal = match name.as_str() {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            "null" => Some(Literal::Null),
            _ => None,
        };
        if name == "in" || (dotted && literal.is_some()) {
            return Err(self.unexpected());
        }
        self.advance();
        if let Some(literal) = literal {
            return Ok(self.ids.expr(at, ExprKind::Literal(literal)));
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(CompileError::new(
                at,
                format!("reserved identifier: {name}"),
            ));
        }
        let full: SmolStr = match dotted {
            true => format!(".{name}").into(),
            false => name,
        };
        let at_call = self.at();
        if self.take("(") {
            let args = self.list(")")?;
            return macros::global(&mut self.ids, at_call, &full, args);
        }
        Ok(self.ids.expr(at, ExprKind::Ident(full)))
    }

    /// Expressions up to a closing bracket, with no comma behind the last.
    fn list(&mut self, close: &str) -> Result<Vec<Expr>, CompileError> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expr()?);
            if self.take(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    fn elements(&mut self) -> Result<Vec<Element>, CompileError> {
        let mut items = Vec::new();
        while !self.take("]") {
            let optional = self.take("?");
            let value = self.expr()?;
            items.push(Element { value, optional });
            if !self.take(",") {
                self.expect("]")?;
                break;
            }
        }
        Ok(items)
    }

    fn entries(&mut self) -> Result<Vec<Entry>, CompileError> {
        let mut entries = Vec::new();
        while !self.take("}") {
            let optional = self.take("?");
            let key = self.expr()?;
            self.expect(":")?;
            let value = self.expr()?;
            entries.push(Entry {
                key,
                value,
                optional,
            });
            if !self.take(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(entries)
    }
}

fn int(text: &str, negative: bool) -> Option<i64> {
    let value = i128::from(uint(text)?);
    i64::try_from(if negative { -value } else { value }).ok()
}

fn uint(text: &str) -> Option<u64> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parses() {
        for text in [
            "-9223372036854775808",
            "a.b.?c[?0][1].d(2, 3)",
            "!!a && -b < 3 || c in [1, ?d,]",
            "{'a': 1, ?'b': x,}",
            "a ? b : c ? d : e",
            "self.if == 1",
            ".a.b",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_does_not() {
        for text in [
            "9223372036854775808",
            "f(1,)",
            "if",
            "a.in",
            "a ? b",
            "[,]",
            "1 = 1",
            "a.?b(1)",
            "",
            "has(a)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(parse(&deep).is_err());
        let deep = format!("{}1", "a[".repeat(100_000));
        assert!(parse(&deep).is_err());
    }
}
