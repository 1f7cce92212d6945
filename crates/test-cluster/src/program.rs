//! The program that all parts of the control plane are in.

use std::path::{Path, PathBuf};

/// The version of Kubernetes that the program is made of.
pub const KUBERNETES: &str = "1.35.4";

/// Where `cargo xtask apiserver` puts the program, below a target folder.
pub fn built(target: &Path) -> PathBuf {
    target
        .join("apiserver")
        .join(KUBERNETES)
        .join("testcluster")
}

/// The program: the one that `TIDEGATE_TESTCLUSTER` names, else the one that was built.
pub fn find() -> Option<PathBuf> {
    let program = match std::env::var_os("TIDEGATE_TESTCLUSTER") {
        Some(path) => PathBuf::from(path),
        None => {
            let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
            built(&workspace.join(target))
        }
    };
    program.is_file().then_some(program)
}
