//! The keywords of texts and numbers, and limits on lengths and counts.

use super::{Application, Checker};
use crate::json_schema::compiled::{NumberRules, TextRules};
use crate::json_schema::decimal::Decimal;
use crate::json_schema::failure::Reason;

impl Checker<'_> {
    pub(super) fn text(&mut self, cx: &mut Application<'_>, rules: &TextRules, text: &str) {
        if rules.min.or(rules.max).is_some() {
            let length = text.chars().count();
            self.count(cx, "minLength", length, rules.min, false);
            self.count(cx, "maxLength", length, rules.max, true);
        }
        if let Some((regex, pattern)) = &rules.pattern
            && !regex.is_match(text.as_bytes())
        {
            let reason = Reason::Pattern {
                got: text.to_owned(),
                want: pattern.clone(),
            };
            let fault = self.fault(cx, reason, Vec::new());
            cx.faults.push(fault);
        }
    }

    pub(super) fn number(
        &mut self,
        cx: &mut Application<'_>,
        rules: &NumberRules,
        number: &Decimal,
    ) {
        type Fails = fn(&Decimal, &Decimal) -> bool;
        let limits: [(&'static str, &Option<Decimal>, Fails); 5] = [
            ("minimum", &rules.minimum, |got, want| got < want),
            ("maximum", &rules.maximum, |got, want| got > want),
            ("exclusiveMinimum", &rules.exclusive_minimum, |got, want| {
                got <= want
            }),
            ("exclusiveMaximum", &rules.exclusive_maximum, |got, want| {
                got >= want
            }),
            ("multipleOf", &rules.multiple_of, |got, want| {
                !got.is_multiple_of(want)
            }),
        ];
        for (keyword, want, fails) in limits {
            if let Some(want) = want.as_ref().filter(|want| fails(number, want)) {
                let (got, want) = (number.as_f64(), want.as_f64());
                let reason = Reason::Limit { keyword, got, want };
                let fault = self.fault(cx, reason, Vec::new());
                cx.faults.push(fault);
            }
        }
    }

    /// A limit on a length or a count.
    pub(super) fn count(
        &mut self,
        cx: &mut Application<'_>,
        keyword: &'static str,
        got: usize,
        want: Option<i64>,
        is_most: bool,
    ) {
        let Some(want) = want else {
            return;
        };
        let beyond = match is_most {
            true => got as i64 > want,
            false => (got as i64) < want,
        };
        if beyond {
            let reason = Reason::Count { keyword, got, want };
            let fault = self.fault(cx, reason, Vec::new());
            cx.faults.push(fault);
        }
    }
}
