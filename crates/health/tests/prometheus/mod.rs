//! A Prometheus that scrapes an exporter of the test.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What the exporter shows, in the text format of Prometheus.
type Page = Arc<Mutex<String>>;

/// Shows metrics until the test is over.
pub(crate) struct Exporter {
    page: Page,
    port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Exporter {
    fn start() -> Exporter {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let page = Page::default();
        let is_over = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (page, is_over) = (Arc::clone(&page), Arc::clone(&is_over));
            move || {
                for stream in listener.incoming() {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    // One who hangs up is no concern of the exporter.
                    let _ = stream.and_then(|stream| answer(stream, &page.lock().unwrap()));
                }
            }
        });
        Exporter {
            page,
            port,
            is_over,
            thread: Some(thread),
        }
    }

    /// Shows these from now on.
    pub(crate) fn show(&self, metrics: &[(&str, &str)]) {
        let mut page = String::new();
        for (name, value) in metrics {
            writeln!(page, "{name} {value}").unwrap();
        }
        *self.page.lock().unwrap() = page;
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream, page: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut head = [0; 4096];
    let _ = stream.read(&mut head)?;
    let length = page.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{page}"
    )
}

/// A Prometheus that ends with the test.
pub(crate) struct Prometheus {
    child: Child,
    port: u16,
    pub(crate) exporter: Exporter,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes each second; none where the program is not there, which is said.
    pub(crate) fn start() -> Option<Prometheus> {
        let program = std::env::var_os("TIDEGATE_PROMETHEUS")
            .map_or_else(|| PathBuf::from("prometheus"), PathBuf::from);
        let exporter = Exporter::start();
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let written = format!(
            "global: {{scrape_interval: 1s}}\n\
             scrape_configs: [{{job_name: test, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]\n",
            exporter.port
        );
        std::fs::write(&config, written).unwrap();
        // Another process may take a free port before Prometheus does.
        for round in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            drop(listener);
            let started = Command::new(&program)
                .arg(format!("--config.file={}", config.display()))
                .arg(format!(
                    "--storage.tsdb.path={}/{round}",
                    folder.path().display()
                ))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let Ok(mut child) = started else {
                eprintln!("not run: prometheus is not on the PATH");
                return None;
            };
            if is_ready(port, &mut child) {
                return Some(Prometheus {
                    child,
                    port,
                    exporter,
                    _folder: folder,
                });
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("prometheus does not start");
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_ready(port: u16, child: &mut Child) -> bool {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return false;
        }
        if answers(port).is_ok_and(|answer| answer) {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

fn answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(b"GET /-/ready HTTP/1.0\r\n\r\n")?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    Ok(&head[9..] == b"200")
}
