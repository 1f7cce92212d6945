use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::probes::{Tried, tcp};
use crate::web::Web;

const DAY: u64 = 24 * 60 * 60;

/// Whether the certificate of an `https` server is valid for so many days yet. That it is for this name and by one
/// whom the machine trusts is looked at too, as for any other connection.
pub(crate) fn probe(web: &Web, url: &str, days: u32, timeout: Duration) -> Tried {
    let Some((host, address)) = server_of(url) else {
        return Tried::Failed("it has no certificate: its URL is not `https`".to_owned());
    };
    let ends = shown(web, &host, &address, timeout).and_then(|der| ends(&der));
    let ends = match ends {
        Ok(ends) => ends,
        Err(why) => return Tried::Failed(why),
    };
    let left = ends
        .duration_since(SystemTime::UNIX_EPOCH + now())
        .map_or(0, |left| left.as_secs() / DAY);
    match left >= u64::from(days) {
        true => Tried::Held,
        false => Tried::Failed(format!(
            "its certificate is valid for {left} more days, and is to be for {days}"
        )),
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// The host of a URL, and its address with a port.
fn server_of(url: &str) -> Option<(String, String)> {
    let rest = url.strip_prefix("https://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest[..end]
        .rsplit_once('@')
        .map_or(&rest[..end], |(_, rest)| rest);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, "443"),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    Some((bare.to_owned(), format!("{host}:{port}")))
}

/// The certificate that a server shows, in DER.
fn shown(web: &Web, host: &str, address: &str, timeout: Duration) -> Result<Vec<u8>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(web.certificates().iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let mut stream = tcp::connect(address, timeout)?;
    let mut connection =
        ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())?;
    shake_hands(&mut connection, &mut stream, timeout)?;
    let certificates = connection.peer_certificates().unwrap_or_default();
    match certificates.first() {
        Some(certificate) => Ok(certificate.to_vec()),
        None => Err("it shows no certificate".to_owned()),
    }
}

fn shake_hands(
    connection: &mut ClientConnection,
    stream: &mut TcpStream,
    timeout: Duration,
) -> Result<(), String> {
    let within = |stream: &TcpStream| {
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))
    };
    within(stream).map_err(|error| error.to_string())?;
    while connection.is_handshaking() {
        connection
            .complete_io(stream)
            .map_err(|error| format!("no TLS connection: {error}"))?;
    }
    Ok(())
}

/// When a certificate ends.
fn ends(der: &[u8]) -> Result<SystemTime, String> {
    let read = Certificate::from_der(der);
    let read = read.map_err(|error| format!("its certificate cannot be read: {error}"))?;
    Ok(read.tbs_certificate.validity.not_after.to_system_time())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_urls() {
        let check = |url: &str, expected: Option<(&str, &str)>| {
            let found = server_of(url);
            let found = found
                .as_ref()
                .map(|(host, address)| (host.as_str(), address.as_str()));
            assert_eq!(found, expected, "{url}");
        };
        check(
            "https://shop.example/a:b",
            Some(("shop.example", "shop.example:443")),
        );
        check(
            "https://shop.example:8443?x",
            Some(("shop.example", "shop.example:8443")),
        );
        check("https://[::1]/", Some(("::1", "[::1]:443")));
        check("https://[::1]:8443/", Some(("::1", "[::1]:8443")));
        check("http://shop.example/", None);
    }
}
