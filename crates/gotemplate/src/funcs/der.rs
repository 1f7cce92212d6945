//! X.509 certificates (RFC 5280) in DER, as few fields as a certificate of sprig has.

use std::net::IpAddr;

use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};

use crate::time::{Time, format};

/// What a certificate says.
pub(super) struct Certificate<'a> {
    pub subject: &'a str,
    pub issuer: &'a str,
    /// The point of the curve, not compressed.
    pub public_key: Vec<u8>,
    pub serial: [u8; 16],
    /// Seconds since 1970.
    pub from: i64,
    pub days: i64,
    pub is_authority: bool,
    pub dns_names: Vec<String>,
    pub addresses: Vec<IpAddr>,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const UTF8_STRING: u8 = 0x0c;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Object identifiers, with their tag and length.
const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
const ECDSA_WITH_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_PUBLIC_KEY: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const PRIME256V1: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const KEY_USAGE: &[u8] = &[0x06, 3, 0x55, 0x1d, 15];
const EXTENDED_KEY_USAGE: &[u8] = &[0x06, 3, 0x55, 0x1d, 37];
const BASIC_CONSTRAINTS: &[u8] = &[0x06, 3, 0x55, 0x1d, 19];
const ALTERNATIVE_NAME: &[u8] = &[0x06, 3, 0x55, 0x1d, 17];
const SERVER_AUTH: &[u8] = &[0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u8] = &[0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2];
const TRUE: &[u8] = &[0x01, 1, 0xff];

/// A value with its tag and length.
fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(length as u8),
        _ => {
            let bytes = length.to_be_bytes();
            let skipped = bytes.iter().take_while(|byte| **byte == 0).count();
            out.push(0x80 | (bytes.len() - skipped) as u8);
            out.extend_from_slice(&bytes[skipped..]);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tagged(SEQUENCE, parts)
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    tagged(BIT_STRING, &[&[0], bytes])
}

fn name(common: &str) -> Vec<u8> {
    let value = tagged(UTF8_STRING, &[common.as_bytes()]);
    let attribute = sequence(&[COMMON_NAME, &value]);
    sequence(&[&tagged(SET, &[&attribute])])
}

fn time(seconds: i64) -> Vec<u8> {
    // The form has four digits for the year.
    let seconds = seconds.clamp(0, 253_402_300_799);
    let text = format(&Time::from_unix(seconds, 0), "20060102150405Z");
    tagged(GENERALIZED_TIME, &[text.as_bytes()])
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let value = tagged(OCTET_STRING, &[value]);
    match critical {
        true => sequence(&[id, TRUE, &value]),
        false => sequence(&[id, &value]),
    }
}

fn extensions(certificate: &Certificate<'_>) -> Vec<u8> {
    // Digital signature and key encipherment; certificates too for an authority.
    let usage: &[u8] = match certificate.is_authority {
        true => &[BIT_STRING, 2, 2, 0xa4],
        false => &[BIT_STRING, 2, 5, 0xa0],
    };
    let constraints = match certificate.is_authority {
        true => sequence(&[TRUE]),
        false => sequence(&[]),
    };
    let mut all = vec![
        extension(KEY_USAGE, true, usage),
        extension(
            EXTENDED_KEY_USAGE,
            false,
            &sequence(&[SERVER_AUTH, CLIENT_AUTH]),
        ),
        extension(BASIC_CONSTRAINTS, true, &constraints),
    ];
    let mut names: Vec<Vec<u8>> = Vec::new();
    for name in &certificate.dns_names {
        names.push(tagged(0x82, &[name.as_bytes()]));
    }
    for address in &certificate.addresses {
        names.push(match address {
            IpAddr::V4(address) => tagged(0x87, &[&address.octets()]),
            IpAddr::V6(address) => tagged(0x87, &[&address.octets()]),
        });
    }
    if !names.is_empty() {
        let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        all.push(extension(ALTERNATIVE_NAME, false, &sequence(&names)));
    }
    let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
    tagged(0xa3, &[&sequence(&all)])
}

/// The certificate in DER, signed.
pub(super) fn certificate(made: &Certificate<'_>, key: &SecretKey) -> Vec<u8> {
    const DAY: i64 = 86_400;
    let mut serial = made.serial;
    // Positive, and without zeros in front.
    serial[0] = serial[0] & 0x7f | 0x40;
    let until = made.from.saturating_add(made.days.saturating_mul(DAY));
    let algorithm = sequence(&[ECDSA_WITH_SHA256]);
    let body = sequence(&[
        &tagged(0xa0, &[&tagged(INTEGER, &[&[2]])]),
        &tagged(INTEGER, &[&serial]),
        &algorithm,
        &name(made.issuer),
        &sequence(&[&time(made.from), &time(until)]),
        &name(made.subject),
        &sequence(&[
            &sequence(&[EC_PUBLIC_KEY, PRIME256V1]),
            &bits(&made.public_key),
        ]),
        &extensions(made),
    ]);
    let signature: DerSignature = SigningKey::from(key).sign(&body);
    sequence(&[&body, &algorithm, &bits(signature.as_bytes())])
}

/// DER as text.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let encoded = super::encoding::base64(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in encoded.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}
