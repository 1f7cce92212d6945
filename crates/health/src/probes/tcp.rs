use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::probes::{Tried, dns};

/// Whether a port takes connections. Each address of the name is tried.
pub(crate) fn probe(address: &str, timeout: Duration) -> Tried {
    match connect(address, timeout) {
        Ok(_) => Tried::Held,
        Err(why) => Tried::Failed(why),
    }
}

/// Connects to `HOST:PORT`.
pub(crate) fn connect(address: &str, timeout: Duration) -> Result<TcpStream, String> {
    let until = Instant::now() + timeout;
    let addresses: Vec<SocketAddr> = dns::resolve(address, timeout)?;
    let mut why = format!("`{address}` has no address");
    for one in addresses {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(format!("no connection within {} s", timeout.as_secs_f64()));
        }
        match TcpStream::connect_timeout(&one, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => why = format!("no connection to {one}: {error}"),
        }
    }
    Err(why)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn ports_take_connections_or_not() {
        let timeout = Duration::from_secs(5);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        assert_eq!(probe(&address, timeout), Tried::Held);
        drop(listener);
        let Tried::Failed(why) = probe(&address, timeout) else {
            panic!("nobody listens")
        };
        assert!(
            why.starts_with(&format!("no connection to {address}: ")),
            "{why}"
        );
    }
}
