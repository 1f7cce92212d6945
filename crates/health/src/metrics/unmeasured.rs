use std::time::Duration;

use crate::check::{Check, CheckOutcome};
use crate::verdict::{Reason, ReasonKind};

/// Something that is declared and cannot be measured: nothing is proven then.
#[derive(Debug)]
pub struct Unmeasured {
    name: String,
    reason: Reason,
}

impl Unmeasured {
    /// What is not measured, and why.
    pub fn new(name: impl Into<String>, mut reason: Reason) -> Unmeasured {
        reason.kind = ReasonKind::DidNotRun;
        Unmeasured {
            name: name.into(),
            reason,
        }
    }
}

impl Check for Unmeasured {
    fn name(&self) -> &str {
        &self.name
    }

    fn restart(&mut self) {}

    fn measure(&mut self, _: Duration) -> CheckOutcome {
        CheckOutcome::Inconclusive(vec![self.reason.clone()])
    }
}
