use std::net::IpAddr;

use super::strings::text;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};
use crate::net::is_mapped;

pub(super) const IP: Sig = Sig::Opaque("net.IP");

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "ip",
        overloads: &[function("string_to_ip", &[Sig::Str], IP, |_, args| {
            Ok(Value::Ip(parse(text(args, 0)?)?))
        })],
    },
    Function {
        name: "isIP",
        overloads: &[function("is_ip", &[Sig::Str], Sig::Bool, |_, args| {
            Ok(Value::Bool(parse(text(args, 0)?).is_ok()))
        })],
    },
    Function {
        name: "ip.isCanonical",
        overloads: &[function(
            "ip_is_canonical",
            &[Sig::Str],
            Sig::Bool,
            |_, args| {
                let text = text(args, 0)?;
                Ok(Value::Bool(parse(text)?.to_string() == text.as_str()))
            },
        )],
    },
    Function {
        name: "family",
        overloads: &[method("ip_family", &[IP], Sig::Int, |_, args| {
            Ok(Value::Int(if address(args)?.is_ipv4() { 4 } else { 6 }))
        })],
    },
    Function {
        name: "isUnspecified",
        overloads: &[method("ip_is_unspecified", &[IP], Sig::Bool, |_, args| {
            Ok(Value::Bool(address(args)?.is_unspecified()))
        })],
    },
    Function {
        name: "isLoopback",
        overloads: &[method("ip_is_loopback", &[IP], Sig::Bool, |_, args| {
            Ok(Value::Bool(address(args)?.is_loopback()))
        })],
    },
    Function {
        name: "isLinkLocalMulticast",
        overloads: &[method(
            "ip_is_link_local_multicast",
            &[IP],
            Sig::Bool,
            |_, args| {
                Ok(Value::Bool(match address(args)? {
                    IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
                    IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
                }))
            },
        )],
    },
    Function {
        name: "isLinkLocalUnicast",
        overloads: &[method(
            "ip_is_link_local_unicast",
            &[IP],
            Sig::Bool,
            |_, args| Ok(Value::Bool(is_link_local(address(args)?))),
        )],
    },
    Function {
        name: "isGlobalUnicast",
        overloads: &[method(
            "ip_is_global_unicast",
            &[IP],
            Sig::Bool,
            |_, args| {
                let address = address(args)?;
                let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
                let other = address.is_unspecified()
                    || address.is_loopback()
                    || address.is_multicast()
                    || is_link_local(address)
                    || is_broadcast;
                Ok(Value::Bool(!other))
            },
        )],
    },
    Function {
        name: "string",
        overloads: &[function("ip_to_string", &[IP], Sig::Str, |_, args| {
            Ok(Value::text(address(args)?.to_string()))
        })],
    },
];

fn address(args: &[Value<'_>]) -> Result<IpAddr, Failure> {
    match args[0] {
        Value::Ip(address) => Ok(address),
        _ => Err(Failure::no_such_overload()),
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// An address without zone that is not one of version 4 in a longer coat.
pub(super) fn parse(text: &str) -> Result<IpAddr, Failure> {
    match text.parse::<IpAddr>() {
        Ok(address) if is_mapped(address) => Err(Failure::new(format!(
            "IPv4-mapped IPv6 address {text:?} is not allowed"
        ))),
        Ok(address) => Ok(address),
        Err(_) if text.contains('%') => Err(Failure::new(format!(
            "IP address {text:?} with zone value is not allowed"
        ))),
        Err(_) => Err(Failure::new(format!(
            "IP Address {text:?} parse error during conversion from string: ParseAddr({text:?}): unable to parse IP"
        ))),
    }
}
