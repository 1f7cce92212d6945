use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::probes::Tried;

/// Whether a name leads to addresses, and to these among them.
pub(crate) fn probe(name: &str, expected: &[IpAddr], timeout: Duration) -> Tried {
    // The system resolves a name for a connection to a port; which one does not matter.
    let found = match resolve(&format!("{name}:443"), timeout) {
        Ok(found) => found,
        Err(why) => return Tried::Failed(why),
    };
    let mut found: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
    found.sort_unstable();
    found.dedup();
    match expected.iter().find(|expected| !found.contains(expected)) {
        None => Tried::Held,
        Some(missing) => {
            let found: Vec<String> = found.iter().map(IpAddr::to_string).collect();
            Tried::Failed(format!(
                "`{name}` leads to {}, and not to {missing}",
                found.join(", ")
            ))
        }
    }
}

/// The addresses of `HOST:PORT`. The system's resolver knows no time limit: the thread that waits for it ends when
/// it does.
pub(crate) fn resolve(address: &str, timeout: Duration) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = address.parse() {
        return Ok(vec![address]);
    }
    let (send, receive) = mpsc::channel();
    let name = address.to_owned();
    thread::spawn(move || {
        let found = name.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        // Nobody may be waiting for it any more.
        let _ = send.send(found.map_err(|error| error.to_string()));
    });
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    match receive.recv_timeout(timeout) {
        Ok(Ok(found)) if found.is_empty() => Err(format!("`{host}` has no address")),
        Ok(Ok(found)) => Ok(found),
        Ok(Err(why)) => Err(format!("`{host}` is not resolved: {why}")),
        Err(_) => Err(format!(
            "`{host}` is not resolved within {} s",
            timeout.as_secs_f64()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_addresses() {
        let timeout = Duration::from_secs(20);
        assert_eq!(probe("localhost", &[], timeout), Tried::Held);
        let Tried::Failed(why) = probe("localhost", &["192.0.2.7".parse().unwrap()], timeout)
        else {
            panic!("it leads elsewhere")
        };
        assert!(why.ends_with(", and not to 192.0.2.7"), "{why}");
        let Tried::Failed(why) = probe("nobody.invalid", &[], timeout) else {
            panic!("no such name can be")
        };
        assert!(why.starts_with("`nobody.invalid` is not resolved"), "{why}");
    }
}
