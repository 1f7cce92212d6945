use std::fmt;
use std::net::IpAddr;

use super::ip::{self, IP};
use super::strings::text;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};
use crate::net::{address_bits, is_mapped};

/// An address with the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cel) struct Cidr {
    pub(in crate::cel) address: IpAddr,
    pub(in crate::cel) bits: u8,
}

const CIDR: Sig = Sig::Opaque("net.CIDR");

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "cidr",
        overloads: &[function("string_to_cidr", &[Sig::Str], CIDR, |_, args| {
            Ok(Value::Cidr(parse(text(args, 0)?)?))
        })],
    },
    Function {
        name: "isCIDR",
        overloads: &[function("is_cidr", &[Sig::Str], Sig::Bool, |_, args| {
            Ok(Value::Bool(parse(text(args, 0)?).is_ok()))
        })],
    },
    Function {
        name: "containsIP",
        overloads: &[
            method(
                "cidr_contains_ip_string",
                &[CIDR, Sig::Str],
                Sig::Bool,
                |_, args| {
                    let address = ip::parse(text(args, 1)?)?;
                    Ok(Value::Bool(cidr(args)?.contains(address)))
                },
            ),
            method(
                "cidr_contains_ip_ip",
                &[CIDR, IP],
                Sig::Bool,
                |_, args| match args[1] {
                    Value::Ip(address) => Ok(Value::Bool(cidr(args)?.contains(address))),
                    _ => Err(Failure::no_such_overload()),
                },
            ),
        ],
    },
    Function {
        name: "containsCIDR",
        overloads: &[
            method(
                "cidr_contains_cidr_string",
                &[CIDR, Sig::Str],
                Sig::Bool,
                |_, args| {
                    let other = parse(text(args, 1)?)?;
                    Ok(Value::Bool(cidr(args)?.contains_cidr(other)))
                },
            ),
            method(
                "cidr_contains_cidr",
                &[CIDR, CIDR],
                Sig::Bool,
                |_, args| match args[1] {
                    Value::Cidr(other) => Ok(Value::Bool(cidr(args)?.contains_cidr(other))),
                    _ => Err(Failure::no_such_overload()),
                },
            ),
        ],
    },
    Function {
        name: "ip",
        overloads: &[method("cidr_ip", &[CIDR], IP, |_, args| {
            Ok(Value::Ip(cidr(args)?.address))
        })],
    },
    Function {
        name: "prefixLength",
        overloads: &[method(
            "cidr_prefix_length",
            &[CIDR],
            Sig::Int,
            |_, args| Ok(Value::Int(i64::from(cidr(args)?.bits))),
        )],
    },
    Function {
        name: "masked",
        overloads: &[method("cidr_masked", &[CIDR], CIDR, |_, args| {
            let cidr = cidr(args)?;
            Ok(Value::Cidr(Cidr {
                address: cidr.masked(cidr.address),
                ..cidr
            }))
        })],
    },
    Function {
        name: "string",
        overloads: &[function("cidr_to_string", &[CIDR], Sig::Str, |_, args| {
            Ok(Value::text(cidr(args)?.to_string()))
        })],
    },
];

impl Cidr {
    /// An address with all bits beyond the prefix cleared.
    fn masked(self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.bits))
                    .unwrap_or(0);
                IpAddr::V6((u128::from(address) & mask).into())
            }
        }
    }

    fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
            && self.masked(address) == self.masked(self.address)
    }

    fn contains_cidr(self, other: Cidr) -> bool {
        self.bits <= other.bits && self.contains(other.address)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

fn cidr(args: &[Value<'_>]) -> Result<Cidr, Failure> {
    match args[0] {
        Value::Cidr(cidr) => Ok(cidr),
        _ => Err(Failure::no_such_overload()),
    }
}

fn parse(text: &str) -> Result<Cidr, Failure> {
    let wrong = || {
        Failure::new(format!(
            "network address parse error during conversion from string: netip.ParsePrefix({text:?}): no valid prefix"
        ))
    };
    let (address, bits) = text.rsplit_once('/').ok_or_else(wrong)?;
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let canonical = bits == "0" || (bits.starts_with(|c: char| ('1'..='9').contains(&c)));
    let bits = bits
        .parse::<u8>()
        .ok()
        .filter(|bits| *bits <= address_bits(address));
    match bits {
        Some(_) if is_mapped(address) => Err(Failure::new(format!(
            "IPv4-mapped IPv6 address {text:?} is not allowed"
        ))),
        Some(bits) if canonical => Ok(Cidr { address, bits }),
        _ => Err(wrong()),
    }
}
