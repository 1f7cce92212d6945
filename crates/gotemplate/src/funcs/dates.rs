//! Dates and durations.

use std::borrow::Cow;

use super::{Result, text};
use crate::functions::{Call, Function};
use crate::object::{Object, Type};
use crate::time::{
    DAYS, MONTHS, SECOND, Time, Zone, format, format_duration, parse, parse_duration,
};
use crate::value::{Kind, Value};

use Type::{Any, Int};

const STR: Type = Type::Str;
const TIME: Type = Type::Object("time.Time");
const HTML: &str = "2006-01-02";

/// What sprig has, and slim-sprig outside of its hermetic set.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("now", &[], |call, _| Ok(Value::object(now(call, "now")))),
    Function::new("ago", &[Any], ago),
    Function::new("date", &[STR, Any], |call, args| {
        in_zone(call, "date", &text(args, 0)?.to_text(), &args[1], "Local")
    }),
    Function::new("date_in_zone", &[STR, Any, STR], date_in_zone),
    Function::new("dateInZone", &[STR, Any, STR], date_in_zone),
    Function::new("htmlDate", &[Any], |call, args| {
        in_zone(call, "htmlDate", HTML, &args[0], "Local")
    }),
    Function::new("htmlDateInZone", &[Any, STR], |call, args| {
        in_zone(
            call,
            "htmlDateInZone",
            HTML,
            &args[0],
            &text(args, 1)?.to_text(),
        )
    }),
    Function::new("date_modify", &[STR, TIME], modify),
    Function::new("dateModify", &[STR, TIME], modify),
];

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("must_date_modify", &[STR, TIME], must_modify),
    Function::new("mustDateModify", &[STR, TIME], must_modify),
    Function::new("duration", &[Any], |_, args| {
        let seconds = match &args[0].kind {
            Kind::Str(text) => text.to_text().parse::<i64>().unwrap_or(0),
            Kind::Int64(seconds) => *seconds,
            _ => 0,
        };
        Ok(format_duration(seconds.wrapping_mul(SECOND)).into())
    }),
    Function::new("durationRound", &[Any], duration_round),
    Function::new("toDate", &[STR, STR], |_, args| {
        let time = parse(&text(args, 0)?.to_text(), &text(args, 1)?.to_text());
        Ok(Value::object(time.unwrap_or_else(|_| Time::zero())))
    }),
    Function::new("mustToDate", &[STR, STR], |_, args| {
        Ok(Value::object(parse(
            &text(args, 0)?.to_text(),
            &text(args, 1)?.to_text(),
        )?))
    }),
    Function::new("unixEpoch", &[TIME], |_, args| {
        let seconds = as_time(&args[0]).map_or(0, |time| time.seconds);
        Ok(seconds.to_string().into())
    }),
];

/// What slim-sprig's hermetic set keeps of what reads the clock.
pub(crate) const SLIM: &[Function] = &[Function::new("ago", &[Any], ago)];

fn now(call: &mut Call<'_>, function: &'static str) -> Time {
    let (seconds, nanos) = call.now(function);
    Time::from_unix(seconds, nanos)
}

fn as_time(value: &Value) -> Option<&Time> {
    match &value.kind {
        Kind::Object(object) => object.as_any().downcast_ref(),
        _ => None,
    }
}

/// A time, or seconds since 1970; the moment for anything else.
fn moment(call: &mut Call<'_>, function: &'static str, value: &Value) -> Time {
    match &value.kind {
        Kind::Int(seconds) | Kind::Int64(seconds) => Time::from_unix(*seconds, 0),
        _ => match as_time(value) {
            Some(time) => time.clone(),
            None => now(call, function),
        },
    }
}

fn in_zone(
    call: &mut Call<'_>,
    function: &'static str,
    layout: &str,
    date: &Value,
    zone: &str,
) -> Result {
    let time = moment(call, function, date).in_zone(Zone::load(zone).unwrap_or(Zone::Utc));
    Ok(format(&time, layout).into())
}

fn date_in_zone(call: &mut Call<'_>, args: &[Value]) -> Result {
    let (layout, zone) = (text(args, 0)?.to_text(), text(args, 2)?.to_text());
    in_zone(call, "dateInZone", &layout, &args[1], &zone)
}

fn must_modify(_: &mut Call<'_>, args: &[Value]) -> Result {
    let duration = parse_duration(&text(args, 0)?.to_text())?;
    let time = as_time(&args[1]).ok_or(super::NIL_POINTER)?;
    Ok(Value::object(time.add(duration)))
}

fn modify(call: &mut Call<'_>, args: &[Value]) -> Result {
    Ok(must_modify(call, args).unwrap_or_else(|_| args[1].clone()))
}

fn ago(call: &mut Call<'_>, args: &[Value]) -> Result {
    let time = moment(call, "ago", &args[0]);
    let nanos = now(call, "ago").since(&time);
    let rest = nanos % SECOND;
    let whole = nanos - rest;
    let rounded = match rest.abs() * 2 >= SECOND {
        true => whole.saturating_add(SECOND * rest.signum()),
        false => whole,
    };
    Ok(format_duration(rounded).into())
}

fn duration_round(call: &mut Call<'_>, args: &[Value]) -> Result {
    let nanos = match &args[0].kind {
        Kind::Str(text) => parse_duration(&text.to_text()).unwrap_or(0),
        Kind::Int64(nanos) => *nanos,
        _ => match as_time(&args[0]).cloned() {
            Some(time) => now(call, "durationRound").since(&time),
            None => 0,
        },
    };
    const UNITS: [(u64, &str); 6] = [
        (365 * 24 * 3600, "y"),
        (30 * 24 * 3600, "mo"),
        (24 * 3600, "d"),
        (3600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    let size = nanos.unsigned_abs();
    for (seconds, unit) in UNITS {
        let length = seconds * SECOND as u64;
        if size > length {
            return Ok(format!("{}{unit}", size / length).into());
        }
    }
    Ok("0s".into())
}

impl Object for Time {
    fn type_name(&self) -> Cow<'static, str> {
        "time.Time".into()
    }

    fn method(&self, name: &str) -> Option<&'static [Type]> {
        Some(match name {
            "Year" | "Month" | "Day" | "Hour" | "Minute" | "Second" | "Nanosecond" | "YearDay"
            | "Weekday" => &[],
            "Unix" | "UnixMilli" | "UnixMicro" | "UnixNano" | "IsZero" | "UTC" | "Local"
            | "String" => &[],
            "Format" => &[STR],
            "AddDate" => &[Int, Int, Int],
            "Before" | "After" | "Equal" | "Compare" | "Sub" => &[TIME],
            _ => return None,
        })
    }

    fn call(&self, name: &str, args: &[Value], _: &mut Call<'_>) -> Result {
        let civil = self.civil();
        let int = |value: i64| super::from_int(value);
        let other = || args.first().and_then(as_time).ok_or(super::NIL_POINTER);
        let order = |other: &Time| (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos));
        let nanos = i128::from(self.seconds) * i128::from(SECOND) + i128::from(self.nanos);
        Ok(match name {
            "Year" => int(civil.year),
            "Month" => named("time.Month", civil.month.into(), &MONTHS, 1),
            "Weekday" => named("time.Weekday", civil.weekday.into(), &DAYS, 0),
            "Day" => int(civil.day.into()),
            "Hour" => int(civil.hour.into()),
            "Minute" => int(civil.minute.into()),
            "Second" => int(civil.second.into()),
            "Nanosecond" => int(self.nanos.into()),
            "YearDay" => int(civil.year_day.into()),
            "Unix" => self.seconds.into(),
            "UnixMilli" => ((nanos / 1_000_000) as i64).into(),
            "UnixMicro" => ((nanos / 1_000) as i64).into(),
            "UnixNano" => (nanos as i64).into(),
            "IsZero" => (order(&Time::zero()).is_eq()).into(),
            "UTC" | "Local" => Value::object(self.clone().in_zone(Zone::Utc)),
            "Format" => format(self, &text(args, 0)?.to_text()).into(),
            "AddDate" => Value::object(self.add_date(
                super::int(args, 0)?,
                super::int(args, 1)?,
                super::int(args, 2)?,
            )),
            "Before" => order(other()?).is_lt().into(),
            "After" => order(other()?).is_gt().into(),
            "Equal" => order(other()?).is_eq().into(),
            "Compare" => int(order(other()?) as i64),
            "Sub" => duration(self.since(other()?)),
            _ => self.display().into(),
        })
    }

    fn display(&self) -> String {
        format(self, "2006-01-02 15:04:05.999999999 -0700 MST")
    }

    fn to_data(&self) -> Value {
        format(self, "2006-01-02T15:04:05.999999999Z07:00").into()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Time {
    fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let civil = self.civil();
        let (_, offset) = self.zone.at(self.seconds);
        let bounded = |value: i64| value.clamp(-10_000_000, 10_000_000);
        let month_number = i64::from(civil.month) - 1 + bounded(months);
        let year = civil.year + bounded(years) + month_number.div_euclid(12);
        let month = month_number.rem_euclid(12) as u32 + 1;
        let first = crate::time::days(year, month, 1);
        let day = first + i64::from(civil.day) - 1 + bounded(days);
        let clock = i64::from(civil.hour * 3600 + civil.minute * 60 + civil.second);
        Time {
            seconds: day * 86_400 + clock - offset,
            ..self.clone()
        }
    }
}

/// A `time.Duration`.
pub(super) fn duration(nanos: i64) -> Value {
    Value::object(Named {
        type_name: "time.Duration",
        value: nanos,
        text: format_duration(nanos),
    })
}

/// A number that prints as a name: a month, a weekday, a duration.
#[derive(Debug)]
struct Named {
    type_name: &'static str,
    value: i64,
    text: String,
}

fn named(type_name: &'static str, value: i64, names: &[&str], first: i64) -> Value {
    let name = names
        .get((value - first) as usize)
        .copied()
        .unwrap_or_default();
    Value::object(Named {
        type_name,
        value,
        text: name.to_owned(),
    })
}

impl Object for Named {
    fn type_name(&self) -> Cow<'static, str> {
        self.type_name.into()
    }

    fn kind_name(&self) -> &'static str {
        match self.type_name {
            "time.Duration" => "int64",
            _ => "int",
        }
    }

    fn method(&self, name: &str) -> Option<&'static [Type]> {
        match (self.type_name, name) {
            (_, "String") => Some(&[]),
            ("time.Duration", "Hours" | "Minutes" | "Seconds" | "Milliseconds" | "Nanoseconds") => {
                Some(&[])
            }
            _ => None,
        }
    }

    fn call(&self, name: &str, _: &[Value], _: &mut Call<'_>) -> Result {
        let seconds = self.value as f64 / SECOND as f64;
        Ok(match name {
            "Hours" => (seconds / 3600.0).into(),
            "Minutes" => (seconds / 60.0).into(),
            "Seconds" => seconds.into(),
            "Milliseconds" => (self.value / 1_000_000).into(),
            "Nanoseconds" => self.value.into(),
            _ => self.text.as_str().into(),
        })
    }

    fn display(&self) -> String {
        self.text.clone()
    }

    fn to_data(&self) -> Value {
        super::from_int(self.value)
    }

    fn as_int(&self) -> Option<i64> {
        Some(self.value)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
