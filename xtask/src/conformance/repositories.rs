//! Whole repositories: every kustomization of the corpora, as the real `kustomize` builds it, in both
//! orders. `homelab` is left out: a suite has its answers.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tidegate_core::parallel;
use tidegate_kustomize::{Kustomizer, LoadRestrictor, Options, Reorder};
use tidegate_source::{Sources, TreePath};
use tidegate_system::{DiskSystem, Links};

use crate::conformance::score::Score;
use crate::{Outcome, corpus, workspace};

const ORDERS: [(&str, Reorder); 2] = [("legacy", Reorder::Legacy), ("none", Reorder::None)];

/// Builds each folder with both tools and compares the bytes.
pub(super) fn run(corpora: &Path, kustomize: &Path) -> Outcome<Score> {
    let mut score = Score::new("repositories, against kustomize v5.8.1");
    for tree in corpus::trees(corpora)? {
        let name = tree.file_name().unwrap_or_default().to_string_lossy();
        if name == "homelab" {
            continue;
        }
        let folders = corpus::kustomization_folders(&tree)?;
        for (order, reorder) in ORDERS {
            let kustomizer = kustomizer(&tree, reorder)?;
            let same = parallel::map(workspace::threads(), &folders, |folder| {
                let expected = real(kustomize, &tree, folder, order)?;
                let got = kustomizer.build(&TreePath::new(folder)?).to_yaml();
                Ok(expected == got.and_then(Result::ok))
            });
            let same: Vec<bool> = same.into_iter().collect::<Outcome<_>>()?;
            for (folder, same) in folders.iter().zip(same) {
                score.add(&name, &format!("{name}/{folder} --reorder {order}"), same);
            }
        }
    }
    Ok(score)
}

fn kustomizer(tree: &Path, reorder: Reorder) -> Outcome<Kustomizer> {
    let system = DiskSystem::new(tree, Links::Followed)?;
    let options = Options {
        load_restrictor: LoadRestrictor::None,
        reorder,
        ..Options::default()
    };
    Ok(Kustomizer::new(
        Arc::new(Sources::new(Arc::new(system))),
        options,
    ))
}

/// What kustomize prints; none where it refuses.
fn real(kustomize: &Path, tree: &Path, folder: &str, order: &str) -> Outcome<Option<String>> {
    let output = Command::new(kustomize)
        .current_dir(tree)
        .args(["build", folder, "--load-restrictor", "LoadRestrictionsNone"])
        .args(["--reorder", order])
        .output()?;
    Ok(match output.status.success() {
        true => Some(String::from_utf8(output.stdout)?),
        false => None,
    })
}
