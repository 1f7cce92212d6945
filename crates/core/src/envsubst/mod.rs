//! Variable substitution as Flux does it after a build (`spec.postBuild`): on text, before that is
//! read as YAML. Its bytes equal those of `github.com/fluxcd/pkg/envsubst` 1.9, which departs from
//! its own documentation, and from shells, in places:
//!
//! - `$NAME` is text; `$$` gives `$` in text and behind `/`, but not in defaults;
//! - `${A-d}` is refused, `${A=d}` equals `${A:=d}`, and `:+` and `:?` act like `:-`;
//! - lengths, offsets and the prefixes that a pattern is tried on count bytes;
//! - a NUL ends the text.

mod error;
mod expand;
mod glob;
mod parse;
mod rune;
mod variables;

use std::ops::Range;

use memchr::{memchr, memchr2};

pub use crate::envsubst::error::{Error, Problem};
use crate::envsubst::expand::Expander;
use crate::envsubst::parse::Parser;
pub use crate::envsubst::variables::{
    Assignment, Refused, Variables, is_disabled, is_name, read_assignments, read_variables,
};

/// How many expressions may be nested in each other. Flux has no limit.
pub const MAX_NESTING: usize = 100;

/// How many bytes a substitution may make, those of nested expressions included. Flux has no limit.
pub const MAX_PRODUCED: usize = 64 << 20;

/// How many steps the patterns of a substitution may take. Flux has no limit.
const MAX_EFFORT: u64 = 1 << 24;

/// What becomes of a variable that is not set and has no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It is an error: what Flux does since 2.9.
    Strict,
    /// It is empty.
    Lenient,
}

/// What is known of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding<'v> {
    /// It has this value, which may be empty.
    Value(&'v [u8]),
    /// It has a value that is not known: expressions whose result depends on it stay as they are.
    Opaque,
    /// It is not set.
    Unset,
}

/// A text after substitution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Substituted<'t> {
    /// The text. Not UTF-8 where a substring cut a character in two.
    pub text: Vec<u8>,
    /// Where each part of the text is from, in order and without gaps. Parts are never empty.
    pub pieces: Vec<Piece<'t>>,
    /// Every expression in the order in which it was expanded: nested ones come before the one that
    /// they are in.
    pub references: Vec<Reference<'t>>,
}

/// A part of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'t> {
    /// Its range in the output.
    pub output: Range<usize>,
    /// Its range in the input: of the text that was copied, or from `${` to `}`. Text that was
    /// copied may be longer in the input, by what escapes.
    pub input: Range<usize>,
    /// The variable that it was made from; none for text that was copied. A default is copied
    /// text, and so is a nested expression's value a piece of its own; operands of other operators
    /// are among the references, within `input`.
    pub variable: Option<&'t str>,
    /// Whether it is an expression that was left as it is because its result is not known.
    pub is_opaque: bool,
}

/// A use of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'t> {
    /// The variable.
    pub name: &'t str,
    /// From `${` to `}` in the input.
    pub input: Range<usize>,
    /// Whether it has a value, be it empty.
    pub is_set: bool,
    /// Whether it has a default.
    pub has_default: bool,
}

/// Replaces each `${...}` of a text; `value` knows the variables.
///
/// The error is about the first expression that is wrong. The time is linear in the text and what
/// it makes, but for patterns other than `literal` and `*literal`, whose steps are limited.
pub fn substitute<'t, 'v>(
    text: &'t [u8],
    value: &dyn Fn(&str) -> Option<&'v [u8]>,
    mode: Mode,
) -> Result<Substituted<'t>, Error> {
    let binding = |name: &str| value(name).map_or(Binding::Unset, Binding::Value);
    substitute_known(text, &binding, mode)
}

/// Replaces each `${...}` of a text whose result is known. As [`substitute`] otherwise.
pub fn substitute_known<'t, 'v>(
    text: &'t [u8],
    binding: &dyn Fn(&str) -> Binding<'v>,
    mode: Mode,
) -> Result<Substituted<'t>, Error> {
    let text = &text[..memchr(0, text).unwrap_or(text.len())];
    let mut parser = Parser::new(text);
    let mut expander = Expander::new(text, binding, mode);
    // What was read but not copied yet, and where to look for the next `$`.
    let (mut pending, mut at) = (0, 0);
    while let Some(found) = memchr(b'$', &text[at..]) {
        let dollar = at + found;
        match text.get(dollar + 1) {
            Some(b'{') => {
                expander.copy(pending..dollar)?;
                let expression = parser.expression(dollar)?;
                at = expression.range.end;
                pending = at;
                expander.expand(&expression)?;
            }
            Some(b'$') => {
                expander.copy(pending..dollar + 1)?;
                at = dollar + 2;
                pending = at;
            }
            _ => at = dollar + 1,
        }
    }
    expander.copy(pending..text.len())?;
    Ok(expander.finish())
}

/// Whether a text is surely the same after substitution, whatever the variables are.
pub fn is_plain(text: &[u8]) -> bool {
    memchr2(b'$', 0, text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(name: &str) -> Option<&'static [u8]> {
        Some(match name {
            "A" => b"alpha",
            "E" => b"",
            "P" => b"a/b.tar.gz",
            "U" => "h\u{e9}llo".as_bytes(),
            "BAD" => b"x\xff",
            "PAT" => b"[",
            _ => return None,
        })
    }

    fn check(input: &str, expected: &str) {
        let substituted = substitute(input.as_bytes(), &value, Mode::Lenient).unwrap();
        let text = String::from_utf8_lossy(&substituted.text);
        assert_eq!(text, expected, "{input}");
    }

    fn check_error(input: &str, offset: usize, problem: Problem, message: &str) {
        let error = substitute(input.as_bytes(), &value, Mode::Strict).unwrap_err();
        assert_eq!((error.offset, error.problem), (offset, problem), "{input}");
        assert_eq!(error.to_string(), message, "{input}");
    }

    #[test]
    fn references_and_escapes() {
        check(
            "$A ${A} $${A} $$$${A} $$${A}$",
            "$A alpha ${A} $${A} $alpha$",
        );
        check("${A}\0${", "alpha");
        check("${M:-$$}${M:-\\}}", "$$\\}");
    }

    #[test]
    fn operators() {
        check(
            "${A:1:2} ${A:1:-1} ${A: -1} ${A:-1:3}",
            "lp lph alpha alpha",
        );
        check("${A:9} ${A:9:1} ${A:1::2}", "  lp");
        check(
            "${A:9223372036854775807:1}${A:99999999999999999999}",
            "alpha",
        );
        check(
            "${P%.*} ${P%%.*} ${P#*/} ${P##*.}",
            "a/b.tar a/b b.tar.gz gz",
        );
        check("${A#${PAT}} ${A%*} ${U#${E}}", "alpha alph héllo");
        check(
            "${A/#al/} ${A/#al/x} ${A/%ha/x} ${A/a/}",
            "alpha xpha alpx lpha",
        );
        check("${U/${E}/-} ${U//${E}/-}", "-héllo -h-é-l-l-o-");
        check("${A//$$/} ${P/\\//\\\\}", "alpha a\\b.tar.gz");
        check(
            "${A^} ${A^^} ${A,^} ${BAD^^}",
            "Alpha ALPHA alpha X\u{fffd}",
        );
        check(
            "${M:-a${E:=b}c${A}} ${E=d} ${A:+x} ${A:?x}",
            "abcalpha d alpha alpha",
        );
        check("${#U} ${#M}", "6 0");
    }

    #[test]
    fn errors() {
        use Problem::{NoName, NoOperand, NoReplacement, NotSet, TooDeep, Unexpected};
        check_error("a: ${M}", 3, NotSet, "the variable `M` is not set");
        check_error("${A:-${M}}", 5, NotSet, "the variable `M` is not set");
        check_error(
            "x ${}",
            2,
            NoName,
            "a name must follow `${`, and `}` is none",
        );
        check_error(
            "${A-d}",
            0,
            Unexpected,
            "`${A` must be closed with `}`, but `-` follows",
        );
        check_error(
            "${A:\u{e9}}",
            0,
            Unexpected,
            "`${A:` must be closed with `}`, but `\u{e9}` follows",
        );
        check_error(
            "${A\n",
            0,
            Unexpected,
            "`${A` must be closed with `}`, but the end of the line follows",
        );
        check_error(
            "${M:-${A}",
            0,
            NoOperand,
            "something must follow `${M:-${A}`, but the end of the text does",
        );
        check_error(
            "${A/b}\nrest",
            0,
            NoReplacement,
            "the pattern in `${A/b}` must end with `/`, not the end of the text",
        );
        let deep = "${A:-".repeat(MAX_NESTING + 1);
        let message = "more than 100 expressions are nested in each other";
        check_error(&deep, 500, TooDeep, message);
    }

    #[test]
    fn output_and_effort_are_limited() {
        let large = vec![b'x'; MAX_PRODUCED / 4];
        let many = vec![b'x'; 1 << 13];
        let value = |name: &str| Some(if name == "A" { &large[..] } else { &many[..] });
        let problem = |input: &str| {
            let substituted = substitute(input.as_bytes(), &value, Mode::Strict);
            substituted.err().map(|error| error.problem)
        };
        assert_eq!(problem("${A}${A}${A}${A}"), None);
        assert_eq!(problem("${A}${A}${A}${A}${B}"), Some(Problem::TooLarge));
        assert_eq!(problem("${B//x/${B}}"), Some(Problem::TooLarge));
        assert_eq!(problem("${B##*x*xy}"), Some(Problem::TooSlow));
    }

    #[test]
    fn pieces_say_where_text_is_from() {
        let input = b"x$$y${A}${M:-d${A^}}${E}z";
        let substituted = substitute(input, &value, Mode::Lenient).unwrap();
        let text = |range: &Range<usize>, of: &[u8]| {
            String::from_utf8_lossy(&of[range.clone()]).into_owned()
        };
        let pieces: Vec<_> = substituted
            .pieces
            .iter()
            .map(|piece| {
                let output = text(&piece.output, &substituted.text);
                (output, text(&piece.input, input), piece.variable)
            })
            .collect();
        let expected = [
            ("x$", "x$", None),
            ("y", "y", None),
            ("alpha", "${A}", Some("A")),
            ("d", "d", None),
            ("Alpha", "${A^}", Some("A")),
            ("z", "z", None),
        ];
        let expected =
            expected.map(|(output, input, name)| (output.to_owned(), input.to_owned(), name));
        assert_eq!(pieces, expected);
        let references: Vec<_> = substituted
            .references
            .iter()
            .map(|one| (one.name, one.is_set, one.has_default))
            .collect();
        let expected = [
            ("A", true, false),
            ("A", true, false),
            ("M", false, true),
            ("E", true, false),
        ];
        assert_eq!(references, expected);
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        let binding = |name: &str| match name {
            "O" => Binding::Opaque,
            "A" => Binding::Value(b"alpha"),
            _ => Binding::Unset,
        };
        let check = |input: &str, expected: &str, opaque: &[&str]| {
            let substituted = substitute_known(input.as_bytes(), &binding, Mode::Strict).unwrap();
            let text = |range: &Range<usize>| &substituted.text[range.clone()];
            assert_eq!(String::from_utf8_lossy(&substituted.text), expected);
            let pieces = substituted.pieces.iter().filter(|piece| piece.is_opaque);
            let pieces: Vec<_> = pieces.map(|piece| text(&piece.output)).collect();
            let opaque: Vec<_> = opaque.iter().map(|text| text.as_bytes()).collect();
            assert_eq!(pieces, opaque, "{input}");
        };
        check("a ${O} $${O}", "a ${O} ${O}", &["${O}"]);
        check("${O:-${A}}${A}", "${O:-${A}}alpha", &["${O:-${A}}"]);
        check("${M:-x${O}y}", "x${O}y", &["${O}"]);
        check(
            "${A/a/${O}}${#O}",
            "${A/a/${O}}${#O}",
            &["${A/a/${O}}", "${#O}"],
        );
        let undefined = substitute_known(b"${O:-${M}}", &binding, Mode::Strict);
        assert_eq!(undefined.unwrap_err().problem, Problem::NotSet);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_pieces_have_no_gaps(
            input in r"(\$|\{|\}|\$\{|:|/|#|%|,|\^|=|-|\*|\[|\]|\\|A|U|E|M|1|é|BAD|PAT|\PC){0,40}",
        ) {
            for mode in [Mode::Strict, Mode::Lenient] {
                let Ok(substituted) = substitute(input.as_bytes(), &value, mode) else {
                    continue;
                };
                let mut end = 0;
                for piece in &substituted.pieces {
                    prop_assert_eq!(piece.output.start, end);
                    prop_assert!(piece.input.end <= input.len());
                    end = piece.output.end;
                }
                prop_assert_eq!(end, substituted.text.len());
            }
        }
    }
}
