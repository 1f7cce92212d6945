//! The examples of the pages, as trees of files that the tests check.

use std::collections::BTreeMap;

use super::Rule;

/// Files by path.
pub(crate) type Files = BTreeMap<String, String>;

impl Rule {
    /// The tree of the section `Example`, which the rule must report, and that of `How to fix`,
    /// which it must not. None where the page has no tree.
    ///
    /// In a fenced block, a comment that is a path alone (`# apps/kustomization.yaml`) begins a
    /// file; a file of the second section replaces that of the first, and `# PATH (removed)`
    /// takes it away.
    pub(crate) fn example(&self) -> Option<[Files; 2]> {
        let mut files = Files::new();
        add_files(&self.section("Example"), &mut files);
        if files.is_empty() {
            return None;
        }
        let mut fixed = files.clone();
        add_files(&self.section("How to fix"), &mut fixed);
        Some([files, fixed])
    }
}

fn add_files(section: &[&str], files: &mut Files) {
    let mut in_code = false;
    let mut file: Option<String> = None;
    for line in section {
        if line.starts_with("```") {
            in_code = !in_code;
            file = None;
        } else if !in_code {
        } else if let Some((path, removed)) = path_of(line) {
            files.remove(path);
            if !removed {
                files.insert(path.to_owned(), String::new());
                file = Some(path.to_owned());
            }
        } else if let Some(text) = file.as_ref().and_then(|path| files.get_mut(path)) {
            text.push_str(line);
            text.push('\n');
        }
    }
}

/// The path that a line of a fenced block is the heading of, and whether that file is removed.
fn path_of(line: &str) -> Option<(&str, bool)> {
    let text = line.strip_prefix("# ")?;
    let (path, removed) = match text.strip_suffix(" (removed)") {
        Some(path) => (path, true),
        None => (text, false),
    };
    let is_path = !path.contains(' ') && path.contains('.');
    is_path.then_some((path, removed))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::Arc;

    use tidegate_kustomize::{Kustomizer, Options};
    use tidegate_source::{
        Code, Diagnostic, IgnoreRules, MemorySystem, Packed, Packing, Severity, Sources, TreePath,
    };

    use super::*;
    use crate::config::{self, Config, Date};
    use crate::{Baseline, CheckOptions, Judging, Schemas, check, judge, rules};

    /// Rules whose fault cannot be shown in a few lines of text: some need a server that says what it has, some
    /// are about names and links.
    const WITHOUT_EXAMPLE: [&str; 7] = [
        "ART002", "ART003", "ART004", "REL003", "REL004", "YML003", "YML004",
    ];

    /// What is found in a tree: by a check as Flux would apply it, and where there is no cluster by a
    /// `kustomize build` of each folder, which is stricter about the files it may read. What only some commands
    /// look for is there where it is of `code`.
    fn findings(files: &Files, code: Code) -> Vec<Diagnostic> {
        let mut system = MemorySystem::new();
        for (path, text) in files {
            system = system.with(path, text);
        }
        let packing = Packing::source_controller(IgnoreRules::default());
        let packed = Packed::new(Arc::new(system), TreePath::root(), packing);
        let sources = Arc::new(Sources::new(Arc::new(packed)));
        let (config, mut configured) = configured(&sources);
        let (clusters, unknown) =
            config.clusters(sources.system(), &TreePath::root(), &TreePath::root());
        configured.extend(unknown);
        if configured.iter().any(|one| one.severity == Severity::Error) {
            return configured;
        }
        let options = CheckOptions {
            start: TreePath::root(),
            clusters,
            config: config.clone(),
            schemas: match files.keys().any(|path| path.starts_with("clusters/")) {
                true => Schemas::Known {
                    further: Vec::new(),
                },
                // These are no whole objects: they show what kustomize does.
                false => Schemas::Off,
            },
            charts: Arc::new(crate::release::NoCharts),
            threads: NonZeroUsize::MIN,
        };
        let mut findings: Vec<Diagnostic> = match check(&sources, &options, &|_, _| {}) {
            Ok(report) => {
                let skipped = report.not_rendered.iter();
                let incomplete = skipped.map(crate::not_rendered_error);
                let unchecked = report.not_checked.iter();
                let unchecked = unchecked.map(crate::not_checked_error);
                let more = unchecked.chain(report.clear_secrets.iter().cloned());
                let more = more.filter(|one| one.code == code);
                incomplete.chain(more).chain(report.findings).collect()
            }
            Err(_) => Vec::new(),
        };
        findings.extend(configured);
        let judging = Judging {
            config: &config,
            baseline: baseline(&sources, &config),
            today: TODAY,
            everything_was_checked: true,
            not_looked_at: &[],
        };
        let mut findings = judge(findings, &sources, judging).findings;
        if files.keys().any(|path| path.starts_with("clusters/")) {
            return findings;
        }
        let kustomizer = Kustomizer::new(sources, Options::default());
        for path in files.keys() {
            let path = TreePath::new(path).unwrap();
            if path.file_name() == Some("kustomization.yaml") {
                let folder = path.parent().unwrap();
                findings.extend(kustomizer.build(&folder).findings);
            }
        }
        findings
    }

    /// The day on which the examples are checked.
    const TODAY: Date = Date {
        year: 2026,
        month: 11,
        day: 24,
    };

    fn baseline(sources: &Sources, config: &Config) -> Option<Baseline> {
        let path = TreePath::new(&config.baseline.as_ref()?.value).unwrap();
        Some(Baseline::read(&sources.load(&path).unwrap()).unwrap())
    }

    /// The config of a tree.
    fn configured(sources: &Sources) -> (Config, Vec<Diagnostic>) {
        let Ok(file) = sources.load(&TreePath::new("tidegate.toml").unwrap()) else {
            return (Config::default(), Vec::new());
        };
        let open = |path: &str| {
            let loaded = sources.load(&TreePath::new(path).unwrap());
            loaded.map_err(|failed| failed.error.to_string())
        };
        config::load(sources, &file, &TreePath::root(), &open)
    }

    #[test]
    fn examples_are_reported_and_mended_ones_are_not() {
        let mut wrong = Vec::new();
        for rule in rules::all() {
            let Some([broken, mended]) = rule.example() else {
                let expected = WITHOUT_EXAMPLE.contains(&rule.code.as_str());
                assert!(expected, "{} has no example", rule.code);
                continue;
            };
            let codes = |files: &Files| -> Vec<String> {
                let findings = findings(files, rule.code).into_iter();
                findings
                    .map(|one| format!("{} {}", one.code, one.message))
                    .collect()
            };
            let (reported, left) = (codes(&broken), codes(&mended));
            let code = rule.code.as_str();
            if reported.is_empty() || !reported.iter().all(|one| one.starts_with(code)) {
                wrong.push(format!("{code}: example: {reported:#?}"));
            }
            if !left.is_empty() {
                wrong.push(format!("{code}: mended: {left:#?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
