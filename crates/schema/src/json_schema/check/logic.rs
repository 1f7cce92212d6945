//! The keywords that put schemas together.

use super::{Application, Checker};
use crate::json_schema::compiled::{Id, Logic};
use crate::json_schema::failure::Reason;

impl Checker<'_> {
    pub(super) fn logic(&mut self, cx: &mut Application<'_>, logic: &Logic) {
        if let Some(id) = logic.not
            && self.same(cx, id, None, true).is_ok()
        {
            let fault = self.fault(cx, Reason::Not, Vec::new());
            cx.faults.push(fault);
        }
        self.all_of(cx, &logic.all_of);
        self.any_of(cx, &logic.any_of);
        self.one_of(cx, &logic.one_of);
        if let Some(id) = logic.condition {
            let branch = match self.same(cx, id, None, true) {
                Ok(()) => logic.then,
                Err(_) => logic.otherwise,
            };
            if let Some(id) = branch {
                let found = self.same(cx, id, None, false);
                cx.faults.extend(found.err());
            }
        }
    }

    fn all_of(&mut self, cx: &mut Application<'_>, all: &[Id]) {
        let mut faults = Vec::new();
        for id in all {
            if let Err(fault) = self.same(cx, *id, None, false) {
                faults.push(fault);
                if cx.scope.quiet {
                    break;
                }
            }
        }
        if !faults.is_empty() {
            let fault = self.fault(cx, Reason::AllOf, faults);
            cx.faults.push(fault);
        }
    }

    fn any_of(&mut self, cx: &mut Application<'_>, any: &[Id]) {
        let mut faults = Vec::new();
        let mut matched = any.is_empty();
        for id in any {
            match self.same(cx, *id, None, false) {
                Err(fault) => faults.push(fault),
                Ok(()) => {
                    matched = true;
                    // What is not evaluated depends on all that match.
                    if cx.unevaluated.is_empty() {
                        break;
                    }
                }
            }
        }
        if !matched {
            let fault = self.fault(cx, Reason::AnyOf, faults);
            cx.faults.push(fault);
        }
    }

    fn one_of(&mut self, cx: &mut Application<'_>, all: &[Id]) {
        if all.is_empty() {
            return;
        }
        let mut faults = Vec::new();
        let mut matched = None;
        for (i, id) in all.iter().enumerate() {
            match (self.same(cx, *id, None, matched.is_some()), matched) {
                (Err(fault), None) => faults.push(fault),
                (Err(_), Some(_)) => {}
                (Ok(()), None) => matched = Some(i),
                (Ok(()), Some(first)) => {
                    let fault = self.fault(cx, Reason::OneOf(Some((first, i))), Vec::new());
                    cx.faults.push(fault);
                    break;
                }
            }
        }
        if matched.is_none() {
            let fault = self.fault(cx, Reason::OneOf(None), faults);
            cx.faults.push(fault);
        }
    }
}
