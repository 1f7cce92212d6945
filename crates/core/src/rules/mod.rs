//! The rules: what every code means, one file each, and the pages about them.
//!
//! The doc comment of a rule is its public page. `tidegate explain CODE` shows it, `docs/rules/`
//! holds it, and the tests below run its example. A new rule is a new file and its name in the
//! list below.

#[cfg(test)]
mod example;

use std::fmt::Write as _;

use tidegate_source::{Code, Severity, nearest};

/// Names the rule files by group, and makes the table of them.
macro_rules! rules {
    ($($group:ident { $($rule:ident),* $(,)? })*) => {
        $(
            mod $group {
                $(pub(super) mod $rule;)*
            }
        )*

        /// Sorted by code.
        static REGISTRY: &[&Rule] = &[$($(&$group::$rule::RULE,)*)*];
    };
}

/// Declares the rule of a file. The doc comment is its page, with the sections `What it does`,
/// `Why it matters`, `Example` and `How to fix`; see `example.rs` for what the tests make of the
/// last two.
macro_rules! declare_rule {
    (
        $(#[doc = $line:literal])*
        RULE {
            code: $code:path,
            name: $name:literal,
            severity: $severity:ident,
            since: $since:literal,
            scope: $scope:ident,
            fix: $fix:ident,
            sources: [$($source:literal),* $(,)?] $(,)?
        }
    ) => {
        $(#[doc = $line])*
        pub(in crate::rules) static RULE: $crate::rules::Rule = $crate::rules::Rule {
            code: $code,
            name: $name,
            severity: tidegate_source::Severity::$severity,
            since: $since,
            scope: $crate::rules::Scope::$scope,
            fix: $crate::rules::FixKind::$fix,
            sources: &[$($source),*],
            lines: &[$($line),*],
        };
    };
}
rules! {
    removed_api {
        removed_version,
        deprecated_version,
    }
    artifact {
        clear_secret,
        unextractable_name,
        nothing_packed,
        escaping_link,
    }
    config {
        config_syntax,
        unknown_config_key,
        invalid_config_value,
        unknown_rule,
        unknown_cluster,
        unreadable_config_file,
        unused_declaration,
    }
    flux {
        path_missing,
        path_escapes,
        endless_nesting,
        unsettled_variables,
        dependency_cycle,
        dependency_missing,
        dependency_suspended,
        several_owners,
        provider_not_first,
        cross_namespace_source,
        unreached_file,
        invalid_kustomization,
        unknown_kustomization_field,
        dropped_field,
        component_not_local,
        items_replace_object,
        kustomization_not_applied,
        metadata_not_text,
        large_number,
        encrypted_secret,
        chart_in_kustomization,
        object_left_out,
        number_for_text,
        template_fails,
        empty_inputs,
        unread_input,
        not_deterministic,
        input_provider_missing,
    }
    kustomize {
        missing_file,
        unknown_field,
        missing_kustomization,
        several_kustomizations,
        base_cycle,
        duplicate_object,
        outside_root,
        wrong_type,
        empty_kustomization,
        not_a_resource,
        invalid_patch,
        patch_target_missing,
        json_patch_failed,
        invalid_generator,
        invalid_replacement,
        invalid_selector,
        invalid_plugin,
        deprecated_field,
        invalid_variable,
        ambiguous_reference,
        wrong_kind,
        unsuitable_field,
        invalid_configuration,
        nothing_to_change,
        invalid_order,
        unwritable_value,
        not_packed,
    }
    release {
        invalid_release,
        chart_source_missing,
        chart_not_offered,
        chart_version_not_offered,
        invalid_chart,
        values_missing,
        invalid_values,
        chart_refuses,
        chart_template_fails,
        chart_output_not_yaml,
        values_against_schema,
        kubernetes_refused,
        not_reproducible,
        unread_value,
        clashing_value,
        value_without_effect,
    }
    render {
        not_rendered,
    }
    schema {
        unknown_object_field,
        lost_field,
        mistyped_value,
        missing_value,
        value_not_allowed,
        invalid_value,
        rule_not_met,
        invalid_metadata,
        duplicate_item,
        forbidden_value,
        version_not_served,
        not_checked,
    }
    substitution {
        undefined_variable,
        variables_missing,
        variable_name,
        invalid_expression,
        not_yaml_after_substitution,
        quotes_lost,
        object_lost,
        labels_lost,
        names_collide,
        keys_collide,
        digits_lost,
        script_substituted,
    }
    waivers {
        unused_waiver,
        expired_waiver,
        invalid_waiver,
        stale_baseline,
    }
    yaml {
        yaml_syntax,
        duplicate_key,
        not_utf8,
        limit_exceeded,
        key_not_text,
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `tidegate.toml`.
    Config,
    /// One YAML file.
    Document,
    /// The build of one kustomization.
    Build,
    /// Each object that Flux would apply.
    Object,
    /// All that Flux would apply to one cluster.
    Graph,
    /// What is packed.
    Artifact,
}

impl Scope {
    /// The words of the pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Config => "the config",
            Scope::Document => "each YAML file",
            Scope::Build => "each build of a kustomization",
            Scope::Object => "each rendered object",
            Scope::Graph => "each cluster",
            Scope::Artifact => "what is packed",
        }
    }
}

/// Whether findings of a rule come with a change that mends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FixKind {
    /// Never.
    None,
    /// Where it is clear what was meant.
    Sometimes,
}

impl FixKind {
    /// The word of the pages.
    pub fn as_str(self) -> &'static str {
        match self {
            FixKind::None => "none",
            FixKind::Sometimes => "sometimes",
        }
    }
}

/// What is known about a rule.
#[derive(Debug)]
pub struct Rule {
    /// The code that its findings have.
    pub code: Code,
    /// The problem, in kebab-case.
    pub name: &'static str,
    /// How bad its findings are, if nothing else is said at the place.
    pub severity: Severity,
    /// The version of tidegate that had it first.
    pub since: &'static str,
    /// What it looks at.
    pub scope: Scope,
    /// Whether its findings come with a fix.
    pub fix: FixKind,
    /// Where the tools that it follows document what they do.
    pub sources: &'static [&'static str],
    /// The lines of the page, each with the blank of its doc comment.
    lines: &'static [&'static str],
}

/// The rules whose findings are left out unless the config gives them a level.
const OFF_BY_DEFAULT: [Code; 1] = [crate::codes::VALUE_WITHOUT_EFFECT];

/// Whether findings of a code are left out unless the config gives it a level.
pub fn is_off_by_default(code: Code) -> bool {
    OFF_BY_DEFAULT.contains(&code)
}

/// All rules, sorted by code.
pub fn all() -> &'static [&'static Rule] {
    REGISTRY
}

/// The rule of a code, such as `KUS001`, or of a name, such as `missing-file`; case is ignored.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    let wanted = |rule: &&&Rule| {
        rule.code.as_str().eq_ignore_ascii_case(code_or_name)
            || rule.name.eq_ignore_ascii_case(code_or_name)
    };
    REGISTRY.iter().find(wanted).copied()
}

/// The code or name that was probably meant by one that is none.
pub fn nearest_to(code_or_name: &str) -> Option<&'static str> {
    let names = |rule: &&'static Rule| [rule.code.as_str(), rule.name];
    nearest(code_or_name, REGISTRY.iter().flat_map(names))
}

/// The files of `docs/rules/`: their names and contents. `cargo xtask docs` writes them.
pub fn docs() -> Vec<(String, String)> {
    let mut files = vec![("README.md".to_owned(), table())];
    for rule in REGISTRY {
        files.push((format!("{}.md", rule.code), rule.page()));
    }
    files
}

fn table() -> String {
    let mut text = String::from(
        "# Rules\n\n\
         Made by `cargo xtask docs` from the doc comments in `crates/core/src/rules/`: edit those.\n\
         `tidegate explain CODE` shows a page in the terminal.\n\n\
         | code | name | severity | what is reported |\n\
         | --- | --- | --- | --- |\n",
    );
    for rule in REGISTRY {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| [{}]({}.md) | {} | {} | {} |",
            rule.code,
            rule.code,
            rule.name,
            rule.severity.as_str(),
            rule.summary()
        );
    }
    text
}

impl Rule {
    /// The page as Markdown.
    pub fn page(&self) -> String {
        let mut text = format!(
            "# {} ({})\n\nSeverity: {}. Looks at {}. Fix: {}. Since {}.\n\n",
            self.name,
            self.code,
            self.severity.as_str(),
            self.scope.as_str(),
            self.fix.as_str(),
            self.since
        );
        for line in self.lines() {
            text.push_str(line);
            text.push('\n');
        }
        if !self.sources.is_empty() {
            text.push_str("\n## Sources\n\n");
            for source in self.sources {
                let _ = writeln!(text, "- {source}");
            }
        }
        text
    }

    /// The first sentence of the page, from what it reports on, such as "A key that is there twice".
    pub fn summary(&self) -> String {
        let section = self.section("What it does");
        let paragraph: Vec<&str> = section
            .iter()
            .skip_while(|line| line.is_empty())
            .take_while(|line| !line.is_empty())
            .copied()
            .collect();
        let paragraph = paragraph.join(" ");
        let sentence = match paragraph.split_once(". ") {
            Some((sentence, _)) => sentence,
            None => paragraph.trim_end_matches('.'),
        };
        let problem = sentence.strip_prefix("Reports ").unwrap_or(sentence);
        let mut problem = problem.to_owned();
        if let Some(first) = problem.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        problem
    }

    fn lines(&self) -> impl Iterator<Item = &'static str> {
        let lines = self.lines.iter();
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line))
    }

    /// The lines of a section, its heading left out.
    fn section(&self, title: &str) -> Vec<&'static str> {
        let heading = format!("## {title}");
        let mut in_code = false;
        let section = self.lines().skip_while(|line| *line != heading).skip(1);
        let section = section.take_while(|line| {
            in_code ^= line.starts_with("```");
            in_code || !line.starts_with("## ")
        });
        section.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTIONS: [&str; 4] = ["What it does", "Why it matters", "Example", "How to fix"];

    #[test]
    fn every_code_has_one_page_and_every_page_a_code() {
        let mut codes: Vec<Code> = [
            crate::codes::ALL,
            crate::config::codes::ALL,
            crate::waivers::codes::ALL,
            tidegate_kustomize::codes::ALL,
            tidegate_yaml::codes::ALL,
        ]
        .concat();
        codes.sort();
        let pages: Vec<Code> = REGISTRY.iter().map(|rule| rule.code).collect();
        assert_eq!(pages, codes, "the list of rules is sorted by code");
    }

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let mut names: Vec<&str> = REGISTRY.iter().map(|rule| rule.name).collect();
        for name in &names {
            let words = name.split('-');
            let word = |word: &str| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            };
            assert!(words.into_iter().all(word), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), REGISTRY.len());
    }

    #[test]
    fn every_page_has_its_sections_in_order_and_closed_fences() {
        for rule in REGISTRY {
            let headings: Vec<&str> = rule
                .lines()
                .filter_map(|line| line.strip_prefix("## "))
                .collect();
            assert_eq!(headings, SECTIONS, "{}", rule.code);
            let fences = rule.lines().filter(|line| line.starts_with("```"));
            assert_eq!(fences.count() % 2, 0, "{}", rule.code);
            for title in SECTIONS {
                let text = rule.section(title).concat();
                assert!(text.len() > 20, "{} says too little: {title}", rule.code);
            }
            assert!(rule.summary().len() < 140, "{}", rule.code);
        }
    }

    #[test]
    fn rules_are_found_by_code_and_name() {
        assert_eq!(find("kus001").map(|rule| rule.name), Some("missing-file"));
        let code = find("missing-file").map(|rule| rule.code.as_str());
        assert_eq!(code, Some("KUS001"));
        assert!(find("KUS000").is_none());
    }
}
