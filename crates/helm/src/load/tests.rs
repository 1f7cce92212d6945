use std::sync::Arc;

use tidegate_source::{Location, MemorySystem};
use tidegate_yaml::to_json;
use zlib_rs::{DeflateConfig, compress_bound, compress_slice};

use super::*;
use crate::ChartFile;

const BLOCK: usize = 512;

/// The blocks of an entry of a tar archive; the size is what the header says.
fn entry(name: &str, flag: u8, size: usize, data: &[u8]) -> Vec<u8> {
    let mut header = [0; BLOCK];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    header[148..156].fill(b' ');
    header[156] = flag;
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut blocks = header.to_vec();
    blocks.extend(data);
    blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
    blocks
}

fn file(name: &str, text: &str) -> Vec<u8> {
    entry(name, b'0', text.len(), text.as_bytes())
}

fn packed(tar: &[u8]) -> Vec<u8> {
    let mut out = vec![0; compress_bound(tar.len()) + 64];
    let config = DeflateConfig {
        window_bits: 15 + 16,
        ..DeflateConfig::default()
    };
    let (packed, _) = compress_slice(&mut out, tar, config);
    packed.to_vec()
}

fn chart_file() -> Vec<u8> {
    file("c/Chart.yaml", "{apiVersion: v2, name: c, version: 1.0.0}")
}

fn sources() -> Sources {
    Sources::new(Arc::new(MemorySystem::new()))
}

fn load(entries: &[Vec<u8>]) -> Result<Chart, ChartError> {
    archive(&sources(), "c.tgz", &packed(&entries.concat()))
}

fn check_refused(entries: &[Vec<u8>], expected: &str) {
    let message = load(entries).unwrap_err().message;
    assert_eq!(message, expected);
}

fn in_folder(files: &[(&str, &str)]) -> Result<Chart, ChartError> {
    let mut system = MemorySystem::new();
    for (name, text) in files {
        system = system.with(&format!("apps/c/{name}"), text);
    }
    let sources = Sources::new(Arc::new(system));
    folder(&sources, &TreePath::new("apps/c").unwrap())
}

fn check_names(files: &[ChartFile], expected: &[&str]) {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, expected);
}

#[test]
fn files_have_names_that_people_know() {
    let inner = packed(
        &[
            file("d/Chart.yaml", "{name: d, version: 1.0.0}"),
            file("d/templates/x", ""),
        ]
        .concat(),
    );
    let chart = load(&[
        chart_file(),
        entry("c/templates", b'5', 0, b""),
        file("c/templates/a.yaml", "a"),
        entry("c/charts/d.tgz", b'0', inner.len(), &inner),
    ])
    .unwrap();
    let path = |file: &ChartFile| file.source.path().to_string();
    assert_eq!(path(&chart.templates[0]), "c.tgz:templates/a.yaml");
    let inner = &chart.dependencies[0];
    assert_eq!(path(&inner.templates[0]), "c.tgz:charts/d.tgz:templates/x");
    let chart = in_folder(&[
        ("Chart.yaml", "{name: c, version: 1.0.0}"),
        ("templates/b", "b"),
    ]);
    assert_eq!(path(&chart.unwrap().templates[0]), "apps/c/templates/b");
}

#[test]
fn files_that_helm_ignores_or_keeps_apart() {
    let chart = in_folder(&[
        ("Chart.yaml", "{name: c, version: 1.0.0}"),
        (".helmignore", "*.bak\nci/"),
        ("x.bak", ""),
        ("ci/values.yaml", ""),
        ("templates/.hidden", ""),
        ("templates/a.yaml", ""),
        ("crds/a.YAML", ""),
        ("crds/readme.txt", ""),
        ("values.schema.json", "{}"),
        ("charts/_off/Chart.yaml", "no chart"),
    ])
    .unwrap();
    check_names(&chart.templates, &["templates/a.yaml"]);
    check_names(
        &chart.files,
        &[".helmignore", "crds/a.YAML", "crds/readme.txt"],
    );
    assert_eq!(chart.crds().count(), 1);
    assert!(chart.schema.is_some() && chart.dependencies.is_empty());
}

#[test]
fn the_last_of_files_with_one_name_counts() {
    let again = file("c/templates/a.yaml", "second");
    let chart = load(&[chart_file(), file("c/templates/a.yaml", "first"), again]).unwrap();
    check_names(&chart.templates, &["templates/a.yaml"]);
    assert_eq!(chart.templates[0].source.bytes(), b"second");
}

#[test]
fn values_of_several_documents() {
    let check = |text: &str, expected: &str| {
        let chart = in_folder(&[
            ("Chart.yaml", "{name: c, version: 1.0.0}"),
            ("values.yaml", text),
        ]);
        let values = chart.map(|chart| to_json(&chart.values).unwrap());
        assert_eq!(
            values.map_err(|error| error.message),
            Ok(expected.to_owned())
        );
    };
    check("a: {b: 1}\n---\na: {c: yes}\n", r#"{"a":{"b":1,"c":true}}"#);
    check("# none\n", "{}");
    // What follows the end of a document is not read.
    check("a: 1\n...\n[", r#"{"a":1}"#);
}

#[test]
fn values_that_cannot_be_read_are_refused_at_their_place() {
    let check = |text: &str, at: usize, expected: &str| {
        let chart = in_folder(&[
            ("Chart.yaml", "{name: c, version: 1.0.0}"),
            ("values.yaml", text),
        ]);
        let error = chart.unwrap_err();
        assert_eq!(error.message, expected);
        let Some(Location::Span(span)) = error.location else {
            panic!("{error:?}");
        };
        assert_eq!(span.start as usize, at, "{text}");
    };
    let loading = "cannot load values.yaml: cannot unmarshal yaml document: error";
    check(
        "[1]",
        0,
        &format!(
            "{loading} unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of \
             type map[string]interface {{}}"
        ),
    );
    check(
        "a: .inf",
        3,
        &format!("{loading} converting YAML to JSON: a value is no number of JSON"),
    );
    check(
        "--- a: 1",
        0,
        "cannot load values.yaml: error reading yaml document: invalid Yaml document separator: a: 1",
    );
}

#[test]
fn names_that_lead_out_of_an_archive_are_refused() {
    let check = |name: &str, expected: &str| {
        check_refused(
            &[chart_file(), file(name, "")],
            &format!("c.tgz: {expected}"),
        );
    };
    check(
        "c/../../x",
        "chart illegally references parent directory: \"c/../../x\"",
    );
    check(
        "c\\..\\x",
        "chart illegally references parent directory: \"c\\\\..\\\\x\"",
    );
    check(
        "//etc/x",
        "chart illegally contains absolute paths: \"//etc/x\"",
    );
    check(
        "/./c:/x",
        "chart contains illegally named files: \"/./c:/x\"",
    );
    check(
        "x",
        "chart illegally contains content outside the base directory: \"x\"",
    );
}

#[test]
fn links_and_devices_are_refused() {
    let link = entry("c/templates/a", b'2', 0, b"");
    check_refused(&[chart_file(), link], "c.tgz: \"c/templates/a\" is a link");
    let pipe = entry("c/p", b'6', 0, b"");
    check_refused(
        &[chart_file(), pipe],
        "c.tgz: \"c/p\" is not a regular file",
    );
}

#[test]
fn damaged_archives_are_refused() {
    let whole = packed(&[chart_file(), file("c/a", "text")].concat());
    for length in 0..whole.len() {
        assert!(archive(&sources(), "c.tgz", &whole[..length]).is_err());
    }
    let lies = entry("c/a", b'0', 1 << 32, b"short");
    let message = "c.tgz: unable to load chart archive: unexpected EOF";
    check_refused(&[chart_file(), lies], message);
    check_refused(
        &[chart_file(), vec![1; BLOCK]],
        "c.tgz: unable to load chart archive: invalid tar header",
    );
}

/// As [`load`], but a chart may have this many bytes and files.
fn load_little(entries: &[Vec<u8>], bytes: usize, files: usize) -> Result<Chart, ChartError> {
    let sources = sources();
    let mut loader = Loader {
        sources: &sources,
        bytes_left: bytes,
        files_left: files,
        unpacked_left: bytes + 2048,
    };
    let found = files::in_archive(&mut loader, "c.tgz", &packed(&entries.concat()))?;
    loader.root(found)
}

#[test]
fn what_grows_too_large_is_refused() {
    let message = "decompressed chart is larger than the maximum size 104857600";
    let check = |entries: &[Vec<u8>], expected: &str| {
        let error = load_little(entries, 10_000, 10).unwrap_err();
        assert_eq!(error.message, expected);
    };
    let part = |name: &str| entry(name, b'0', 5_000, &[0; 5_000]);
    check(&[chart_file(), part("c/a"), part("c/b")], message);
    // Zeros end an archive, and are unpacked all the same.
    let zeros = vec![0; 12_000];
    check(&[chart_file(), zeros.clone()], message);
    let bomb = packed(&[chart_file(), zeros].concat());
    let bomb = entry("c/charts/a.tgz", b'0', bomb.len(), &bomb);
    let within = format!("error unpacking subchart a.tgz in c: {message}");
    check(&[chart_file(), bomb], &within);
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    // Members of gzip follow one another: together they are four gigabytes.
    let bomb = packed(&vec![0; 1 << 18]).repeat(1 << 14);
    let sources = sources();
    let mut loader = Loader::new(&sources);
    loader.unpacked_left = 1 << 20;
    let error = files::in_archive(&mut loader, "c.tgz", &bomb).err();
    assert_eq!(error, Some(too_large()));
}

#[test]
fn too_many_files_are_refused() {
    let files: Vec<_> = ["a", "b", "c"]
        .map(|name| file(&format!("c/{name}"), ""))
        .into();
    let entries = [vec![chart_file()], files].concat();
    assert!(load_little(&entries, 10_000, 4).is_ok());
    let error = load_little(&entries, 10_000, 3).unwrap_err();
    assert_eq!(error.message, "the chart has more than 20000 files");
}

#[test]
fn charts_nested_too_deeply_are_refused() {
    let mut inner = packed(&chart_file());
    for _ in 0..=MAX_DEPTH {
        let archive = entry("c/charts/c.tgz", b'0', inner.len(), &inner);
        inner = packed(&[chart_file(), archive].concat());
    }
    let error = archive(&sources(), "c.tgz", &inner).unwrap_err();
    assert!(
        error
            .message
            .ends_with("charts are nested more than 32 deep")
    );

    let deep = format!("{}x", "d/".repeat(MAX_DEPTH));
    let error = in_folder(&[("Chart.yaml", "{name: c, version: 1.0.0}"), (&deep, "")]);
    let message = error.unwrap_err().message;
    assert!(
        message.ends_with("folders are nested more than 32 deep"),
        "{message}"
    );
}
