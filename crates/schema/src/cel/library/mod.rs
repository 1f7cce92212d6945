//! The functions that rules can call, one module for each library.

pub(super) mod cidr;
mod conversions;
pub(super) mod format;
mod ip;
mod lists;
mod operators;
mod optional;
mod quantity;
mod regex;
pub(super) mod semver;
mod sets;
pub(super) mod string_format;
mod strings;
mod time;
mod url;

use super::signature::{Function, Overload};

pub(super) use conversions::FOLDED;
pub(super) use operators::{lookup, missing};
pub(super) use regex::WITH_PATTERN;

/// All tables, in the order in which overloads of one name are tried.
const TABLES: [&[Function]; 15] = [
    operators::FUNCTIONS,
    conversions::FUNCTIONS,
    strings::FUNCTIONS,
    time::FUNCTIONS,
    optional::FUNCTIONS,
    lists::FUNCTIONS,
    sets::FUNCTIONS,
    regex::FUNCTIONS,
    url::FUNCTIONS,
    ip::FUNCTIONS,
    cidr::FUNCTIONS,
    quantity::FUNCTIONS,
    semver::FUNCTIONS,
    format::FUNCTIONS,
    string_format::FUNCTIONS,
];

/// The overloads of a name; none where no library has the name.
pub(super) fn overloads(name: &str) -> Vec<&'static Overload> {
    let functions = TABLES.iter().flat_map(|table| table.iter());
    let named = functions.filter(|function| function.name == name);
    named.flat_map(|function| function.overloads).collect()
}
