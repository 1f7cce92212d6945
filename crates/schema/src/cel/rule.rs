use tidegate_yaml::Node;

use super::native::native_root;
use super::types::Type;
use super::value::{Failure, Value};
use super::{CompileError, Program};
use crate::structural::{Rule, SchemaRef};

/// A rule with its message, compiled.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// None where the rule is blank.
    rule: Result<Option<Program>, CompileError>,
    /// None where there is no message expression that compiles.
    message: Option<Program>,
}

/// What the rules of one object may cost together.
#[derive(Clone, Copy, Debug)]
pub struct Budget(u64);

impl Default for Budget {
    fn default() -> Budget {
        Budget(10_000_000)
    }
}

impl Budget {
    /// What is left of it.
    pub fn left(&self) -> u64 {
        self.0
    }

    /// Takes a cost out; whether it was there.
    fn take(&mut self, cost: u64) -> bool {
        match self.0.checked_sub(cost) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => {
                self.0 = 0;
                false
            }
        }
    }
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is met, or it is not for this occasion.
    Met,
    /// It is not met, for this reason.
    NotMet(String),
    /// It does not compile.
    CompileError(String),
    /// It has no result.
    EvalError(String),
    /// The rules cost too much: no further one is evaluated.
    TooCostly(String),
}

/// The longest message that an expression may make, in bytes.
const LONGEST_MESSAGE: usize = 5 * 1024;

/// Checks a rule of a schema for a value. The rule is compiled when it is first checked, and kept.
///
/// `resource` says that the value is the root of an object, and `old` is the value before.
pub fn check_rule(
    rule: &Rule,
    schema: SchemaRef<'_>,
    resource: bool,
    own: &Node,
    old: Option<&Node>,
    budget: &mut Budget,
) -> Verdict {
    let compiled = rule
        .compiled
        .get_or_init(|| Compiled::new(rule, schema, resource));
    let program = match &compiled.rule {
        Ok(Some(program)) => program,
        Ok(None) => return Verdict::Met,
        Err(error) => return Verdict::CompileError(error.to_string()),
    };
    if program.uses_old_self && old.is_none() && !rule.optional_old_self {
        return Verdict::Met;
    }
    let value = |node| native_root(schema, node, resource || schema.embedded);
    let before = match (old.map(value).transpose(), rule.optional_old_self) {
        (Err(failure), _) => return Verdict::EvalError(evaluating(failure, rule)),
        (Ok(Some(old)), true) => Some(Value::some(old)),
        (Ok(None), true) => Some(Value::Optional(None)),
        (Ok(old), false) => old,
    };
    let own = match value(own) {
        Ok(own) => own,
        Err(failure) => return Verdict::EvalError(evaluating(failure, rule)),
    };
    let (outcome, cost) = program.eval(own.clone(), before.clone());
    if !budget.take(cost) {
        let message = "validation failed due to running out of cost budget, no further validation rules will be run";
        return Verdict::TooCostly(message.to_owned());
    }
    match outcome {
        Ok(Value::Bool(true)) => Verdict::Met,
        Ok(_) => {
            let made = compiled.message.as_ref().and_then(|program| {
                let (outcome, cost) = program.eval(own, before);
                match (budget.take(cost), outcome) {
                    (true, Ok(Value::Str(text))) => usable(&text),
                    _ => None,
                }
            });
            Verdict::NotMet(made.unwrap_or_else(|| fixed_message(rule)))
        }
        Err(Failure::CostLimit) => Verdict::TooCostly(format!(
            "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: {}",
            rule.rule
        )),
        Err(failure) => Verdict::EvalError(evaluating(failure, rule)),
    }
}

impl Compiled {
    fn new(rule: &Rule, schema: SchemaRef<'_>, resource: bool) -> Compiled {
        let resource = resource || schema.embedded;
        let compile = |text: &str, wanted: &Type| {
            Program::compile(text, schema, resource, rule.optional_old_self, wanted)
        };
        let message = match rule.message_expression.trim() {
            "" => None,
            _ => compile(&rule.message_expression, &Type::Str).ok(),
        };
        Compiled {
            rule: match rule.rule.trim() {
                "" => Ok(None),
                _ => compile(&rule.rule, &Type::Bool).map(Some),
            },
            message,
        }
    }
}

/// What is wrong with a rule before it meets a value.
pub(crate) struct Written {
    /// Why its expression does not compile.
    pub(crate) rule: Option<String>,
    /// Why that of its message does not.
    pub(crate) message: Option<String>,
    /// Whether it asks for the value before.
    pub(crate) uses_old_self: bool,
}

/// Compiles a rule and its message.
pub(crate) fn check_written(rule: &Rule, schema: SchemaRef<'_>, resource: bool) -> Written {
    let resource = resource || schema.embedded;
    let compile = |text: &str, wanted: &Type| {
        Program::compile(text, schema, resource, rule.optional_old_self, wanted)
    };
    let compiled = compile(&rule.rule, &Type::Bool);
    let uses_old_self = compiled.as_ref().is_ok_and(|program| program.uses_old_self);
    let message = match rule.message_expression.trim() {
        "" => None,
        text => compile(text, &Type::Str).err(),
    };
    Written {
        rule: compiled.err().map(|error| error.to_string()),
        message: message.map(|error| error.to_string()),
        uses_old_self,
    }
}

fn evaluating(failure: Failure, rule: &Rule) -> String {
    let reason = failure.message();
    match reason.starts_with("no such overload") {
        true => format!(
            "'{reason}': call arguments did not match a supported operator, function or macro signature for rule: {}",
            rule.rule
        ),
        false => format!("{reason} evaluating rule: {}", rule.rule),
    }
}

/// A message that an expression made, where it can be shown.
fn usable(text: &str) -> Option<String> {
    let text = text.trim();
    let fine = !text.is_empty() && !text.contains('\n') && text.len() <= LONGEST_MESSAGE;
    fine.then(|| text.to_owned())
}

fn fixed_message(rule: &Rule) -> String {
    match rule.message.trim() {
        "" => format!("failed rule: {}", rule.rule.trim()),
        message => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;
    use crate::structural::Schema;

    fn check(rule: &str, value: &str, expected: Verdict) {
        let schema = format!(
            r#"{{"type":"object","additionalProperties":{{"type":"string"}},"x-kubernetes-validations":[{{"rule":"{rule}"}}]}}"#
        );
        let schema = Schema::from_openapi(&read(&schema).unwrap());
        let (root, value) = (schema.root(), read(value).unwrap());
        let mut budget = Budget::default();
        let verdict = check_rule(
            &root.node().rules[0],
            root,
            false,
            &value,
            None,
            &mut budget,
        );
        assert_eq!(verdict, expected, "{rule}");
    }

    #[test]
    fn large_maps_and_costs() {
        let large = |count: usize| {
            let pairs = (0..count).map(|i| format!("\"k{i}\":\"v\""));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        };
        let every = "self.all(k, self[k] == 'v' && k in self)";
        check(every, r#"{"a":"v"}"#, Verdict::Met);
        check(every, &large(200), Verdict::Met);
        check("self['k200'] == 'v'", &large(201), Verdict::Met);
        check(
            "'k200' in self",
            &large(200),
            Verdict::NotMet("failed rule: 'k200' in self".into()),
        );
        let nested = "self.all(a, self.all(b, self[a] == self[b]))";
        check(
            nested,
            &large(1000),
            Verdict::TooCostly(format!(
                "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: {nested}"
            )),
        );
    }
}
