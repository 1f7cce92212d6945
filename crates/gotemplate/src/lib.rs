//! Go's `text/template` with the functions of sprig v3, slim-sprig and Helm: the output is that of Go, byte
//! for byte, and so are the errors, with the name of the template, line and column.
//!
//! ```
//! use std::sync::Arc;
//! use tidegate_gotemplate::{Fixed, Functions, Limits, Options, Origins, Set, Value};
//! use tidegate_source::FileId;
//!
//! let mut set = Set::new(Arc::new(Functions::go()), Options::default());
//! set.parse("t", br#"{{ printf "%03d" 7 }}"#, FileId::NONE).unwrap();
//! let mut origins = Origins::off();
//! let output = set.execute("t", &Value::NIL, &mut Fixed::default(), &mut origins, &Limits::default());
//! assert_eq!(output.unwrap().text, b"007");
//! ```
//!
//! Values carry their [`Origin`] and strings the [`Piece`]s they were put together from, so that each byte
//! of the output leads to the template that wrote it and to the values that were printed.
//!
//! Known differences: keys of maps are UTF-8; `keys` and `values` are sorted, where Go's order is another one
//! each time; `sortAlpha` leaves its argument as it is; `%#v` and `%p` of times, versions and pointers;
//! `toYamlPretty` puts text with tabs in quotes; certificates and keys are ECDSA; blocks and parentheses nest
//! 150 deep.
//!
//! This crate does no I/O: what is random or reads the clock comes through a [`Host`].

mod ast;
mod data;
mod error;
mod exec;
mod fmt;
mod funcs;
mod functions;
mod json;
mod lex;
mod lookups;
mod methods;
mod number;
mod object;
mod origin;
mod parse;
mod set;
#[cfg(test)]
mod testing;
mod text;
mod time;
mod value;

pub use data::Numbers;
pub use error::{Error, ErrorKind, Frame};
pub use exec::{Call, Fixed, Host, Limits, Session};
pub use functions::{Failure, Function, Functions, Native};
pub use lookups::{Lookups, PlaceId, Shape};
pub use object::{Object, Type};
pub use origin::{Origin, Origins};
pub use set::{Missing, MissingKey, Options, Output, Parsed, Set};
pub use text::{Piece, Str, TextBuilder};
pub use value::{Elem, Kind, List, Map, MapKind, Value};
