//! A server between client and API server that does what a real one does rarely.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tidegate_test_cluster::Client;

/// What is done to a request.
pub(crate) enum Fault {
    /// It is answered so: status, headers, body.
    Answer(u16, &'static str, &'static str),
    /// Half of an answer is sent.
    Cut,
    /// It is passed on, and its answer says that it is of this time.
    At(&'static str),
}

/// Decides about the n-th request for a path, counted from 0.
type Decide = dyn Fn(&str, usize) -> Option<Fault> + Send + Sync;

pub(crate) struct Proxy {
    folder: TempDir,
}

impl Proxy {
    /// Passes on what is not decided otherwise, as the user of `client`.
    pub(crate) fn start(
        client: &Client,
        decide: impl Fn(&str, usize) -> Option<Fault> + Send + Sync + 'static,
    ) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let decide: Arc<Decide> = Arc::new(decide);
        let counts: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let client = client.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (client, decide, counts) =
                    (client.clone(), Arc::clone(&decide), Arc::clone(&counts));
                std::thread::spawn(move || serve(stream, &client, &*decide, &counts));
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters:\n- name: test\n  cluster:\n    server: http://{address}\n\
             users:\n- name: test\n  user: {{}}\n\
             contexts:\n- name: test\n  context:\n    cluster: test\n    user: test\n"
        );
        std::fs::write(folder.path().join("kubeconfig"), kubeconfig).unwrap();
        Proxy { folder }
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }
}

/// Answers the requests of a connection until it ends.
fn serve(
    stream: TcpStream,
    client: &Client,
    decide: &Decide,
    counts: &Mutex<BTreeMap<String, usize>>,
) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let mut stream = stream;
    loop {
        let request = lines.next()?.ok()?;
        let mut accept = String::new();
        for line in lines.by_ref() {
            let line = line.ok()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("accept")
            {
                value.clone_into(&mut accept);
            }
        }
        let mut words = request.split(' ');
        assert_eq!(words.next(), Some("GET"), "{request}");
        let target = words.next()?;
        let path = target.split('?').next()?;
        let nth = {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(path.to_owned()).or_default();
            std::mem::replace(count, *count + 1)
        };
        let fault = decide(target, nth);
        let (status, headers, body) = match fault {
            Some(Fault::Answer(status, headers, body)) => {
                (status, headers.to_owned(), body.to_owned())
            }
            Some(Fault::Cut) => {
                let half = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"items\": [";
                stream.write_all(half.as_bytes()).ok()?;
                return None;
            }
            other => {
                let answer = client.get_as(target, &accept).ok()?;
                let date = match other {
                    Some(Fault::At(date)) => format!("date: {date}\r\n"),
                    _ => String::new(),
                };
                (answer.status, date, answer.body.to_string())
            }
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
    }
}
