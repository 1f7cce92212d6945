use std::time::Duration;

use crate::verdict::Reason;

/// Something besides the objects that has to hold while the window is open: a metric, a probe.
///
/// It runs at its own pace: it is asked at every sample, and takes a measurement when one is due. It may wait
/// for an answer, within bounds of its own, as no sample is taken meanwhile.
pub trait Check {
    /// Its name, as the user gave it.
    fn name(&self) -> &str;

    /// A window opens: what was measured before does not count.
    fn restart(&mut self);

    /// `elapsed` has passed since the window opened. Takes the measurements that are due, and says what came of all
    /// of them so far.
    fn measure(&mut self, elapsed: Duration) -> CheckOutcome;
}

/// What came of the measurements of a [`Check`] so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// There are more to be taken: the window stays open for them.
    Running,
    /// It held.
    Held,
    /// It did not, which is the end.
    Failed(Vec<Reason>),
    /// Whether it holds cannot be told, which is the end.
    Inconclusive(Vec<Reason>),
}

impl CheckOutcome {
    /// Why it failed, where it did.
    pub fn failed(&self) -> Option<&[Reason]> {
        match self {
            CheckOutcome::Failed(reasons) => Some(reasons),
            _ => None,
        }
    }

    /// Why it cannot be told, where that is so.
    pub fn inconclusive(&self) -> Option<&[Reason]> {
        match self {
            CheckOutcome::Inconclusive(reasons) => Some(reasons),
            _ => None,
        }
    }
}
