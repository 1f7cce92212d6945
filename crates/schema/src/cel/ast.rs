use smol_str::SmolStr;

/// An expression after macros are expanded.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    /// Its number: the checker keeps types by it.
    pub(super) id: u32,
    /// Offset in the text, for messages.
    pub(super) at: u32,
    /// How deep expressions nest in it.
    pub(super) height: u32,
    pub(super) kind: ExprKind,
}

impl ExprKind {
    /// One more than that of the highest part.
    pub(super) fn height(&self) -> u32 {
        let highest = match self {
            ExprKind::Literal(_) | ExprKind::Ident(_) => 0,
            ExprKind::Select(select) => select.operand.height,
            ExprKind::Call(call) => {
                let parts = call.target.as_deref().into_iter().chain(&call.args);
                parts.map(|part| part.height).max().unwrap_or(0)
            }
            ExprKind::List(items) => items.iter().map(|i| i.value.height).max().unwrap_or(0),
            ExprKind::Map(entries) => {
                let parts = entries.iter().flat_map(|entry| [&entry.key, &entry.value]);
                parts.map(|part| part.height).max().unwrap_or(0)
            }
            ExprKind::Fold(fold) => {
                let parts = [&fold.range, &fold.init, &fold.condition, &fold.step];
                let highest = parts.iter().map(|part| part.height).max();
                highest.unwrap_or(0).max(fold.result.height)
            }
        };
        highest + 1
    }
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum ExprKind {
    Literal(Literal),
    /// A name; with a leading dot where it was written so.
    Ident(SmolStr),
    Select(Select),
    Call(Call),
    List(Vec<Element>),
    Map(Vec<Entry>),
    Fold(Box<Fold>),
}

/// `operand.field`, `operand.?field` or `has(operand.field)`.
#[derive(Clone, Debug)]
pub(super) struct Select {
    pub(super) operand: Box<Expr>,
    pub(super) field: SmolStr,
    pub(super) how: Selection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    Value,
    Test,
    Optional,
}

/// A call of a function, an operator, or a method of `target`.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) function: SmolStr,
    pub(super) target: Option<Box<Expr>>,
    pub(super) args: Vec<Expr>,
}

/// An item of a list; with `?` it is left out where it has no value.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) value: Expr,
    pub(super) optional: bool,
}

/// An entry of a map; with `?` it is left out where it has no value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Expr,
    pub(super) value: Expr,
    pub(super) optional: bool,
}

/// The loop that all macros over collections expand to.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    pub(super) range: Expr,
    pub(super) var: SmolStr,
    pub(super) var2: Option<SmolStr>,
    pub(super) accu: SmolStr,
    pub(super) init: Expr,
    pub(super) condition: Expr,
    pub(super) step: Expr,
    pub(super) result: Expr,
}

/// A value that is written in the expression, or that is known once it is compiled.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Str(SmolStr),
    Bytes(std::sync::Arc<[u8]>),
}
