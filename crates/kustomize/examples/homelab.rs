use std::sync::Arc;
use tidegate_kustomize::*;
use tidegate_source::*;
use tidegate_system::*;
fn main() {
    let root = std::env::args().nth(1).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let rows = std::fs::read_to_string("/work/shared/conformance/kustomize-homelab.jsonl").unwrap();
    let dirs: Vec<String> = rows
        .lines()
        .map(|l| {
            let v: serde_json::Value = serde_json::from_str(l).unwrap();
            v["dir"].as_str().unwrap().to_owned()
        })
        .collect();
    let mut total = 0;
    for _ in 0..n {
        let system = DiskSystem::new(std::path::Path::new(&root), Links::Followed).unwrap();
        let k = Kustomizer::new(
            Arc::new(Sources::new(Arc::new(system))),
            Options {
                load_restrictor: LoadRestrictor::None,
                ..Options::default()
            },
        );
        for d in &dirs {
            if let Some(Ok(y)) = k.build(&TreePath::new(d).unwrap()).to_yaml() {
                total += y.len();
            }
        }
    }
    println!("{total}");
}
