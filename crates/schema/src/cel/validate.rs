//! What is checked of literals once the types are known.

use super::CompileError;
use super::ast::{Expr, ExprKind, Literal};
use super::checker::Checked;
use super::library::string_format::{Clause, Piece, pieces};
use super::time::{Timestamp, parse_go_duration};
use super::types::Type;

/// Refuses literals that cannot be what they stand for, and lists and maps of several types.
pub(super) fn validate(expr: &Expr, checked: &Checked) -> Result<(), CompileError> {
    walk(expr, checked, false)
}

fn walk(expr: &Expr, checked: &Checked, mixed_allowed: bool) -> Result<(), CompileError> {
    let visit = |part: &Expr| walk(part, checked, mixed_allowed);
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Ident(_) => Ok(()),
        ExprKind::Select(select) => visit(&select.operand),
        ExprKind::Call(call) => {
            let mixed_allowed = mixed_allowed || call.function == "format";
            for part in call.target.as_deref().into_iter().chain(&call.args) {
                walk(part, checked, mixed_allowed)?;
            }
            if let Some(arg) = call.args.first()
                && let ExprKind::Literal(Literal::Str(text)) = &arg.kind
            {
                let valid = match call.function.as_str() {
                    "duration" => parse_go_duration(text).is_some(),
                    "timestamp" => Timestamp::parse_rfc3339(text).is_some_and(Timestamp::in_range),
                    "matches" => tidegate_golang::regexp::compile(text).is_ok(),
                    _ => true,
                };
                if !valid {
                    let reason = format!("invalid {} argument", call.function);
                    return Err(CompileError::new(arg.at, reason));
                }
            }
            if let ("format", Some(target)) = (call.function.as_str(), &call.target)
                && let ExprKind::Literal(Literal::Str(format)) = &target.kind
                && let [arg] = call.args.as_slice()
                && let ExprKind::List(items) = &arg.kind
            {
                let items: Vec<&Expr> = items.iter().map(|item| &item.value).collect();
                return check_format(expr, format, &items, checked);
            }
            Ok(())
        }
        ExprKind::List(items) => {
            for item in items {
                visit(&item.value)?;
            }
            let items = items.iter().map(|item| (&item.value, item.optional));
            uniform(items, checked, mixed_allowed)
        }
        ExprKind::Map(entries) => {
            for entry in entries {
                visit(&entry.key)?;
                visit(&entry.value)?;
            }
            let keys = entries.iter().map(|entry| (&entry.key, false));
            uniform(keys, checked, mixed_allowed)?;
            let values = entries.iter().map(|entry| (&entry.value, entry.optional));
            uniform(values, checked, mixed_allowed)
        }
        ExprKind::Fold(fold) => {
            visit(&fold.range)?;
            visit(&fold.init)?;
            visit(&fold.condition)?;
            visit(&fold.step)?;
            visit(&fold.result)
        }
    }
}

fn uniform<'e>(
    items: impl Iterator<Item = (&'e Expr, bool)>,
    checked: &Checked,
    mixed_allowed: bool,
) -> Result<(), CompileError> {
    if mixed_allowed {
        return Ok(());
    }
    let mut first: Option<Type> = None;
    for (item, optional) in items {
        let of = checked.type_of(item).clone();
        let of = if optional { of.unwrap_optional().0 } else { of };
        match &first {
            None => first = Some(of),
            Some(first) if *first == of => {}
            Some(first) => {
                let reason = format!("expected type '{first}' but found '{of}'");
                return Err(CompileError::new(item.at, reason));
            }
        }
    }
    Ok(())
}

fn check_format(
    call: &Expr,
    format: &str,
    args: &[&Expr],
    checked: &Checked,
) -> Result<(), CompileError> {
    let mut next = 0;
    for piece in pieces(format) {
        let clause = match piece {
            Ok(Piece::Text(_)) => continue,
            Ok(Piece::Clause(clause)) => clause,
            Err(reason) => return Err(CompileError::new(call.at, reason)),
        };
        let Some(arg) = args.get(next) else {
            return Err(CompileError::new(
                call.at,
                format!("index {next} out of range"),
            ));
        };
        if let Some(wrong) = misfit(clause, arg, checked) {
            let reason = clause.mismatch(&checked.type_of(wrong).to_string());
            return Err(CompileError::new(wrong.at, reason));
        }
        next += 1;
    }
    if args.len() > next {
        let reason = format!(
            "too many arguments supplied to string.format (expected {next}, got {})",
            args.len()
        );
        return Err(CompileError::new(call.at, reason));
    }
    Ok(())
}

/// The expression whose type does not fit the clause.
fn misfit<'e>(clause: Clause, arg: &'e Expr, checked: &Checked) -> Option<&'e Expr> {
    let of = checked.type_of(arg);
    let whole = matches!(of, Type::Int | Type::Uint | Type::Dyn);
    let fits = match clause {
        Clause::Text => !matches!(
            of,
            Type::Optional(_)
                | Type::Opaque(_)
                | Type::Object(_)
                | Type::Resource(_)
                | Type::Metadata
        ),
        Clause::Decimal | Clause::Octal => whole,
        Clause::Binary => whole || *of == Type::Bool,
        Clause::Hex { .. } => whole || matches!(of, Type::Str | Type::Bytes),
        Clause::Fixed(_) | Clause::Scientific(_) => {
            matches!(of, Type::Double | Type::Str | Type::Dyn)
        }
    };
    if !fits {
        return Some(arg);
    }
    if !matches!(clause, Clause::Text) {
        return None;
    }
    match &arg.kind {
        ExprKind::List(items) => items
            .iter()
            .find_map(|item| misfit(clause, &item.value, checked)),
        ExprKind::Map(entries) => entries.iter().find_map(|entry| {
            misfit(clause, &entry.key, checked).or_else(|| misfit(clause, &entry.value, checked))
        }),
        _ => None,
    }
}
