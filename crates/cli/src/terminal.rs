//! What the terminal can show.

use std::env;
use std::io::{IsTerminal, stderr, stdout};

use tidegate_report::Drawing;

use crate::args::When;

/// Where text for people goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// How to draw on a stream.
pub(crate) fn drawing(stream: Stream, color: When) -> Drawing {
    let is_terminal = is_terminal(stream);
    let default = Drawing::default();
    let width = if is_terminal {
        terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
    } else {
        None
    };
    Drawing {
        width: width.unwrap_or(default.width),
        color: match color {
            When::Always => true,
            When::Never => false,
            When::Auto => is_terminal && !is_set("NO_COLOR") && !is_dumb(),
        },
        unicode: !is_terminal || (locale_is_unicode() && !is_dumb()),
    }
}

/// Whether someone is looking at the stream.
pub(crate) fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Stdout => stdout().is_terminal(),
        Stream::Stderr => stderr().is_terminal(),
    }
}

/// See <https://no-color.org>: set and not empty.
fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether the locale's text is UTF-8. Without any locale it is taken to be, as in containers.
fn locale_is_unicode() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = names.iter().find(|name| is_set(name));
    let locale = locale.and_then(|name| env::var(name).ok());
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
