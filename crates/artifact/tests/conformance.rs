//! Runs the conformance suite `oci`: what is packed of a tree, byte for byte, and what a cluster then
//! sees of it.
//!
//! `TIDEGATE_CONFORMANCE` names the folder that holds it; without it the cases of this repository are
//! run. A failure that `testdata/conformance/known.txt` does not list, and a pass that it lists, fail
//! the test, unless `TIDEGATE_CONFORMANCE_REPORT=1` asks for the score alone.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test of its own, that reads its settings, makes trees, and prints a score"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs};

fn main() -> ExitCode {
    #[cfg(not(unix))]
    {
        println!("oci: not run: its trees need links and permissions");
        ExitCode::SUCCESS
    }
    #[cfg(unix)]
    suite::run()
}

#[cfg(unix)]
mod suite {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::panic;
    use std::time::{Duration, SystemTime};

    use serde_json::Value;
    use tempfile::TempDir;
    use tidegate_artifact::{
        CONFIG_MEDIA_TYPE, Digest, LAYER_MEDIA_TYPE, Layer, MANIFEST_MEDIA_TYPE, Modes, PackError,
        Resolved, config, manifest, pack, pack_file, refusals,
    };
    use tidegate_source::{EntryKind, IgnoreRules, Packed, Packing, System, TreePath};
    use tidegate_system::{DiskSystem, Links};

    use super::*;

    const SUITE: &str = "oci";

    pub(super) fn run() -> ExitCode {
        let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
        let report = env::var("TIDEGATE_CONFORMANCE_REPORT").is_ok_and(|value| value == "1");
        let public = env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
        let public = public.filter(|folder| folder.join(SUITE).is_dir());
        let folder = public.as_ref().unwrap_or(&testdata).join(SUITE);
        if !folder.is_dir() {
            println!("{SUITE}: not run: no folder has its cases");
            return ExitCode::SUCCESS;
        }
        let known = fs::read_to_string(testdata.join("known.txt")).unwrap_or_default();
        let is_known = |name: &str| {
            let listed = format!("{SUITE}/{name}: ");
            known.lines().any(|line| line.starts_with(&listed))
        };
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let cases = entries.map(|entry| entry.path());
        let mut cases: Vec<PathBuf> = cases
            .filter(|case| case.join("case.json").is_file())
            .collect();
        cases.sort();

        let mut passed = 0;
        let mut failed = Vec::new();
        let mut fine = true;
        for case in &cases {
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            let verdict = panic::catch_unwind(|| verdict(case));
            match verdict.unwrap_or_else(|_| Some("panicked".to_owned())) {
                Some(failure) => {
                    fine &= is_known(&name);
                    failed.push(format!("  {name}: {failure}"));
                }
                None => {
                    fine &= !is_known(&name);
                    passed += 1;
                }
            }
        }
        println!("{SUITE}: {passed} passed, {} failed", failed.len());
        for line in failed {
            println!("{line}");
        }
        match fine || report {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }

    /// Why a case fails; none where it passes.
    fn verdict(folder: &Path) -> Option<String> {
        let case = fs::read_to_string(folder.join("case.json")).unwrap();
        let case: Value = serde_json::from_str(&case).unwrap();
        let tree = lay(&folder.join("input"), &case);
        let expect = &case["expect"];
        let packed = packed(&tree.path().join("tree"), &case);
        if !expect["build_error"].is_null() {
            return packed.is_ok().then(|| "it was packed".to_owned());
        }
        let (layer, left) = match packed {
            Ok(packed) => packed,
            Err(error) => return Some(error.to_string()),
        };
        let mut wrong = Vec::new();
        let mut compare = |what: &str, found: Value, expected: &Value| {
            if found != *expected {
                wrong.push(format!("{what}: {found}, and not {expected}"));
            }
        };
        let entries = layer.entries.iter().map(|entry| {
            let kind = if entry.size.is_some() { "file" } else { "dir" };
            let (mode, size) = (format!("{:04o}", entry.mode), entry.size.unwrap_or(0));
            serde_json::json!([entry.name, kind, mode, size])
        });
        let expected = expect["entries"].as_array().unwrap().iter().map(|entry| {
            serde_json::json!([entry["name"], entry["type"], entry["mode"], entry["size"]])
        });
        compare("entries", entries.collect(), &expected.collect());
        let hex = |digest: Digest| Value::from(digest.to_string().replace("sha256:", ""));
        compare("tar", hex(layer.diff_id.clone()), &expect["tar_sha256"]);
        compare("size", layer.tar_size.into(), &expect["tar_size"]);
        let config = config(&layer.diff_id, "1970-01-01T00:00:00Z");
        compare("config", hex(Digest::of(&config)), &expect["config_sha256"]);
        compare(
            "as JSON",
            serde_json::from_slice(&config).unwrap(),
            &expect["config"],
        );
        let media_types = [
            ("manifest_media_type", MANIFEST_MEDIA_TYPE),
            ("config_media_type", CONFIG_MEDIA_TYPE),
            ("layer_media_type", LAYER_MEDIA_TYPE),
        ];
        for (name, media_type) in media_types {
            compare(name, media_type.into(), &expect[name]);
        }
        let written: Value =
            serde_json::from_slice(&manifest(&layer, &config, &Default::default())).unwrap();
        let layers = written["layers"].as_array().unwrap().len();
        compare("layers", layers.into(), &expect["layers"]);
        // Where it cannot be extracted, a cluster sees nothing.
        let refused = refusals(&layer.entries);
        let is_name = |one: &tidegate_artifact::Refusal| *one != tidegate_artifact::Refusal::Empty;
        let cannot_extract = refused.iter().any(is_name);
        compare(
            "extraction",
            cannot_extract.into(),
            &Value::from(!expect["extract_error"].is_null()),
        );
        if !cannot_extract {
            compare("in the cluster", left.into(), &expect["cluster_files"]);
        }
        (!wrong.is_empty()).then(|| wrong.join("; "))
    }

    /// The layer of a case, and the files that the cluster leaves of it.
    fn packed(tree: &Path, case: &Value) -> Result<(Layer, Vec<String>), PackError> {
        let source = case["source"].as_str().map(|source| tree.join(source));
        let source = source.unwrap_or_else(|| tree.to_owned());
        let disk = DiskSystem::new(Path::new("/"), Links::Followed).unwrap();
        let parent = fs::canonicalize(source.parent().unwrap()).unwrap();
        let place = parent.join(source.file_name().unwrap());
        let path = TreePath::new(place.to_str().unwrap()).unwrap();
        let resolve = case["resolve_symlinks"].as_bool().unwrap_or(false);
        if source.is_symlink() && !resolve {
            return Ok((Layer::empty(), Vec::new()));
        }
        let disk: Arc<dyn System> = match resolve {
            true => Arc::new(Resolved::new(Arc::new(disk), path.clone())),
            false => Arc::new(disk),
        };
        let is_file = disk.kind(&path) == Ok(EntryKind::File);
        let root = match is_file {
            true => path.parent().unwrap(),
            false => path.clone(),
        };
        let patterns = case["ignore"].as_array().unwrap().iter();
        let patterns: Vec<&str> = patterns.map(|pattern| pattern.as_str().unwrap()).collect();
        let rules = IgnoreRules::named("--ignore-paths", &patterns.join("\n"));
        let cli = Arc::new(Packed::new(disk, root.clone(), Packing::flux_cli(rules)));
        let layer = match is_file {
            true => pack_file(&cli, &path, Modes::Kept)?,
            false => pack(&cli, &root, Modes::Kept)?,
        };
        let packing = Packing::source_controller(IgnoreRules::default());
        let cluster = Packed::new(Arc::clone(&cli) as Arc<dyn System>, root.clone(), packing);
        let is_left = |name: &&str| {
            let path = root.join(name).unwrap();
            cluster.kind(&path) == Ok(EntryKind::File)
        };
        let files = layer.entries.iter().filter(|entry| entry.size.is_some());
        let files = files.map(|entry| entry.name.as_str());
        let mut left: Vec<String> = files.filter(is_left).map(str::to_owned).collect();
        left.sort();
        Ok((layer, left))
    }

    /// The tree of a case, in a folder of its own.
    fn lay(input: &Path, case: &Value) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tree");
        make_folder(&root);
        if input.is_dir() {
            copy(input, &root);
        }
        for step in case["setup"].as_array().into_iter().flatten() {
            apply(step, &root);
        }
        folder
    }

    fn apply(step: &Value, root: &Path) {
        let text = |field: &str| step[field].as_str().unwrap_or_default();
        let path = root.join(text("path"));
        match text("op") {
            "mkdir" => make_folders(&path),
            "write" => write(&path, text("text").as_bytes()),
            "fill" => {
                let size = step["size"].as_u64().unwrap() as usize;
                let bytes = text("text").bytes().cycle().take(size);
                write(&path, &bytes.collect::<Vec<u8>>());
            }
            "chmod" => set_mode(&path, u32::from_str_radix(text("mode"), 8).unwrap()),
            "symlink" => symlink(text("target"), &path).unwrap(),
            "hardlink" => fs::hard_link(root.join(text("target")), &path).unwrap(),
            "mkfifo" => {
                let made = std::process::Command::new("mkfifo").arg(&path).status();
                assert!(made.unwrap().success());
            }
            "mtime" => {
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
                fs::File::open(&path).unwrap().set_modified(time).unwrap();
            }
            other => panic!("an unknown step: {other}"),
        }
    }

    fn copy(from: &Path, to: &Path) {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if entry.file_type().unwrap().is_dir() {
                make_folder(&to);
                copy(&from, &to);
            } else {
                let is_executable = entry.metadata().unwrap().permissions().mode() & 0o100 != 0;
                write(&to, &fs::read(from).unwrap());
                set_mode(&to, if is_executable { 0o755 } else { 0o644 });
            }
        }
    }

    fn write(path: &Path, bytes: &[u8]) {
        make_folders(path.parent().unwrap());
        fs::write(path, bytes).unwrap();
        set_mode(path, 0o644);
    }

    fn make_folders(path: &Path) {
        if !path.is_dir() {
            make_folders(path.parent().unwrap());
            make_folder(path);
        }
    }

    fn make_folder(path: &Path) {
        fs::create_dir(path).unwrap();
        set_mode(path, 0o755);
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
}
