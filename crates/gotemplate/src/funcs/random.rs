//! What is random: it comes from the host, and the output is not the same each time.

use super::{Result, int, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::value::Value;
use tidegate_golang::unicode::{characters, push};

use Type::Int;

/// What sprig has, and slim-sprig outside of its hermetic set.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("randAlphaNum", &[Int], |call, args| {
        picked(call, "randAlphaNum", args, ALPHANUMERIC)
    }),
    Function::new("randAlpha", &[Int], |call, args| {
        picked(call, "randAlpha", args, &ALPHANUMERIC[..52])
    }),
    Function::new("randNumeric", &[Int], |call, args| {
        picked(call, "randNumeric", args, &ALPHANUMERIC[52..])
    }),
    Function::new("randAscii", &[Int], |call, args| {
        let printable: Vec<u8> = (b' '..=b'~').collect();
        picked(call, "randAscii", args, &printable)
    }),
    Function::new("randBytes", &[Int], |call, args| {
        let Ok(count) = usize::try_from(int(args, 0)?) else {
            return Err("runtime error: makeslice: len out of range".into());
        };
        call.reserve(count.saturating_mul(2))?;
        let mut bytes = vec![0; count];
        call.random("randBytes", &mut bytes);
        Ok(super::encoding::base64(&bytes).into())
    }),
    Function::new("randInt", &[Int, Int], |call, args| {
        let (least, most) = (int(args, 0)?, int(args, 1)?);
        match most
            .checked_sub(least)
            .and_then(|range| u64::try_from(range).ok())
        {
            Some(range) if range > 0 => {
                let offset = below(call, "randInt", range) as i64;
                Ok(super::from_int(least + offset))
            }
            _ => Err("invalid argument to Intn".into()),
        }
    }),
    Function::new("uuidv4", &[], |call, _| {
        let mut bytes = [0; 16];
        call.random("uuidv4", &mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = super::encoding::hex(&bytes);
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        Ok(parts.join("-").into())
    }),
    Function::new("shuffle", &[Type::Str], shuffle),
];

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A random number below `limit`, which is not 0.
fn below(call: &mut Call<'_>, function: &'static str, limit: u64) -> u64 {
    let mut bytes = [0; 16];
    call.random(function, &mut bytes);
    // 64 bits more than are needed leave no number noticeably more often than others.
    (u128::from_le_bytes(bytes) % u128::from(limit)) as u64
}

fn picked(call: &mut Call<'_>, function: &'static str, args: &[Value], from: &[u8]) -> Result {
    let count = usize::try_from(int(args, 0)?).unwrap_or(0);
    call.reserve(count)?;
    let mut bytes = vec![0; count.saturating_mul(2)];
    call.random(function, &mut bytes);
    let pick = |pair: &[u8]| from[usize::from(u16::from_le_bytes([pair[0], pair[1]])) % from.len()];
    let text: Vec<u8> = bytes.chunks_exact(2).map(pick).collect();
    Ok(text.into())
}

fn shuffle(call: &mut Call<'_>, args: &[Value]) -> Result {
    let mut chars: Vec<char> = characters(text(args, 0)?.as_bytes())
        .map(|(_, c)| c)
        .collect();
    for i in (1..chars.len()).rev() {
        let other = below(call, "shuffle", i as u64 + 1) as usize;
        chars.swap(i, other);
    }
    let mut out = Vec::new();
    for c in chars {
        push(&mut out, c);
    }
    Ok(out.into())
}
