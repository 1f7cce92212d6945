//! The control plane as a whole.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use tempfile::TempDir;

use crate::part::{PAUSE, Part};
use crate::{Client, Error, find};

/// How long a part may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a start is tried: a port that was free may be taken a moment later.
const TRIES: usize = 3;

/// What a cluster has besides etcd and an API server.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Whether a controller manager runs: it makes Pods of Deployments, service accounts in namespaces,
    /// and empties namespaces that are deleted. Without it the namespace `default` gets its account, so
    /// that Pods can be created.
    pub controllers: bool,
    /// Who may speak to the API server, besides the administrator. What they may do, RBAC says: nothing,
    /// until a test creates a binding.
    pub users: Vec<User>,
    /// More flags of the API server, such as `--feature-gates=...`.
    pub flags: Vec<String>,
}

/// Someone with a token.
#[derive(Clone, Debug)]
pub struct User {
    /// The name that bindings have.
    pub name: String,
    /// What proves it.
    pub token: String,
    /// The groups they are in.
    pub groups: Vec<String>,
}

/// A running control plane, which ends when this is dropped.
pub struct Cluster {
    // In the order in which they end: an API server without etcd does not.
    controllers: Option<Part>,
    server: Option<Part>,
    etcd: Part,
    program: PathBuf,
    flags: Vec<String>,
    url: String,
    token: String,
    client: Client,
    folder: TempDir,
}

impl Cluster {
    /// A control plane for a test; where there is no program, none, and standard error says so.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn for_test(setup: &Setup) -> Option<Cluster> {
        let Some(program) = find() else {
            eprintln!("not run: there is no control plane; `cargo xtask apiserver` builds one");
            return None;
        };
        match Cluster::start(&program, setup) {
            Ok(cluster) => Some(cluster),
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts a control plane and waits until it is ready.
    ///
    /// # Errors
    /// What a part says before it ends, or that it is not ready in time.
    pub fn start(program: &Path, setup: &Setup) -> Result<Cluster, Error> {
        let mut tries = 1;
        loop {
            match Cluster::try_start(program, setup) {
                Err(_) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    fn try_start(program: &Path, setup: &Setup) -> Result<Cluster, Error> {
        let folder = tempfile::Builder::new()
            .prefix("tidegate-test-cluster-")
            .tempdir()
            .map_err(|error| Error::of("no folder for the cluster", error))?;
        let token = random()?;
        write_secrets(folder.path(), &token, &setup.users)?;

        let etcd_url = format!("http://127.0.0.1:{}", free_port()?);
        let flags = [
            "--data-dir=etcd".to_owned(),
            format!("--listen-client-urls={etcd_url}"),
            format!("--advertise-client-urls={etcd_url}"),
            "--listen-peer-urls=http://127.0.0.1:0".to_owned(),
            "--unsafe-no-fsync".to_owned(),
        ];
        let mut etcd = Part::start(program, "etcd", folder.path(), &flags)?;

        let port = free_port()?;
        let url = format!("https://127.0.0.1:{port}");
        let mut flags = vec![
            format!("--etcd-servers={etcd_url}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={port}"),
            "--cert-dir=certificates".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            "--service-account-key-file=accounts.pub".to_owned(),
            "--service-account-signing-key-file=accounts.key".to_owned(),
            "--token-auth-file=tokens.csv".to_owned(),
            "--authorization-mode=RBAC".to_owned(),
            "--endpoint-reconciler-type=none".to_owned(),
            "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
            // As in nearly every cluster: nothing that stores volumes runs without.
            "--allow-privileged=true".to_owned(),
        ];
        flags.extend(setup.flags.iter().cloned());
        let mut server = Part::start(program, "apiserver", folder.path(), &flags)?;
        let client = connect(&mut etcd, &mut server, folder.path(), &url, &token)?;
        let mut cluster = Cluster {
            controllers: None,
            server: Some(server),
            etcd,
            program: program.to_owned(),
            flags,
            url,
            token,
            client,
            folder,
        };
        cluster.wait_until_ready()?;
        let kubeconfig = cluster.kubeconfig_of(&cluster.token);
        write(&cluster.kubeconfig(), &kubeconfig)?;
        if setup.controllers {
            cluster.start_controllers()?;
        }
        cluster.wait_for_account(setup.controllers)?;
        Ok(cluster)
    }

    /// `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A PEM file with the certificates that the API server is known by.
    pub fn certificate_authority(&self) -> PathBuf {
        self.folder.path().join("certificates/apiserver.crt")
    }

    /// The token of the administrator.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A kubeconfig file of the administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig.yaml")
    }

    /// The text of a kubeconfig file of whoever has a token.
    pub fn kubeconfig_of(&self, token: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters:\n- name: test\n  cluster:\n    server: {}\n    certificate-authority: {}\n\
             users:\n- name: test\n  user:\n    token: {token}\n\
             contexts:\n- name: test\n  context:\n    cluster: test\n    user: test\n",
            self.url,
            self.certificate_authority().display()
        )
    }

    /// A client of the administrator.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Stops the API server; etcd and what is in it stay.
    pub fn stop_server(&mut self) {
        self.server = None;
    }

    /// Starts an API server that was stopped, at the same address, and waits until it is ready.
    ///
    /// # Errors
    /// What it says before it ends, or that it is not ready in time.
    pub fn start_server(&mut self) -> Result<(), Error> {
        if self.server.is_none() {
            let folder = self.folder.path();
            let server = Part::start(&self.program, "apiserver", folder, &self.flags)?;
            self.server = Some(server);
        }
        self.wait_until_ready()
    }

    fn start_controllers(&mut self) -> Result<(), Error> {
        let flags = [
            "--kubeconfig=kubeconfig.yaml".to_owned(),
            "--leader-elect=false".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={}", free_port()?),
            "--cert-dir=controllers".to_owned(),
            "--service-account-private-key-file=accounts.key".to_owned(),
            // They want a cloud, or a range of addresses for Pods.
            "--controllers=*,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller"
                .to_owned(),
        ];
        let folder = self.folder.path();
        let controllers = Part::start(&self.program, "controller-manager", folder, &flags)?;
        self.controllers = Some(controllers);
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<(), Error> {
        self.wait("the API server is not ready", |client| {
            client
                .get("/readyz")
                .is_ok_and(|answer| answer.status == 200)
        })
    }

    /// Until the namespace `default` has its service account, which the controller manager makes.
    fn wait_for_account(&mut self, has_controllers: bool) -> Result<(), Error> {
        let path = "/api/v1/namespaces/default/serviceaccounts";
        let account =
            r#"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}"#;
        self.wait("there is no default service account", |client| {
            if has_controllers {
                let answer = client.get(&format!("{path}/default"));
                answer.is_ok_and(|answer| answer.status == 200)
            } else {
                // The namespace itself comes a moment after the server.
                let answer = client.create(path, account);
                answer.is_ok_and(|answer| answer.status == 201 || answer.status == 409)
            }
        })
    }

    fn wait(&mut self, what: &str, is_so: impl Fn(&Client) -> bool) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(&self.client) {
            let parts = [&mut self.controllers, &mut self.server];
            for part in parts.into_iter().flatten() {
                part.check()?;
            }
            self.etcd.check()?;
            if Instant::now() > deadline {
                return Err(Error::new(what));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

/// A client, as soon as the server has made the certificate that it is known by.
fn connect(
    etcd: &mut Part,
    server: &mut Part,
    folder: &Path,
    url: &str,
    token: &str,
) -> Result<Client, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        etcd.check()?;
        server.check()?;
        let certificate = fs::read(folder.join("certificates/apiserver.crt"));
        if let Ok(certificate) = certificate
            && let Ok(client) = Client::new(url, token, &certificate)
            // The file is written in steps.
            && client.get("/livez").is_ok()
        {
            return Ok(client);
        }
        if Instant::now() > deadline {
            return Err(Error::new("the API server does not answer"));
        }
        std::thread::sleep(PAUSE);
    }
}

/// The key that service accounts are signed with, and the file of tokens.
fn write_secrets(folder: &Path, token: &str, users: &[User]) -> Result<(), Error> {
    let mut bytes = [0; 32];
    let key = loop {
        fill(&mut bytes)?;
        // Nearly every number is a key.
        if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
            break key;
        }
    };
    let failed = |error: &dyn std::fmt::Display| Error::of("no key for service accounts", error);
    let private = key.to_pkcs8_pem(LineEnding::LF);
    let private = private.map_err(|error| failed(&error))?;
    let public = key.public_key().to_public_key_pem(LineEnding::LF);
    let public = public.map_err(|error| failed(&error))?;
    write(&folder.join("accounts.key"), &private)?;
    write(&folder.join("accounts.pub"), &public)?;
    let mut lines = format!("{token},administrator,administrator,system:masters\n");
    for user in users {
        let User {
            name,
            token,
            groups,
        } = user;
        lines.push_str(&format!("{token},{name},{name},\"{}\"\n", groups.join(",")));
    }
    write(&folder.join("tokens.csv"), &lines)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|error| Error::of(path.display(), error))
}

/// A port that no one listens on.
fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind("127.0.0.1:0");
    let address = listener.and_then(|listener| listener.local_addr());
    address
        .map(|address| address.port())
        .map_err(|error| Error::of("no free port", error))
}

/// What no one can guess: others on the machine can reach the port too.
fn random() -> Result<String, Error> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::of("no random numbers", error))
}
