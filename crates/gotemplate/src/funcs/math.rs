//! Arithmetic.

use super::cast::Cast;
use super::lists::steps;
use super::{Result, int};
use crate::functions::{Call, Failure, Function};
use crate::object::Type;
use crate::value::Value;

use Type::{Any, Float, Int};

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("add1", &[Any], |call, args| {
        Ok(call.cast().int(&args[0]).wrapping_add(1).into())
    }),
    Function::variadic("add", &[Any], |call, args| {
        Ok(whole(call, args).fold(0, i64::wrapping_add).into())
    }),
    Function::new("sub", &[Any, Any], |call, args| {
        let cast = call.cast();
        Ok(cast.int(&args[0]).wrapping_sub(cast.int(&args[1])).into())
    }),
    Function::new("div", &[Any, Any], |call, args| {
        divided(call, args, i64::wrapping_div)
    }),
    Function::new("mod", &[Any, Any], |call, args| {
        divided(call, args, i64::wrapping_rem)
    }),
    Function::variadic("mul", &[Any, Any], |call, args| {
        Ok(whole(call, args).fold(1, i64::wrapping_mul).into())
    }),
    Function::variadic("biggest", &[Any, Any], largest),
    Function::variadic("max", &[Any, Any], largest),
    Function::variadic("min", &[Any, Any], |call, args| {
        Ok(whole(call, args).min().unwrap_or(0).into())
    }),
    Function::variadic("maxf", &[Any, Any], |call, args| picked(call, args, max)),
    Function::variadic("minf", &[Any, Any], |call, args| picked(call, args, min)),
    Function::new("ceil", &[Any], |call, args| {
        Ok(call.cast().float(&args[0]).ceil().into())
    }),
    Function::new("floor", &[Any], |call, args| {
        Ok(call.cast().float(&args[0]).floor().into())
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

fn divided(call: &mut Call<'_>, args: &[Value], divide: fn(i64, i64) -> i64) -> Result {
    let cast = call.cast();
    match cast.int(&args[1]) {
        0 => Err("runtime error: integer divide by zero".into()),
        divisor => Ok(divide(cast.int(&args[0]), divisor).into()),
    }
}

/// The arguments as whole numbers.
fn whole(call: &Call<'_>, args: &[Value]) -> impl Iterator<Item = i64> {
    let cast = call.cast();
    args.iter().map(move |arg| cast.int(arg))
}

fn largest(call: &mut Call<'_>, args: &[Value]) -> Result {
    Ok(whole(call, args).max().unwrap_or(0).into())
}

fn picked(call: &mut Call<'_>, args: &[Value], pick: fn(f64, f64) -> f64) -> Result {
    let cast = call.cast();
    let first = cast.float(&args[0]);
    Ok(args
        .iter()
        .map(|arg| cast.float(arg))
        .fold(first, pick)
        .into())
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

fn round(call: &mut Call<'_>, args: &[Value]) -> Result {
    let cast = call.cast();
    let up_from = args.get(2).map_or(0.5, |from| cast.float(from));
    let scale = power_of_ten(int(args, 1)?);
    let shifted = scale * cast.float(&args[0]);
    let rounded = match shifted.fract() >= up_from {
        true => shifted.ceil(),
        false => shifted.floor(),
    };
    Ok((rounded / scale).into())
}

/// `math.Pow(10, exponent)`, which squares and multiplies, so that large powers are a little off as in Go.
fn power_of_ten(exponent: i64) -> f64 {
    let (mut power, mut power_bits) = (1.0, 0i32);
    let (mut factor, mut factor_bits) = (0.625, 4i32);
    let mut rest = exponent.unsigned_abs();
    while rest != 0 {
        if factor_bits.abs() > 1 << 12 {
            return if exponent < 0 { 0.0 } else { f64::INFINITY };
        }
        if rest & 1 == 1 {
            power *= factor;
            power_bits += factor_bits;
        }
        factor *= factor;
        factor_bits *= 2;
        if factor < 0.5 {
            factor += factor;
            factor_bits -= 1;
        }
        rest >>= 1;
    }
    if exponent < 0 {
        power = 1.0 / power;
        power_bits = -power_bits;
    }
    // In two steps, as a power of two below the smallest float would lose the number.
    let half = power_bits / 2;
    power * 2f64.powi(half) * 2f64.powi(power_bits - half)
}

/// Numbers as one string, both ends included.
fn seq(call: &mut Call<'_>, args: &[Value]) -> Result {
    let numbers: Vec<i64> = whole(call, args).collect();
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
    let mut numbers = args.iter().map(|arg| Cast::Sprig.float(arg));
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
