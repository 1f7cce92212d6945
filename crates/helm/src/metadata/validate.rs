//! What Helm refuses in a `Chart.yaml`.

use std::collections::BTreeSet;

use tidegate_golang::quote;
use tidegate_golang::unicode::is_printable;
use tidegate_semver::Version;
use tidegate_yaml::SmolStr;

use super::{Dependency, Metadata};
use crate::ChartError;

impl Metadata {
    /// Cleans the texts and checks them, in the order of Helm: the first fault counts.
    ///
    /// Source: `Metadata.Validate` of `helm.sh/helm/v4/pkg/chart/v2`.
    pub(crate) fn validate(&mut self) -> Result<(), ChartError> {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        texts.into_iter().for_each(clean);
        self.sources.iter_mut().for_each(clean);
        self.keywords.iter_mut().for_each(clean);
        self.fault()
            .map_err(|fault| ChartError::chart(format!("validation: {fault}")).at(self.span))?;
        for maintainer in &mut self.maintainers {
            if maintainer.is_null {
                let fault = "validation: maintainers must not contain empty or null nodes";
                return Err(ChartError::chart(fault).at(self.span));
            }
            let texts = [
                &mut maintainer.name,
                &mut maintainer.email,
                &mut maintainer.url,
            ];
            texts.into_iter().for_each(clean);
        }
        let mut names = BTreeSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            let span = dependency.place.span();
            let refused =
                |fault: String| ChartError::chart(format!("validation: {fault}")).at(span);
            dependency.validate().map_err(refused)?;
            let name = match dependency.alias.is_empty() {
                true => &dependency.name,
                false => &dependency.alias,
            };
            if !names.insert(name.clone()) {
                let fault = format!(
                    "more than one dependency with name or alias {}",
                    shown(name)
                );
                return Err(refused(fault));
            }
        }
        Ok(())
    }

    fn fault(&self) -> Result<(), String> {
        let name = &self.name;
        if self.api_version.is_empty() {
            return Err("chart.metadata.apiVersion is required".to_owned());
        }
        if name.is_empty() {
            return Err("chart.metadata.name is required".to_owned());
        }
        if name == "." || name == ".." {
            return Err(format!(
                "chart.metadata.name {} is not allowed",
                shown(name)
            ));
        }
        // `/` alone is its own last part.
        if name != "/" && name.contains('/') {
            return Err(format!("chart.metadata.name {} is invalid", shown(name)));
        }
        if self.version.is_empty() {
            return Err("chart.metadata.version is required".to_owned());
        }
        if Version::parse(&self.version).is_err() {
            return Err(format!(
                "chart.metadata.version {} is invalid",
                shown(&self.version)
            ));
        }
        match self.chart_type.as_str() {
            "" | "application" | "library" => Ok(()),
            _ => Err("chart.metadata.type must be application or library".to_owned()),
        }
    }
}

impl Dependency {
    fn validate(&mut self) -> Result<(), String> {
        if self.is_null {
            return Err("dependencies must not contain empty or null nodes".to_owned());
        }
        let texts = [
            &mut self.name,
            &mut self.version,
            &mut self.repository,
            &mut self.condition,
        ];
        texts.into_iter().for_each(clean);
        self.tags.iter_mut().for_each(clean);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        match self.alias.bytes().all(allowed) {
            true => Ok(()),
            false => Err(format!(
                "dependency {} has disallowed characters in the alias",
                shown(&self.name)
            )),
        }
    }
}

fn shown(text: &str) -> String {
    quote(text.as_bytes())
}

/// Blanks of all kinds become spaces; what cannot be printed goes.
fn clean(text: &mut SmolStr) {
    let is_plain = |c: char| matches!(c, ' '..='~');
    if text.chars().all(is_plain) {
        return;
    }
    let cleaned: String = text
        .chars()
        .filter_map(|c| match c {
            c if c.is_whitespace() => Some(' '),
            c => is_printable(c).then_some(c),
        })
        .collect();
    *text = cleaned.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Metadata), expected: &str) {
        let mut metadata = Metadata {
            api_version: "v2".into(),
            name: "demo".into(),
            version: "1.2".into(),
            ..Metadata::default()
        };
        change(&mut metadata);
        let found = metadata.validate().map_err(|error| error.message);
        let found = found.err().unwrap_or_default();
        assert_eq!(
            found.strip_prefix("validation: ").unwrap_or(&found),
            expected
        );
    }

    fn dependency(name: &str, alias: &str) -> Dependency {
        Dependency {
            name: name.into(),
            alias: alias.into(),
            ..Dependency::default()
        }
    }

    #[test]
    fn the_first_fault_counts() {
        check(|_| {}, "");
        check(
            |m| m.api_version = "".into(),
            "chart.metadata.apiVersion is required",
        );
        check(
            |m| m.name = "\u{200b}".into(),
            "chart.metadata.name is required",
        );
        check(
            |m| m.name = "..".into(),
            "chart.metadata.name \"..\" is not allowed",
        );
        check(
            |m| m.name = "a/b".into(),
            "chart.metadata.name \"a/b\" is invalid",
        );
        check(
            |m| m.version = "1.x".into(),
            "chart.metadata.version \"1.x\" is invalid",
        );
        check(
            |m| m.chart_type = "plugin".into(),
            "chart.metadata.type must be application or library",
        );
    }

    #[test]
    fn dependencies_have_names_of_their_own() {
        check(
            |m| m.dependencies = Some(vec![dependency("a", ""), dependency("b", "a")]),
            "more than one dependency with name or alias \"a\"",
        );
        check(
            |m| m.dependencies = Some(vec![dependency("a", "a.b")]),
            "dependency \"a\" has disallowed characters in the alias",
        );
        check(
            |m| m.dependencies = Some(vec![dependency("a", "x"), dependency("a", "y")]),
            "",
        );
    }
}
