//! Pushes that are killed: whenever it happens, nothing is tagged that the gate did not pass, and a second run comes
//! to the end.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tidegate_artifact::Repository;
use tidegate_registry::{Registries, RepositoryName};

use super::{UNSIGNED, is_complete, nothing_else_is_tagged, platform, pushed, registries};
use crate::command;
use crate::docker::{Access, Docker};
use crate::proxy::{Fate, proxy};

fn start(tree: &TempDir, url: &str) -> Child {
    let mut run: Command = command(tree.path());
    run.args([
        "push",
        url,
        "k8s",
        "--env",
        "integration",
        "--tag-suffix",
        "x",
    ]);
    run.stdout(Stdio::null()).stderr(Stdio::null());
    run.spawn().unwrap()
}

fn repository<'a>(registries: &'a Registries, docker: &Docker, name: &str) -> Repository<'a> {
    let url = format!("oci://{}/{name}", docker.authority());
    Repository::new(registries.repository(&RepositoryName::parse(&url).unwrap()))
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The second run, past the proxy.
fn finish(tree: &TempDir, docker: &Docker, repository: &Repository<'_>, name: &str) {
    nothing_else_is_tagged(repository);
    let url = format!("oci://{}/{name}", docker.authority());
    let args = ["--env", "integration", "--tag-suffix", "x"];
    let said = pushed(tree, &url, &args);
    is_complete(repository, &said);
    assert_eq!(pushed(tree, &url, &args)["changed"], false);
}

#[test]
fn a_push_is_killed_between_any_two_requests() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let registries = registries();
    let counting = proxy(&docker, |_| Fate::Passes);
    let url = format!("oci://{}/whole", counting.authority());
    assert!(start(&tree, &url).wait().unwrap().success());
    let requests = counting.asked().len();
    assert!(requests > 15, "{:#?}", counting.lines());
    for last in 0..requests {
        let name = format!("killed-{last}");
        let stalling = proxy(&docker, move |number| match number < last {
            true => Fate::Passes,
            false => Fate::Stalls,
        });
        let mut child = start(&tree, &format!("oci://{}/{name}", stalling.authority()));
        let until = Instant::now() + Duration::from_secs(30);
        while stalling.asked().len() <= last {
            assert!(Instant::now() < until, "request {last} never came");
            std::thread::sleep(Duration::from_millis(2));
        }
        kill(&mut child);
        drop(stalling);
        let repository = repository(&registries, &docker, &name);
        finish(&tree, &docker, &repository, &name);
    }
}

#[test]
fn a_push_is_killed_at_any_moment() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let registries = registries();
    let began = Instant::now();
    let url = |name: &str| format!("oci://{}/{name}", docker.authority());
    assert!(start(&tree, &url("whole")).wait().unwrap().success());
    let length = began.elapsed();
    let rounds = std::env::var("TIDEGATE_KILLS").ok();
    let rounds: u32 = rounds.map_or(10, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let name = format!("killed-{round}");
        let mut child = start(&tree, &url(&name));
        // Spread over the time of a whole run, and not in its order.
        std::thread::sleep(length * (round * 37 % rounds) / rounds);
        kill(&mut child);
        let repository = repository(&registries, &docker, &name);
        finish(&tree, &docker, &repository, &name);
    }
}

#[test]
fn requests_that_are_cut_are_made_again() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let registries = registries();
    for (name, fate) in [("before", Fate::IsCut), ("behind", Fate::IsCutBehind)] {
        // Each third one.
        let cutting = proxy(&docker, move |number| match number % 3 {
            1 => fate,
            _ => Fate::Passes,
        });
        let url = format!("oci://{}/{name}", cutting.authority());
        assert!(start(&tree, &url).wait().unwrap().success(), "{name}");
        let repository = repository(&registries, &docker, name);
        finish(&tree, &docker, &repository, name);
    }
}
