//! Escaping for HTML, JavaScript and URLs.

use std::fmt::Write;

use super::builtin::sprint;
use crate::functions::{Call, Failure};
use crate::text::Str;
use crate::value::Value;
use tidegate_golang::unicode::{characters, is_printable};

type Result = std::result::Result<Value, Failure>;

/// The arguments as one string; what is missing is `<no value>`, as where it is printed.
fn joined(call: &mut Call<'_>, args: &[Value]) -> std::result::Result<Str, Failure> {
    if let [only] = args
        && let Some(text) = only.as_str()
    {
        return Ok(text.clone());
    }
    let args: Vec<Value> = args
        .iter()
        .map(|arg| match arg.is_nil() {
            true => Value::from("<no value>"),
            false => arg.clone(),
        })
        .collect();
    sprint(call, &args)
}

pub(super) fn html(call: &mut Call<'_>, args: &[Value]) -> Result {
    let text = joined(call, args)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text.as_bytes() {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            byte => out.push(*byte),
        }
    }
    call.reserve(out.len())?;
    Ok(out.into())
}

pub(super) fn js(call: &mut Call<'_>, args: &[Value]) -> Result {
    let text = joined(call, args)?;
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    for (at, c) in characters(bytes) {
        let escaped = match c {
            '\\' => "\\\\",
            '\'' => "\\'",
            '"' => "\\\"",
            '<' => "\\u003C",
            '>' => "\\u003E",
            '&' => "\\u0026",
            '=' => "\\u003D",
            _ if c >= ' ' && (c == '\x7f' || is_printable(c)) => {
                // What is not UTF-8 stays as it is.
                let width = match c {
                    '\u{fffd}' if !bytes[at..].starts_with("\u{fffd}".as_bytes()) => 1,
                    c => c.len_utf8(),
                };
                out.extend_from_slice(&bytes[at..at + width]);
                continue;
            }
            _ => {
                let mut code = String::new();
                let _ = write!(code, "\\u{:04X}", u32::from(c));
                out.extend_from_slice(code.as_bytes());
                continue;
            }
        };
        out.extend_from_slice(escaped.as_bytes());
    }
    call.reserve(out.len())?;
    Ok(out.into())
}

pub(super) fn urlquery(call: &mut Call<'_>, args: &[Value]) -> Result {
    let text = joined(call, args)?;
    let out = query_escape(text.as_bytes());
    call.reserve(out.len())?;
    Ok(out.into())
}

/// `url.QueryEscape`
pub(crate) fn query_escape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            b' ' => out.push(b'+'),
            byte => crate::fmt::push_display(&mut out, format_args!("%{byte:02X}")),
        }
    }
    out
}
