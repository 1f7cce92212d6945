use std::fs;
use std::path::Path;

use super::{Run, tidegate, tree};

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

/// A tree whose cluster wants an env file that is not in it.
fn files() -> [(&'static str, &'static str); 3] {
    [
        (
            "k8s/clusters/live/kustomization.yaml",
            "resources: [a.yaml]\nconfigMapGenerator:\n  - name: vars\n    envs: [.vars.env]\n",
        ),
        ("k8s/clusters/live/a.yaml", CONFIG_MAP),
        ("ci/live.env", "cluster_name=live\n"),
    ]
}

/// The config of a tree whose env file is that of `ci/`.
const STAND_IN: &str = "[[files]]\npath = 'k8s/clusters/live/.vars.env'\nfrom = 'ci/live.env'\n";

fn check(folder: &Path, args: &[&str]) -> Run {
    tidegate(folder, &[&["check", "--format", "concise"], args].concat())
}

#[test]
fn a_declared_file_stands_in_for_one_that_the_tree_lacks() {
    let tree = tree(&files());
    let run = check(tree.path(), &[]);
    assert!(run.stdout.contains("error[KUS001]"), "{}", run.stdout);
    fs::write(tree.path().join("tidegate.toml"), STAND_IN).unwrap();
    let run = check(tree.path(), &[]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    // What is not packed for Flux is not read of the tree; tidegate itself may read it.
    fs::write(tree.path().join(".sourceignore"), "/ci/\ntidegate.toml\n").unwrap();
    let run = check(tree.path(), &[]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
}

#[test]
fn the_nearest_config_above_is_used_and_another_can_be_named() {
    let tree = tree(&files());
    fs::create_dir(tree.path().join(".git")).unwrap();
    fs::write(tree.path().join("tidegate.toml"), STAND_IN).unwrap();
    let below = tree.path().join("k8s/clusters");
    assert_eq!(check(&below, &["live"]).status, Some(0));
    fs::write(below.join("tidegate.toml"), "").unwrap();
    assert_eq!(
        check(&below, &["live"]).status,
        Some(1),
        "the nearest counts"
    );
    let run = check(&below, &["--config", "../../tidegate.toml"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    let run = check(&below, &["--config", "absent.toml"]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.starts_with("error: absent.toml cannot be read"));
}

#[test]
fn a_config_outside_of_the_tree_names_files_beside_it() {
    let tree = tree(&files());
    let outside = super::tree(&[
        (
            "conf/live.toml",
            "[[files]]\npath = 'k8s/clusters/live/.vars.env'\nfrom = '../live.env'\n",
        ),
        ("live.env", "A=1\n"),
        ("conf/wrong.toml", "flux = 2\n"),
    ]);
    let named = |name: &str| {
        let path = outside.path().join(name);
        check(tree.path(), &["--config", path.to_str().unwrap()])
    };
    let run = named("conf/live.toml");
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    let run = named("conf/wrong.toml");
    assert!(
        run.stdout.contains("wrong.toml:1:8: error[CFG003]"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_config_of_the_tree_names_no_files_outside_of_it() {
    let tree = tree(&[("secret.env", "A=1\n"), ("tree/k8s/a.yaml", CONFIG_MAP)]);
    let top = tree.path().join("tree");
    fs::create_dir(top.join(".git")).unwrap();
    let config = "[[provides]]\nname = 'vars'\nenv_file = '../secret.env'\n";
    fs::write(top.join("tidegate.toml"), config).unwrap();
    let run = check(&top, &[]);
    assert_eq!(run.status, Some(2));
    let expected = "tidegate.toml:3:12: error[CFG006] `../secret.env` cannot be read: the path \
                    leads above the root of the tree\n";
    assert_eq!(run.stdout, expected);
}

#[test]
fn nothing_is_checked_with_a_config_that_has_errors() {
    let tree = tree(&files());
    let config = "fail-on = 'warning'\n[clusters.lvie]\nflux = '2.9'\n";
    fs::write(tree.path().join("tidegate.toml"), config).unwrap();
    let run = check(tree.path(), &[]);
    assert_eq!(run.status, Some(2));
    assert_eq!(
        run.stdout,
        "tidegate.toml:1:1: error[CFG002] `fail-on` is not a key of tidegate.toml\n\
         tidegate.toml:2:11: error[CFG005] there is no cluster `lvie`\n"
    );
    assert_eq!(run.stderr, "Nothing was checked: the config has errors\n");
}

#[test]
fn the_flag_goes_before_fail_on_of_the_config() {
    let mut files = files().to_vec();
    files.push(("tidegate.toml", "fail_on = 'never'"));
    let tree = tree(&files);
    assert_eq!(check(tree.path(), &[]).status, Some(0));
    assert_eq!(check(tree.path(), &["--fail-on", "error"]).status, Some(1));
}

#[test]
fn clusters_of_the_config_are_checked_beside_those_that_are_found() {
    let tree = tree(&[
        ("clusters/dev/a.yaml", CONFIG_MAP),
        ("flux/edge/a.yaml", CONFIG_MAP),
        ("tidegate.toml", "[clusters.edge]\npath = 'flux/edge'\n"),
    ]);
    let run = check(tree.path(), &[]);
    assert!(
        run.stderr.starts_with("Checked 2 clusters"),
        "{}",
        run.stderr
    );
}
