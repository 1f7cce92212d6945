//! base64, base32, and checksums.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Result, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::value::Value;

const STR: Type = Type::Str;

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("b64enc", &[STR], |call, args| {
        let bytes = text(args, 0)?.as_bytes();
        call.reserve(bytes.len() / 3 * 4 + 4)?;
        Ok(base64(bytes).into())
    }),
    Function::new("b64dec", &[STR], |_, args| {
        Ok(from_base64(text(args, 0)?.as_bytes())
            .unwrap_or_else(String::into_bytes)
            .into())
    }),
    Function::new("b32enc", &[STR], |call, args| {
        let bytes = text(args, 0)?.as_bytes();
        call.reserve(bytes.len() / 5 * 8 + 8)?;
        Ok(base32(bytes).into())
    }),
    Function::new("b32dec", &[STR], |_, args| {
        Ok(decode_base32(text(args, 0)?.as_bytes()).into())
    }),
    Function::new("sha1sum", &[STR], |_, args| hashed::<Sha1>(args)),
    Function::new("sha256sum", &[STR], |_, args| hashed::<Sha256>(args)),
    Function::new("adler32sum", &[STR], adler32),
];

/// What sprig alone has.
pub(crate) const SPRIG: &[Function] = &[Function::new("sha512sum", &[STR], |_, args| {
    hashed::<Sha512>(args)
})];

fn engine() -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&alphabet::STANDARD, config)
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    engine().encode(bytes)
}

/// The bytes of base64. The error is Go's.
pub(crate) fn from_base64(bytes: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let is_break = |byte: u8| matches!(byte, b'\r' | b'\n');
    let kept: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !is_break(*byte))
        .collect();
    engine().decode(&kept).map_err(|_| {
        let digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let at = fault(bytes, 4, digit);
        format!("illegal base64 data at input byte {at}")
    })
}

/// Where Go finds what is wrong in a text of groups with padding at its end.
fn fault(bytes: &[u8], group: usize, is_digit: impl Fn(u8) -> bool) -> usize {
    let mut digits = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\r' | b'\n' => {}
            b'=' => {
                // Padding: within a group that has enough digits, and nothing behind it.
                let within = digits % group;
                let needed = group - within;
                if within < 2 {
                    return at;
                }
                let mut padding = 0;
                let mut end = at;
                while end < bytes.len() && padding < needed {
                    match bytes[end] {
                        b'=' => padding += 1,
                        b'\r' | b'\n' => {}
                        _ => return end,
                    }
                    end += 1;
                }
                if padding < needed {
                    return bytes.len();
                }
                while end < bytes.len() && matches!(bytes[end], b'\r' | b'\n') {
                    end += 1;
                }
                return end;
            }
            byte if is_digit(byte) => digits += 1,
            _ => return at,
        }
        at += 1;
    }
    // A group is cut off: Go names where it starts.
    bytes.len() - digits % group
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut padded = [0u8; 8];
        padded[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(padded);
        let digits = (chunk.len() * 8).div_ceil(5);
        for i in 0..8 {
            let digit = BASE32[(bits >> (35 - 5 * i)) as usize & 31];
            out.push(if i < digits { char::from(digit) } else { '=' });
        }
    }
    out
}

fn decode_base32(bytes: &[u8]) -> Vec<u8> {
    let value = |byte: u8| BASE32.iter().position(|digit| *digit == byte);
    let kept: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    let digits = kept.iter().take_while(|byte| **byte != b'=').count();
    let padding = &kept[digits..];
    let fine = kept.len().is_multiple_of(8)
        && padding.iter().all(|byte| *byte == b'=')
        && matches!(padding.len(), 0 | 1 | 3 | 4 | 6)
        && kept[..digits].iter().all(|byte| value(*byte).is_some());
    if !fine {
        let at = fault(bytes, 8, |byte| value(byte).is_some());
        return format!("illegal base32 data at input byte {at}").into_bytes();
    }
    let mut out = Vec::with_capacity(digits * 5 / 8);
    for chunk in kept[..digits].chunks(8) {
        let bits = chunk.iter().enumerate().fold(0u64, |bits, (i, byte)| {
            bits | (value(*byte).unwrap_or(0) as u64) << (35 - 5 * i)
        });
        out.extend_from_slice(&bits.to_be_bytes()[3..3 + chunk.len() * 5 / 8]);
    }
    out
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn hashed<D: Digest>(args: &[Value]) -> Result {
    Ok(hex(&D::digest(text(args, 0)?.as_bytes())).into())
}

fn adler32(_: &mut Call<'_>, args: &[Value]) -> Result {
    const MODULUS: u32 = 65521;
    let (mut a, mut b) = (1u32, 0u32);
    for byte in text(args, 0)?.as_bytes() {
        a = (a + u32::from(*byte)) % MODULUS;
        b = (b + a) % MODULUS;
    }
    Ok((b << 16 | a).to_string().into())
}
