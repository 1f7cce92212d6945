//! Probes of servers that the test starts.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "starts servers for the test"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tidegate_health::probes::{Api, Pace, Probe, Probing, Target};
use tidegate_health::{Check, CheckOutcome, Trust, Web};

struct NoApi;

impl Api for NoApi {
    fn get(&self, _: &str, _: Duration) -> Result<(u16, Vec<u8>), String> {
        Err("it is not asked".to_owned())
    }
}

/// What one run of a probe says.
fn run(target: Target, trust: &Trust) -> Result<(), String> {
    let probe = Probe {
        name: "shop".to_owned(),
        target,
        pace: Pace {
            runs: 1,
            retries: 0,
            timeout: Duration::from_secs(3),
            ..Pace::default()
        },
    };
    match Probing::new(probe, &NoApi, Web::new(trust.clone())).measure(Duration::ZERO) {
        CheckOutcome::Held => Ok(()),
        CheckOutcome::Failed(reasons) => Err(reasons[0].message.clone()),
        other => panic!("{other:?}"),
    }
}

fn http(url: String, statuses: &[u16], contains: Option<&str>, days: Option<u32>) -> Target {
    Target::Http {
        url,
        statuses: statuses.to_vec(),
        contains: contains.map(str::to_owned),
        certificate_days: days,
    }
}

/// Answers every connection with these bytes, and then waits for `hold`. It ends with the process.
fn server(answer: &'static [u8], hold: Duration, tls: Option<Arc<ServerConfig>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = tls.clone();
            // Whoever hangs up does so on purpose.
            thread::spawn(move || match tls {
                None => serve(stream, answer, hold),
                Some(config) => {
                    let connection = ServerConnection::new(config).unwrap();
                    serve(StreamOwned::new(connection, stream), answer, hold)
                }
            });
        }
    });
    address
}

fn serve(mut stream: impl Read + Write, answer: &[u8], hold: Duration) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let _ = stream.read(&mut head)?;
    stream.write_all(answer)?;
    stream.flush()?;
    thread::sleep(hold);
    Ok(())
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\nshop is open";

#[test]
fn web_servers_are_asked() {
    let trust = Trust::default();
    let url = format!("http://{}/", server(OK, Duration::ZERO, None));
    assert_eq!(
        run(http(url.clone(), &[], Some("is open"), None), &trust),
        Ok(())
    );
    let check = |target: Target, expected: &str| {
        let why = run(target, &trust).unwrap_err();
        assert!(why.contains(expected), "{why}");
    };
    check(
        http(url.clone(), &[204], None, None),
        "probe `shop`: it answers 200",
    );
    check(
        http(url.clone(), &[], Some("is shut"), None),
        "`is shut` is not in its answer",
    );
    check(http(url, &[], None, Some(7)), "it has no certificate");
    let moved = b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let moved = server(moved, Duration::ZERO, None);
    check(
        http(format!("http://{moved}/"), &[], None, None),
        "it answers 301",
    );
    let silent = server(b"", Duration::from_secs(60), None);
    check(
        http(format!("http://{silent}/"), &[], None, None),
        "none within 3 s",
    );
    let slow = server(
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab",
        Duration::from_secs(60),
        None,
    );
    check(
        http(format!("http://{slow}/"), &[], Some("c"), None),
        "none within 3 s",
    );
    let other = server(b"SSH-2.0-OpenSSH\r\n", Duration::ZERO, None);
    check(
        http(format!("http://{other}/"), &[], None, None),
        "no answer from",
    );
}

#[test]
fn certificates_are_looked_at() {
    // For `localhost`, until the year 2126.
    let der = CertificateDer::from_pem_slice(include_bytes!("tls/localhost.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    let address = server(OK, Duration::ZERO, Some(Arc::new(config)));
    let url = |host: &str| format!("https://{host}:{}/", address.port());
    let trust = Trust {
        more: vec![der.to_vec()],
    };
    assert_eq!(
        run(http(url("localhost"), &[], None, Some(9)), &trust),
        Ok(())
    );
    let soon = run(http(url("localhost"), &[], None, Some(100_000)), &trust).unwrap_err();
    assert!(soon.contains("its certificate is valid for 3"), "{soon}");
    assert!(
        soon.ends_with(" more days, and is to be for 100000"),
        "{soon}"
    );
    // Another name, and someone whom nobody trusts.
    assert!(run(http(url("127.0.0.1"), &[], None, None), &trust).is_err());
    assert!(run(http(url("localhost"), &[], None, None), &Trust::default()).is_err());
    assert_eq!(run(Target::Tcp(address.to_string()), &trust), Ok(()));
    drop(TcpStream::connect(address));
}
