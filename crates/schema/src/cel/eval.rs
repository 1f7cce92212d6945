//! Evaluates the steps of a rule, and counts what that costs.

use std::mem;
use std::rc::Rc;

use regex::bytes::Regex;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ast::Selection;
use super::collections::{Entries, LargeMaps, List, Map};
use super::cost;
use super::library::{lookup, missing};
use super::plan::{Attribute, Base, Invocation, Loop, Qualifier, QualifierKey, Step};
use super::value::{Failure, Value};

/// What one evaluation may cost.
const LIMIT: u64 = 1_000_000;

type Outcome<'v> = Result<Value<'v>, Failure>;

/// The state of an evaluation.
pub(super) struct Context<'v> {
    regexes: &'v FxHashMap<SmolStr, Regex>,
    own: Option<Value<'v>>,
    old: Option<Value<'v>>,
    /// What loops bind: the accumulator, then the variables. A failure is a value to them.
    stack: Vec<Outcome<'v>>,
    large: LargeMaps<'v>,
    pub(super) cost: u64,
}

impl<'v> Context<'v> {
    pub(super) fn new(
        regexes: &'v FxHashMap<SmolStr, Regex>,
        own: Option<Value<'v>>,
        old: Option<Value<'v>>,
    ) -> Context<'v> {
        Context {
            regexes,
            own,
            old,
            stack: Vec::new(),
            large: LargeMaps::default(),
            cost: 0,
        }
    }

    /// A regular expression that was compiled with the rule.
    pub(super) fn regex(&self, pattern: &str) -> Option<&'v Regex> {
        self.regexes.get(pattern)
    }

    /// The value of an index or a key; none where there is none.
    pub(super) fn lookup(
        &mut self,
        value: &Value<'v>,
        key: &Value<'v>,
    ) -> Result<Option<Value<'v>>, Failure> {
        match self.large.find(value, key) {
            Some(found) => found,
            None => lookup(value, key),
        }
    }

    /// Adds to what the evaluation costs.
    fn charge(&mut self, cost: u64) -> Result<(), Failure> {
        self.cost = self.cost.saturating_add(cost);
        match self.cost > LIMIT {
            true => Err(Failure::CostLimit),
            false => Ok(()),
        }
    }

    pub(super) fn eval(&mut self, step: &'v Step) -> Outcome<'v> {
        match step {
            Step::Constant(constant) => constant.value(),
            Step::Attribute(attribute) => self.attribute(attribute, true),
            Step::Call(call) => self.call(call),
            Step::Condition(parts) => match self.eval(&parts[0])? {
                Value::Bool(true) => self.branch(&parts[1]),
                Value::Bool(false) => self.branch(&parts[2]),
                _ => Err(Failure::no_such_overload()),
            },
            Step::And(terms) => self.logical(terms, false),
            Step::Or(terms) => self.logical(terms, true),
            Step::NotFalse(step) => {
                let value = self.eval(step);
                self.charge(1)?;
                match value {
                    Ok(Value::Bool(value)) => Ok(Value::Bool(value)),
                    Err(Failure::CostLimit) => Err(Failure::CostLimit),
                    _ => Ok(Value::Bool(true)),
                }
            }
            Step::OptionalOr {
                first,
                second,
                unwrap,
            } => match self.eval(first)? {
                Value::Optional(Some(value)) if *unwrap => Ok((*value).clone()),
                Value::Optional(Some(value)) => Ok(Value::Optional(Some(value))),
                Value::Optional(None) => self.eval(second),
                _ => Err(Failure::no_such_overload()),
            },
            Step::Member(step, list) => {
                let value = self.eval(step)?;
                for constant in list {
                    if constant.value()?.equals(&value) == Ok(true) {
                        return Ok(Value::Bool(true));
                    }
                }
                Ok(Value::Bool(false))
            }
            Step::List(items) => {
                let items = self.items(items)?;
                Ok(Value::list(items))
            }
            Step::Map(entries) => {
                let made = self.entries(entries);
                self.charge(cost::MAP)?;
                Ok(Value::Map(Map::Made(Rc::new(made?))))
            }
            Step::Append(place, items) => {
                self.charge(1)?;
                let items = self.items(items)?;
                self.charge(1)?;
                match mem::replace(&mut self.stack[*place], Ok(Value::Null))? {
                    Value::List(List::Made(mut list)) => {
                        Rc::make_mut(&mut list).extend(items);
                        Ok(Value::List(List::Made(list)))
                    }
                    _ => Err(Failure::no_such_overload()),
                }
            }
            Step::Fold(fold) => self.fold(fold),
        }
    }

    /// A branch of a condition: an attribute costs only what leads into it.
    fn branch(&mut self, step: &'v Step) -> Outcome<'v> {
        match step {
            Step::Attribute(attribute) => self.attribute(attribute, false),
            step => self.eval(step),
        }
    }

    fn entries(&mut self, entries: &'v [(Step, Step, bool)]) -> Result<Entries<'v>, Failure> {
        let mut out = Entries::default();
        for (key, value, optional) in entries {
            let key = self.eval(key)?;
            match (self.eval(value)?, optional) {
                (Value::Optional(Some(value)), true) => out.set(key, (*value).clone())?,
                (Value::Optional(None), true) => {}
                (_, true) => return Err(Failure::no_such_overload()),
                (value, false) => out.set(key, value)?,
            }
        }
        Ok(out)
    }

    fn items(&mut self, items: &'v [(Step, bool)]) -> Result<Vec<Value<'v>>, Failure> {
        let is_constant =
            |(step, optional): &(Step, bool)| matches!(step, Step::Constant(_)) && !optional;
        let made = self.item_values(items);
        if !items.iter().all(is_constant) {
            self.charge(cost::LIST)?;
        }
        made
    }

    fn item_values(&mut self, items: &'v [(Step, bool)]) -> Result<Vec<Value<'v>>, Failure> {
        let mut out = Vec::with_capacity(items.len());
        for (step, optional) in items {
            match (self.eval(step)?, optional) {
                (Value::Optional(Some(value)), true) => out.push((*value).clone()),
                (Value::Optional(None), true) => {}
                (_, true) => return Err(Failure::no_such_overload()),
                (value, false) => out.push(value),
            }
        }
        Ok(out)
    }

    /// `&&` and `||`: one term that decides is enough, whatever fails beside it.
    fn logical(&mut self, terms: &'v [Step], decisive: bool) -> Outcome<'v> {
        let mut failure = None;
        for term in terms {
            match self.eval(term) {
                Ok(Value::Bool(value)) if value == decisive => return Ok(Value::Bool(decisive)),
                Ok(Value::Bool(_)) => {}
                Ok(_) => failure = failure.or(Some(Failure::no_such_overload())),
                Err(Failure::CostLimit) => return Err(Failure::CostLimit),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn attribute(&mut self, attribute: &'v Attribute, counts: bool) -> Outcome<'v> {
        let no_such = |name: &str| Failure::new(format!("no such attribute(s): {name}"));
        let mut value = match &attribute.base {
            Base::Own => self.own.clone().ok_or_else(|| no_such("self"))?,
            Base::Old => self.old.clone().ok_or_else(|| no_such("oldSelf"))?,
            Base::Local(place) => {
                if counts && attribute.path.is_empty() {
                    self.charge(1)?;
                }
                match (&self.stack[*place], attribute.path.is_empty()) {
                    (value, true) => return value.clone(),
                    (value, false) => value.clone()?,
                }
            }
            Base::Step(step) => self.eval(step)?,
        };
        let mut test = false;
        for qualifier in &attribute.path {
            test = qualifier.how == Selection::Test;
            match self.qualify(value, qualifier) {
                Ok(found) => value = found,
                // What fails costs as much.
                Err(Failure::Error(reason)) => {
                    self.charge(u64::from(counts && !test))?;
                    return Err(Failure::Error(reason));
                }
                Err(Failure::CostLimit) => return Err(Failure::CostLimit),
            }
        }
        self.charge(u64::from(counts && !test))?;
        Ok(value)
    }

    fn qualify(&mut self, value: Value<'v>, qualifier: &'v Qualifier) -> Outcome<'v> {
        let key = match &qualifier.key {
            QualifierKey::Constant(constant) => constant.value()?,
            QualifierKey::Step(Step::Attribute(attribute)) => self.attribute(attribute, false)?,
            QualifierKey::Step(step) => self.eval(step)?,
        };
        // What is selected from an optional value is optional.
        let (value, was_optional) = match value {
            Value::Optional(None) => {
                return Ok(match qualifier.how {
                    Selection::Test => Value::Bool(false),
                    _ => Value::Optional(None),
                });
            }
            Value::Optional(Some(value)) => ((*value).clone(), true),
            value => (value, false),
        };
        let found = self.lookup(&value, &key);
        let absent = qualifier.how == Selection::Optional && matches!(found, Ok(None));
        self.charge(u64::from(!absent))?;
        match qualifier.how {
            Selection::Test => Ok(Value::Bool(found?.is_some())),
            Selection::Optional => Ok(match found? {
                Some(found) => Value::some(found),
                None => Value::Optional(None),
            }),
            Selection::Value => match found? {
                Some(found) if was_optional => Ok(Value::some(found)),
                Some(found) => Ok(found),
                None => Err(missing(&value, &key)),
            },
        }
    }

    fn call(&mut self, call: &'v Invocation) -> Outcome<'v> {
        let mut args = Vec::with_capacity(call.args.len());
        let mut failure = None;
        for step in &call.args {
            match self.eval(step) {
                Ok(value) => args.push(value),
                Err(Failure::CostLimit) => return Err(Failure::CostLimit),
                Err(error) => {
                    failure = failure.or(Some(error));
                    // It counts as little as null.
                    args.push(Value::Null);
                }
            }
        }
        let result = match failure {
            Some(error) => Err(error),
            None => match call.overload(&args) {
                Some(overload) => (overload.run)(self, &args),
                None => Err(Failure::no_such_overload()),
            },
        };
        let id = match call.overloads.as_slice() {
            [only] => only.id,
            _ => "",
        };
        let shown = result.as_ref().unwrap_or(&Value::Null);
        let cost = cost::of_call(&call.function, id, &args, shown)?;
        self.charge(cost)?;
        result
    }

    fn fold(&mut self, fold: &'v Loop) -> Outcome<'v> {
        let range = self.eval(&fold.range)?;
        let place = self.stack.len();
        let init = self.eval(&fold.init);
        self.stack.push(init);
        let outcome = self.turns(fold, range, place);
        self.stack.truncate(place + 1);
        let result = match outcome {
            Ok(()) => self.eval(&fold.result),
            Err(error) => Err(error),
        };
        self.stack.truncate(place);
        result
    }

    fn turns(&mut self, fold: &'v Loop, range: Value<'v>, place: usize) -> Result<(), Failure> {
        match range {
            Value::List(list) => {
                for (index, item) in list.iter().enumerate() {
                    let more = match fold.two {
                        true => self.turn(fold, place, [Ok(Value::Int(index as i64)), item])?,
                        false => self.turn(fold, place, [item])?,
                    };
                    if !more {
                        break;
                    }
                }
            }
            Value::Map(map) if fold.two => {
                for (key, value) in map.entries()? {
                    if !self.turn(fold, place, [Ok(key), Ok(value)])? {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                for key in map.keys() {
                    if !self.turn(fold, place, [Ok(key)])? {
                        break;
                    }
                }
            }
            _ => return Err(Failure::no_such_overload()),
        }
        Ok(())
    }

    /// One turn of a loop; whether there is to be another.
    fn turn<const N: usize>(
        &mut self,
        fold: &'v Loop,
        place: usize,
        vars: [Outcome<'v>; N],
    ) -> Result<bool, Failure> {
        self.stack.truncate(place + 1);
        self.stack.extend(vars);
        match self.eval(&fold.condition) {
            Ok(Value::Bool(true)) => {}
            Err(Failure::CostLimit) => return Err(Failure::CostLimit),
            Ok(Value::Bool(false)) => return Ok(false),
            _ => {}
        }
        let value = self.eval(&fold.step);
        if matches!(value, Err(Failure::CostLimit)) {
            return Err(Failure::CostLimit);
        }
        self.stack[place] = value;
        Ok(true)
    }
}
