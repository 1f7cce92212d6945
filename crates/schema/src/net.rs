//! IP addresses as Go reads them: strictly, and as it used to.

use std::net::{IpAddr, Ipv4Addr};

/// An address as `net.ParseIP` read it once: parts of an IPv4 address may have leading zeros.
pub(crate) fn parse_ip_sloppy(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse().ok();
    }
    let mut parts = [0; 4];
    let mut given = text.split('.');
    for part in &mut parts {
        let digits = given.next()?;
        // Longer runs of zeros than this are refused as too large.
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        if !all || digits.is_empty() {
            return None;
        }
        let value = digits.trim_start_matches('0');
        *part = match value {
            "" => 0,
            value if value.len() > 3 => return None,
            value => value.parse().ok()?,
        };
    }
    match given.next() {
        None => Some(IpAddr::V4(Ipv4Addr::from(parts))),
        Some(_) => None,
    }
}

/// An address with a prefix length, leading zeros allowed.
pub(crate) fn parse_cidr_sloppy(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip_sloppy(address)?;
    let all = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    if !all {
        return None;
    }
    let length = length.trim_start_matches('0');
    let length: u8 = match length {
        "" => 0,
        length => length.parse().ok()?,
    };
    (length <= address_bits(address)).then_some((address, length))
}

/// How many bits an address has.
pub(crate) fn address_bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// An IPv6 address that stands for one of version 4.
pub(crate) fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}
