//! CEL, the language of validation rules, as the API server compiles and evaluates it: with the
//! libraries of Kubernetes, types out of the schema, and limits of what a rule may cost.
//!
//! An expression is cut into tokens (`lexer`), read and its macros expanded (`parser`, `macros`),
//! given types (`checker`, `validate`), made into steps (`plan`) and evaluated (`eval`).

mod ast;
mod checker;
mod collections;
mod constant;
mod cost;
mod declared;
mod escape;
mod eval;
mod lexer;
mod library;
mod macros;
mod native;
mod parser;
mod plan;
mod rule;
mod signature;
pub(crate) mod time;
mod types;
mod validate;
mod value;

use std::fmt;

use regex::bytes::Regex;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::structural::SchemaRef;
use eval::Context;
use types::Type;
use value::{Failure, Value};

pub(crate) use escape::is_reserved;
pub use rule::{Budget, Verdict, check_rule};
pub(crate) use rule::{Compiled, check_written};

/// Why an expression is refused before it is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// Offset in the expression.
    pub at: u32,
    /// What is wrong with it.
    pub reason: String,
}

impl CompileError {
    pub(crate) fn new(at: u32, reason: String) -> CompileError {
        CompileError { at, reason }
    }

    fn instantiation(at: u32, reason: String) -> CompileError {
        CompileError::new(at, format!("program instantiation failed: {reason}"))
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// Checks an expression of an admission policy or a match condition. What it is about has no schema.
pub(crate) fn check_admission(text: &str, is_bool: bool) -> Result<(), String> {
    let parser::Parsed { mut expr, count } =
        parser::parse(text).map_err(|error| format!("compilation failed: {error}"))?;
    let checked = checker::check_dynamic(&mut expr, count)
        .and_then(|checked| validate::validate(&expr, &checked).map(|()| checked))
        .map_err(|error| format!("compilation failed: {error}"))?;
    match checked.type_of(&expr) {
        Type::Bool => Ok(()),
        _ if !is_bool => Ok(()),
        other => Err(format!("must evaluate to bool but got {other}")),
    }
}

/// A compiled expression.
#[derive(Debug)]
struct Program {
    step: plan::Step,
    regexes: FxHashMap<SmolStr, Regex>,
    uses_old_self: bool,
}

impl Program {
    /// Compiles an expression about a value of a schema that must give a value of a type.
    fn compile(
        text: &str,
        schema: SchemaRef<'_>,
        resource: bool,
        optional_old_self: bool,
        wanted: &Type,
    ) -> Result<Program, CompileError> {
        let parser::Parsed { mut expr, count } = parser::parse(text)?;
        let checked = checker::check(&mut expr, count, schema, resource, optional_old_self)?;
        validate::validate(&expr, &checked)?;
        if checked.type_of(&expr) != wanted {
            let what = match wanted {
                Type::Bool => "cel expression must evaluate to a bool",
                _ => "messageExpression must evaluate to a string",
            };
            return Err(CompileError::new(0, what.to_owned()));
        }
        let (step, regexes) = plan::plan(&expr, &checked)?;
        Ok(Program {
            step,
            regexes,
            uses_old_self: checked.uses_old_self,
        })
    }

    /// Evaluates it, and says what that cost.
    fn eval<'v>(
        &'v self,
        own: Value<'v>,
        old: Option<Value<'v>>,
    ) -> (Result<Value<'v>, Failure>, u64) {
        let mut context = Context::new(&self.regexes, Some(own), old);
        let outcome = context.eval(&self.step);
        (outcome, context.cost)
    }
}
