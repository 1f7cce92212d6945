//! Numbers with a fraction, as Go's `strconv.FormatFloat` writes them.

/// Digits and the exponent of a decimal number: `0.d1 d2 d3... * 10^point`.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

/// No number has more digits: what is asked for beyond is zeros.
const LONGEST: usize = 1100;

impl Decimal {
    /// The shortest digits that are read as `value` again.
    fn shortest(value: f64) -> Decimal {
        Decimal::of(&format!("{value:e}"))
    }

    /// Rounded to a number of significant digits.
    fn rounded(value: f64, digits: usize) -> Decimal {
        let fraction = digits.saturating_sub(1).min(LONGEST);
        Decimal::of(&format!("{value:.fraction$e}"))
    }

    fn of(scientific: &str) -> Decimal {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
        let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        let exponent: i32 = exponent.parse().unwrap_or(0);
        if digits.iter().all(|digit| *digit == b'0') {
            return Decimal { digits, point: 1 };
        }
        Decimal {
            digits,
            point: exponent + 1,
        }
    }
}

/// The text of a number in one of the formats `e E f F g G b x X`; the precision is the shortest exact one
/// where there is none. A negative number starts with `-`, no other one has a sign.
pub(crate) fn format_float(value: f64, format: u8, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let size = value.abs();
    let text = match format {
        b'b' => binary(size),
        b'x' | b'X' => hexadecimal(size, format, precision),
        b'f' | b'F' => match precision {
            Some(precision) => {
                let exact = precision.min(LONGEST);
                let zeros = "0".repeat(precision - exact);
                format!("{size:.exact$}{zeros}")
            }
            None => format!("{size}"),
        },
        b'e' | b'E' => {
            let decimal = match precision {
                Some(precision) => Decimal::rounded(size, precision + 1),
                None => Decimal::shortest(size),
            };
            let precision = precision.unwrap_or(decimal.digits.len() - 1);
            scientific(&decimal, format, precision)
        }
        _ => general(size, format, precision),
    };
    format!("{sign}{text}")
}

fn general(size: f64, format: u8, precision: Option<usize>) -> String {
    let (mut decimal, mut limit) = match precision {
        Some(precision) => (Decimal::rounded(size, precision.max(1)), precision.max(1)),
        None => (Decimal::shortest(size), 6),
    };
    if precision.is_some() {
        while decimal.digits.len() > 1 && decimal.digits.last() == Some(&b'0') {
            decimal.digits.pop();
        }
        // A number with fewer digits than asked for needs no exponent either.
        if limit > decimal.digits.len() && decimal.digits.len() as i32 >= decimal.point {
            limit = decimal.digits.len();
        }
    }
    let exponent = decimal.point - 1;
    if exponent < -4 || exponent >= limit as i32 {
        let letter = if format == b'G' { b'E' } else { b'e' };
        return scientific(&decimal, letter, decimal.digits.len() - 1);
    }
    positional(&decimal)
}

fn positional(decimal: &Decimal) -> String {
    let digits = String::from_utf8_lossy(&decimal.digits);
    if decimal.point <= 0 {
        return format!(
            "0.{}{digits}",
            "0".repeat(decimal.point.unsigned_abs() as usize)
        );
    }
    let point = decimal.point as usize;
    if point >= digits.len() {
        return format!("{digits}{}", "0".repeat(point - digits.len()));
    }
    format!("{}.{}", &digits[..point], &digits[point..])
}

fn scientific(decimal: &Decimal, letter: u8, precision: usize) -> String {
    let mut out = String::new();
    let mut digits = decimal.digits.iter().map(|digit| char::from(*digit));
    out.push(digits.next().unwrap_or('0'));
    if precision > 0 {
        out.push('.');
        out.extend(digits.chain(std::iter::repeat('0')).take(precision));
    }
    let exponent = decimal.point - 1;
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{out}{}{sign}{:02}", char::from(letter), exponent.abs())
}

/// Mantissa and exponent of `mantissa * 2^exponent`, as the bits have them.
fn parts(size: f64) -> (u64, i32) {
    let bits = size.to_bits();
    let exponent = (bits >> 52) as i32 & 0x7ff;
    let mantissa = bits & ((1 << 52) - 1);
    if exponent == 0 {
        (mantissa, -1074)
    } else {
        (mantissa | 1 << 52, exponent - 1075)
    }
}

fn binary(size: f64) -> String {
    let (mantissa, exponent) = parts(size);
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(size: f64, letter: u8, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(size);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // 1.xxx with 60 bits behind the point.
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - shift as i32;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let dropped = 60 - 4 * precision as u32;
        let rest = mantissa & ((1 << dropped) - 1);
        let half = 1 << (dropped - 1);
        mantissa >>= dropped;
        if rest > half || (rest == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= dropped;
        if mantissa >= 1 << 61 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut digits = format!("{:015x}", mantissa & ((1 << 60) - 1));
    match precision {
        Some(precision) if precision <= 15 => digits.truncate(precision),
        Some(precision) => digits.extend(std::iter::repeat_n('0', precision - 15)),
        None => digits.truncate(digits.trim_end_matches('0').len()),
    }
    let point = if digits.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!(
        "0x{}{point}{digits}p{sign}{:02}",
        mantissa >> 60,
        exponent.abs()
    );
    match letter {
        b'X' => text.to_ascii_uppercase(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_those_of_strconv() {
        let check = |value: f64, format: u8, precision, expected: &str| {
            assert_eq!(format_float(value, format, precision), expected);
        };
        check(1234.5678, b'e', Some(6), "1.234568e+03");
        check(3.1425, b'g', None, "3.1425");
        check(100000.0, b'g', None, "100000");
        check(1e6, b'g', None, "1e+06");
        check(1e20, b'g', None, "1e+20");
        check(100000.0, b'g', Some(3), "1e+05");
        check(0.0001, b'g', Some(3), "0.0001");
        check(123.0, b'g', Some(10), "123");
        check(2.5, b'x', None, "0x1.4p+01");
        check(1.0, b'x', Some(2), "0x1.00p+00");
        check(0.0, b'x', None, "0x0p+00");
        check(1.0, b'b', None, "4503599627370496p-52");
        check(0.0, b'e', Some(2), "0.00e+00");
        check(-0.0, b'f', Some(1), "-0.0");
        check(2.5, b'f', Some(0), "2");
    }
}
