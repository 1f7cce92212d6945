use regex::bytes::Regex;

use super::strings::{int, text};
use crate::cel::eval::Context;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};
use tidegate_golang::regexp::compile;

type Outcome<'v> = Result<Value<'v>, Failure>;

const TEXTS: Sig = Sig::List(&Sig::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "matches",
        overloads: &[
            function("matches", &[Sig::Str, Sig::Str], Sig::Bool, matches),
            method("matches_string", &[Sig::Str, Sig::Str], Sig::Bool, matches),
        ],
    },
    Function {
        name: "find",
        overloads: &[method(
            "string_find_string",
            &[Sig::Str, Sig::Str],
            Sig::Str,
            |context, args| {
                with_pattern(context, args, |regex, text| {
                    let found = regex.find(text.as_bytes());
                    let found = found.map_or(&b""[..], |found| found.as_bytes());
                    Ok(Value::text(String::from_utf8_lossy(found)))
                })
            },
        )],
    },
    Function {
        name: "findAll",
        overloads: &[
            method(
                "string_find_all_string",
                &[Sig::Str, Sig::Str],
                TEXTS,
                find_all,
            ),
            method(
                "string_find_all_string_int",
                &[Sig::Str, Sig::Str, Sig::Int],
                TEXTS,
                find_all,
            ),
        ],
    },
];

/// Functions whose second argument is a regular expression.
pub(in crate::cel) const WITH_PATTERN: [&str; 3] = ["matches", "find", "findAll"];

/// Does something with the text and the regular expression of a call. What is no literal is compiled
/// each time.
fn with_pattern<'v>(
    context: &Context<'v>,
    args: &[Value<'v>],
    then: impl FnOnce(&Regex, &str) -> Outcome<'v>,
) -> Outcome<'v> {
    let (subject, pattern) = (text(args, 0)?, text(args, 1)?);
    if let Some(regex) = context.regex(pattern) {
        return then(regex, subject);
    }
    match compile(pattern) {
        Ok(regex) => then(&regex, subject),
        Err(reason) => Err(Failure::new(reason)),
    }
}

fn matches<'v>(context: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    with_pattern(context, args, |regex, text| {
        Ok(Value::Bool(regex.is_match(text.as_bytes())))
    })
}

fn find_all<'v>(context: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let most = if args.len() > 2 { int(args, 2)? } else { -1 };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    with_pattern(context, args, |regex, text| {
        let found = regex.find_iter(text.as_bytes()).take(most);
        let found = found.map(|found| Value::text(String::from_utf8_lossy(found.as_bytes())));
        Ok(Value::list(found.collect()))
    })
}
