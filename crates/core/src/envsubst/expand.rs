//! Gives expressions their values.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use crate::envsubst::error::{Error, Problem};
use crate::envsubst::glob::{self, Effort, Extent, Stop};
use crate::envsubst::parse::{Expression, Operand, Operator};
use crate::envsubst::{
    Binding, MAX_EFFORT, MAX_PRODUCED, Mode, Piece, Reference, Substituted, rune,
};

pub(super) struct Expander<'f, 't, 'v> {
    text: &'t [u8],
    binding: &'f dyn Fn(&str) -> Binding<'v>,
    mode: Mode,
    out: Substituted<'t>,
    produced: usize,
    effort: Effort,
    /// Whether the expression that is evaluated refers to a variable whose value is not known.
    met_opaque: bool,
}

impl<'f, 't, 'v> Expander<'f, 't, 'v> {
    pub(super) fn new(
        text: &'t [u8],
        binding: &'f dyn Fn(&str) -> Binding<'v>,
        mode: Mode,
    ) -> Expander<'f, 't, 'v> {
        Expander {
            text,
            binding,
            mode,
            out: Substituted::default(),
            produced: 0,
            effort: Effort(MAX_EFFORT),
            met_opaque: false,
        }
    }

    pub(super) fn finish(self) -> Substituted<'t> {
        self.out
    }

    /// Appends a range of the input as it stands.
    pub(super) fn copy(&mut self, input: Range<usize>) -> Result<(), Error> {
        let bytes = &self.text[input.clone()];
        if bytes.len() > MAX_PRODUCED - self.produced {
            return Err(Error::new(
                input.start,
                Problem::TooLarge,
                b"the text",
                None,
            ));
        }
        self.produced += bytes.len();
        self.append(bytes, input, None);
        Ok(())
    }

    /// Appends what an expression stands for.
    pub(super) fn expand(&mut self, expression: &Expression<'t>) -> Result<(), Error> {
        let is_empty = match (self.binding)(expression.name) {
            Binding::Value(value) => value.is_empty(),
            Binding::Opaque => false,
            Binding::Unset => true,
        };
        if expression.operator != Operator::Default || !is_empty {
            self.met_opaque = false;
            let value = self.evaluate(expression)?;
            let input = expression.range.clone();
            if self.met_opaque {
                let unchanged = &self.text[input.clone()];
                self.produce(unchanged.len(), expression)?;
                self.append(unchanged, input, Some(expression.name));
                if let Some(piece) = self.out.pieces.last_mut() {
                    piece.is_opaque = true;
                }
            } else {
                self.append(&value, input, Some(expression.name));
            }
            return Ok(());
        }
        for operand in &expression.operands {
            match operand {
                Operand::Text { text, range } => {
                    self.produce(text.len(), expression)?;
                    self.append(text, range.clone(), None);
                }
                Operand::Expression(nested) => self.expand(nested)?,
            }
        }
        self.refer(expression)?;
        Ok(())
    }

    fn append(&mut self, bytes: &[u8], input: Range<usize>, variable: Option<&'t str>) {
        if bytes.is_empty() {
            return;
        }
        let start = self.out.text.len();
        self.out.text.extend_from_slice(bytes);
        self.out.pieces.push(Piece {
            output: start..self.out.text.len(),
            input,
            variable,
            is_opaque: false,
        });
    }

    fn produce(&mut self, bytes: usize, expression: &Expression<'t>) -> Result<(), Error> {
        if bytes > MAX_PRODUCED - self.produced {
            return Err(about(expression, Problem::TooLarge));
        }
        self.produced += bytes;
        Ok(())
    }

    /// Notes the use of a variable; its value, empty where there is none.
    fn refer(&mut self, expression: &Expression<'t>) -> Result<&'v [u8], Error> {
        let binding = (self.binding)(expression.name);
        self.met_opaque |= binding == Binding::Opaque;
        let is_set = binding != Binding::Unset;
        let has_default = expression.operator == Operator::Default;
        if !is_set && !has_default && self.mode == Mode::Strict {
            return Err(about(expression, Problem::NotSet));
        }
        self.out.references.push(Reference {
            name: expression.name,
            input: expression.range.clone(),
            is_set,
            has_default,
        });
        Ok(match binding {
            Binding::Value(value) => value,
            Binding::Opaque | Binding::Unset => &[],
        })
    }

    fn evaluate<'e>(&mut self, expression: &'e Expression<'t>) -> Result<Cow<'e, [u8]>, Error>
    where
        'v: 'e,
    {
        // Operands first, used or not: a variable that is not set is an error in all of them.
        let mut operands = Vec::with_capacity(expression.operands.len());
        for operand in &expression.operands {
            operands.push(match operand {
                Operand::Text { text, .. } => Cow::Borrowed(&**text),
                Operand::Expression(nested) => self.evaluate(nested)?,
            });
        }
        let value = self.refer(expression)?;
        self.produce(value.len(), expression)?;
        let first = operands.first().map_or(&[][..], |operand| operand);
        let second = operands.get(1).map(|operand| &**operand);
        Ok(match expression.operator {
            Operator::Value | Operator::MixedCase => Cow::Borrowed(value),
            Operator::Length => Cow::Owned(value.len().to_string().into_bytes()),
            Operator::Default if value.is_empty() => {
                let length = operands.iter().map(|operand| operand.len()).sum();
                self.produce(length, expression)?;
                Cow::Owned(operands.concat())
            }
            Operator::Default => Cow::Borrowed(value),
            Operator::Substring => Cow::Borrowed(substring(value, first, second)),
            Operator::TrimPrefix { longest } => {
                let cut = self.matched(expression, first, value, longest)?;
                Cow::Borrowed(&value[cut..])
            }
            Operator::TrimSuffix { longest } => {
                let (value, pattern) = (rune::reversed(value), rune::reversed(first));
                let cut = self.matched(expression, &pattern, &value, longest)?;
                Cow::Owned(rune::reversed(&value[cut..]))
            }
            Operator::ReplaceFirst => {
                self.replace(expression, value, first, second.unwrap_or_default(), 1)?
            }
            Operator::ReplaceAll => {
                let new = second.unwrap_or_default();
                self.replace(expression, value, first, new, usize::MAX)?
            }
            // Without a replacement these two do nothing.
            Operator::ReplacePrefix => match second {
                Some(new) if value.starts_with(first) => {
                    self.replace(expression, value, first, new, 1)?
                }
                _ => Cow::Borrowed(value),
            },
            Operator::ReplaceSuffix => match (value.strip_suffix(first), second) {
                (Some(head), Some(new)) => {
                    self.produce(new.len(), expression)?;
                    Cow::Owned([head, new].concat())
                }
                _ => Cow::Borrowed(value),
            },
            Operator::FirstLetter(_) if value.is_empty() => Cow::Borrowed(value),
            Operator::FirstLetter(case) => {
                let (letter, width) = rune::decode(value);
                let mut text = case.of(letter).to_string().into_bytes();
                text.extend_from_slice(&value[width..]);
                Cow::Owned(text)
            }
            Operator::AllLetters(case) => {
                let text: String = rune::characters(value).map(|c| case.of(c)).collect();
                Cow::Owned(text.into_bytes())
            }
        })
    }

    /// The length of the prefix that matches; none does where the pattern is malformed.
    fn matched(
        &mut self,
        expression: &Expression<'t>,
        pattern: &[u8],
        text: &[u8],
        longest: bool,
    ) -> Result<usize, Error> {
        let extent = match longest {
            true => Extent::Longest,
            false => Extent::Shortest,
        };
        match glob::prefix(pattern, text, extent, &mut self.effort) {
            Ok(length) => Ok(length),
            Err(Stop::Malformed) => Ok(0),
            Err(Stop::Spent) => Err(about(expression, Problem::TooSlow)),
        }
    }

    /// Replaces the first `limit` places; nothing is found before each character and at the end.
    fn replace<'e>(
        &mut self,
        expression: &Expression<'t>,
        text: &'e [u8],
        old: &[u8],
        new: &[u8],
        limit: usize,
    ) -> Result<Cow<'e, [u8]>, Error> {
        let places: Vec<usize> = match old {
            [] => boundaries(text).take(limit).collect(),
            _ => memmem::find_iter(text, old).take(limit).collect(),
        };
        if places.is_empty() {
            return Ok(Cow::Borrowed(text));
        }
        self.produce(places.len().saturating_mul(new.len()), expression)?;
        let mut out = Vec::with_capacity(text.len() + places.len() * new.len());
        let mut kept = 0;
        for place in places {
            out.extend_from_slice(&text[kept..place]);
            out.extend_from_slice(new);
            kept = place + old.len();
        }
        out.extend_from_slice(&text[kept..]);
        Ok(Cow::Owned(out))
    }
}

fn about(expression: &Expression<'_>, problem: Problem) -> Error {
    let name = expression.name.as_bytes();
    Error::new(expression.range.start, problem, name, None)
}

/// The places before each character and at the end.
fn boundaries(text: &[u8]) -> impl Iterator<Item = usize> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let place = next?;
        let rest = &text[place..];
        next = (!rest.is_empty()).then(|| place + rune::decode(rest).1);
        Some(place)
    })
}

/// The bytes from an offset on, as many as asked for. All of them where a number does not parse.
fn substring<'e>(value: &'e [u8], offset: &[u8], length: Option<&[u8]>) -> &'e [u8] {
    let Some(offset) = number(offset) else {
        return value;
    };
    let all = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let start = match offset < 0 {
        true => all.saturating_add(offset).max(0),
        false => offset,
    };
    let end = match length.map(number) {
        None => all,
        Some(None) => return value,
        // A negative length counts from the end.
        Some(Some(length)) if length < 0 => all.saturating_add(length),
        Some(Some(length)) => start.saturating_add(length).min(all),
    };
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    range
        .and_then(|(start, end)| value.get(start..end))
        .unwrap_or_default()
}

fn number(text: &[u8]) -> Option<i64> {
    str::from_utf8(text).ok()?.parse().ok()
}
