use crate::cel::signature::{Function, Sig, method};
use crate::cel::time::Local;
use crate::cel::value::{Failure, Value};

type Outcome<'v> = Result<Value<'v>, Failure>;

const AT: &[Sig] = &[Sig::Timestamp];
const AT_ZONE: &[Sig] = &[Sig::Timestamp, Sig::Str];
const FOR: &[Sig] = &[Sig::Duration];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "getFullYear",
        overloads: &[
            method("timestamp_to_year", AT, Sig::Int, |_, args| {
                part(args, |t| t.year)
            }),
            method("timestamp_to_year_with_tz", AT_ZONE, Sig::Int, |_, args| {
                part(args, |t| t.year)
            }),
        ],
    },
    Function {
        name: "getMonth",
        overloads: &[
            method("timestamp_to_month", AT, Sig::Int, |_, args| {
                part(args, |t| t.month - 1)
            }),
            method(
                "timestamp_to_month_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.month - 1),
            ),
        ],
    },
    Function {
        name: "getDayOfYear",
        overloads: &[
            method("timestamp_to_day_of_year", AT, Sig::Int, |_, args| {
                part(args, |t| t.day_of_year)
            }),
            method(
                "timestamp_to_day_of_year_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.day_of_year),
            ),
        ],
    },
    Function {
        name: "getDayOfMonth",
        overloads: &[
            method("timestamp_to_day_of_month", AT, Sig::Int, |_, args| {
                part(args, |t| t.day - 1)
            }),
            method(
                "timestamp_to_day_of_month_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.day - 1),
            ),
        ],
    },
    Function {
        name: "getDate",
        overloads: &[
            method(
                "timestamp_to_day_of_month_1_based",
                AT,
                Sig::Int,
                |_, args| part(args, |t| t.day),
            ),
            method(
                "timestamp_to_day_of_month_1_based_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.day),
            ),
        ],
    },
    Function {
        name: "getDayOfWeek",
        overloads: &[
            method("timestamp_to_day_of_week", AT, Sig::Int, |_, args| {
                part(args, |t| t.day_of_week)
            }),
            method(
                "timestamp_to_day_of_week_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.day_of_week),
            ),
        ],
    },
    Function {
        name: "getHours",
        overloads: &[
            method("timestamp_to_hours_tz", AT, Sig::Int, |_, args| {
                part(args, |t| t.hour)
            }),
            method(
                "timestamp_to_hours_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.hour),
            ),
            method("duration_to_hours", FOR, Sig::Int, |_, args| {
                count(args, 3_600_000_000_000)
            }),
        ],
    },
    Function {
        name: "getMinutes",
        overloads: &[
            method("timestamp_to_minutes", AT, Sig::Int, |_, args| {
                part(args, |t| t.minute)
            }),
            method(
                "timestamp_to_minutes_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.minute),
            ),
            method("duration_to_minutes", FOR, Sig::Int, |_, args| {
                count(args, 60_000_000_000)
            }),
        ],
    },
    Function {
        name: "getSeconds",
        overloads: &[
            method("timestamp_to_seconds", AT, Sig::Int, |_, args| {
                part(args, |t| t.second)
            }),
            method("timestamp_to_seconds_tz", AT_ZONE, Sig::Int, |_, args| {
                part(args, |t| t.second)
            }),
            method("duration_to_seconds", FOR, Sig::Int, |_, args| {
                count(args, 1_000_000_000)
            }),
        ],
    },
    Function {
        name: "getMilliseconds",
        overloads: &[
            method("timestamp_to_milliseconds", AT, Sig::Int, |_, args| {
                part(args, |t| t.millisecond)
            }),
            method(
                "timestamp_to_milliseconds_with_tz",
                AT_ZONE,
                Sig::Int,
                |_, args| part(args, |t| t.millisecond),
            ),
            method("duration_to_milliseconds", FOR, Sig::Int, |_, args| {
                count(args, 1_000_000)
            }),
        ],
    },
];

/// A part of a time, in UTC or in the zone that is named.
fn part<'v>(args: &[Value<'v>], part: fn(&Local) -> i64) -> Outcome<'v> {
    let (time, zone) = match args {
        [Value::Timestamp(time)] => (time, "UTC"),
        [Value::Timestamp(time), Value::Str(zone)] => (time, zone.as_str()),
        _ => return Err(Failure::no_such_overload()),
    };
    let local = time.at_zone(zone).map_err(Failure::Error)?;
    Ok(Value::Int(part(&local)))
}

fn count<'v>(args: &[Value<'v>], unit: i64) -> Outcome<'v> {
    match args {
        [Value::Duration(nanos)] => Ok(Value::Int(nanos / unit)),
        _ => Err(Failure::no_such_overload()),
    }
}
