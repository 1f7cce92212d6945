//! Arithmetic.

use super::cast::{to_float, to_int};
use super::lists::steps;
use super::{Result, int};
use crate::functions::{Call, Failure, Function};
use crate::value::{Type, Value};

use Type::{Any, Float, Int};

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("add1", &[Any], |_, args| {
        Ok(to_int(&args[0]).wrapping_add(1).into())
    }),
    Function::variadic("add", &[Any], |_, args| {
        Ok(args.iter().map(to_int).fold(0, i64::wrapping_add).into())
    }),
    Function::new("sub", &[Any, Any], |_, args| {
        Ok(to_int(&args[0]).wrapping_sub(to_int(&args[1])).into())
    }),
    Function::new("div", &[Any, Any], |_, args| {
        divided(args, i64::wrapping_div)
    }),
    Function::new("mod", &[Any, Any], |_, args| {
        divided(args, i64::wrapping_rem)
    }),
    Function::variadic("mul", &[Any, Any], |_, args| {
        Ok(args.iter().map(to_int).fold(1, i64::wrapping_mul).into())
    }),
    Function::variadic("biggest", &[Any, Any], |_, args| Ok(whole(args, i64::max))),
    Function::variadic("max", &[Any, Any], |_, args| Ok(whole(args, i64::max))),
    Function::variadic("min", &[Any, Any], |_, args| Ok(whole(args, i64::min))),
    Function::variadic("maxf", &[Any, Any], |_, args| Ok(float(args, max))),
    Function::variadic("minf", &[Any, Any], |_, args| Ok(float(args, min))),
    Function::new("ceil", &[Any], |_, args| {
        Ok(to_float(&args[0]).ceil().into())
    }),
    Function::new("floor", &[Any], |_, args| {
        Ok(to_float(&args[0]).floor().into())
    }),
    Function::variadic("round", &[Any, Int, Float], round),
    Function::variadic("seq", &[Int], seq),
];

/// What sprig alone has: decimal arithmetic.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("add1f", &[Any], |_, args| {
        decimal(&[args[0].clone(), super::from_int(1)], Operation::Add)
    }),
    Function::variadic("addf", &[Any], |_, args| {
        let mut all = vec![Value::from(0.0)];
        all.extend_from_slice(args);
        decimal(&all, Operation::Add)
    }),
    Function::variadic("subf", &[Any, Any], |_, args| decimal(args, Operation::Sub)),
    Function::variadic("divf", &[Any, Any], |_, args| decimal(args, Operation::Div)),
    Function::variadic("mulf", &[Any, Any], |_, args| decimal(args, Operation::Mul)),
];

fn divided(args: &[Value], divide: fn(i64, i64) -> i64) -> Result {
    match to_int(&args[1]) {
        0 => Err("runtime error: integer divide by zero".into()),
        divisor => Ok(divide(to_int(&args[0]), divisor).into()),
    }
}

fn whole(args: &[Value], pick: fn(i64, i64) -> i64) -> Value {
    let first = to_int(&args[0]);
    args.iter().map(to_int).fold(first, pick).into()
}

fn float(args: &[Value], pick: fn(f64, f64) -> f64) -> Value {
    let first = to_float(&args[0]);
    args.iter().map(to_float).fold(first, pick).into()
}

/// `math.Max`: not a number if either is not one.
fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.min(b)
    }
}

fn round(_: &mut Call<'_>, args: &[Value]) -> Result {
    let up_from = args.get(2).map_or(0.5, to_float);
    let scale = 10f64.powf(int(args, 1)? as f64);
    let shifted = scale * to_float(&args[0]);
    let rounded = match shifted.fract() >= up_from {
        true => shifted.ceil(),
        false => shifted.floor(),
    };
    Ok((rounded / scale).into())
}

/// Numbers as one string, both ends included.
fn seq(call: &mut Call<'_>, args: &[Value]) -> Result {
    let numbers: Vec<i64> = args.iter().map(to_int).collect();
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, step, end) = match numbers[..] {
        [end] => (1, direction(1, end), end),
        [start, end] => (start, direction(start, end), end),
        [start, step, end] if end < start && step > 0 => return Ok("".into()),
        [start, step, end] => (start, step, end),
        _ => return Ok("".into()),
    };
    let stop = end.wrapping_add(direction(start, end));
    let Some(steps) = steps(start, stop, step) else {
        return Err(Failure::limit(
            "a text of more than 4,294,967,295 numbers is larger than the limit",
        ));
    };
    call.reserve(steps.len() * 2)?;
    let mut out = String::new();
    for number in steps {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&number.to_string());
        call.check(out.len())?;
    }
    Ok(out.into())
}

#[derive(Clone, Copy)]
enum Operation {
    Add,
    Sub,
    Mul,
    Div,
}

/// A decimal number: `digits * 10^exponent`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    exponent: i32,
}

/// Digits behind the point of a quotient.
const QUOTIENT_DIGITS: i32 = 16;

fn decimal(args: &[Value], operation: Operation) -> Result {
    let mut numbers = args.iter().map(to_float);
    let first = numbers.next().unwrap_or(0.0);
    let mut result = Decimal::of(first)?;
    for number in numbers {
        let other = Decimal::of(number)?;
        result = match result.apply(other, operation) {
            Ok(Some(result)) => result,
            // More digits than fit: the nearest number a float holds, which is what is given in the end.
            Ok(None) => Decimal::of(approximate(result.to_float(), number, operation))?,
            Err(message) => return Err(message.into()),
        };
    }
    Ok(result.to_float().into())
}

fn approximate(a: f64, b: f64, operation: Operation) -> f64 {
    match operation {
        Operation::Add => a + b,
        Operation::Sub => a - b,
        Operation::Mul => a * b,
        Operation::Div => a / b,
    }
}

impl Decimal {
    fn of(value: f64) -> Result<Decimal> {
        if !value.is_finite() {
            let shown = crate::fmt::shown(&value.into());
            return Err(format!("Cannot create a Decimal from {shown}").into());
        }
        let scientific = format!("{value:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().unwrap_or(0);
        let exponent = exponent.parse::<i32>().unwrap_or(0) - fraction.len() as i32;
        Ok(Decimal { digits, exponent })
    }

    fn to_float(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent)
            .parse()
            .unwrap_or(0.0)
    }

    /// Both as multiples of the smaller power of ten.
    fn aligned(self, other: Decimal) -> Option<(i128, i128, i32)> {
        let exponent = self.exponent.min(other.exponent);
        let scale = |number: Decimal| {
            let power = 10i128.checked_pow((number.exponent - exponent).unsigned_abs())?;
            number.digits.checked_mul(power)
        };
        Some((scale(self)?, scale(other)?, exponent))
    }

    /// None where the result has too many digits.
    fn apply(
        self,
        other: Decimal,
        operation: Operation,
    ) -> std::result::Result<Option<Decimal>, &'static str> {
        let made =
            |digits: Option<i128>, exponent| digits.map(|digits| Decimal { digits, exponent });
        Ok(match operation {
            Operation::Add => self
                .aligned(other)
                .and_then(|(a, b, e)| made(a.checked_add(b), e)),
            Operation::Sub => self
                .aligned(other)
                .and_then(|(a, b, e)| made(a.checked_sub(b), e)),
            Operation::Mul => {
                let exponent = self.exponent.saturating_add(other.exponent);
                made(self.digits.checked_mul(other.digits), exponent)
            }
            Operation::Div if other.digits == 0 => return Err("decimal division by 0"),
            Operation::Div => self.aligned(other).and_then(|(a, b, _)| quotient(a, b)),
        })
    }
}

/// A quotient with 16 digits behind the point, halves rounded away from zero.
fn quotient(a: i128, b: i128) -> Option<Decimal> {
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let mut digits = i128::try_from(a / b).ok()?;
    let mut rest = a % b;
    for _ in 0..QUOTIENT_DIGITS {
        rest = rest.checked_mul(10)?;
        let digit = i128::try_from(rest / b).ok()?;
        digits = digits.checked_mul(10)?.checked_add(digit)?;
        rest %= b;
    }
    if rest >= b - rest {
        digits += 1;
    }
    Some(Decimal {
        digits: if negative { -digits } else { digits },
        exponent: -QUOTIENT_DIGITS,
    })
}
