//! The tables `promotion` and `environments`.

use tidegate_source::nearest;

use super::{
    DEFAULT_MAX_AGE, EnvironmentConfig, Follows, KeyRole, ListedKey, PEM, PromotionConfig,
    RequiredEvidence, RoleKeys,
};
use crate::config::fields::{Fields, Reader, table};
use crate::config::health::health;
use crate::config::read::label;
use crate::config::{Spanned, codes};

/// The longest name of an environment: the rest of its log tags has to fit into 128 characters.
const LONGEST_NAME: usize = 80;

/// Reads `[promotion]`.
pub(in crate::config) fn promotion(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
) -> PromotionConfig {
    let Some(fields) = fields.table(reader, "promotion", "`[promotion]`") else {
        return PromotionConfig::default();
    };
    let repository = repository(reader, &fields);
    let evidence = fields.word(reader, "evidence");
    let max_age = fields.duration(reader, "max_age");
    PromotionConfig {
        repository,
        evidence: match evidence.map(|word| word.value) {
            Some("unsigned") => RequiredEvidence::Unsigned,
            _ => RequiredEvidence::Signed,
        },
        max_age: max_age.map_or(DEFAULT_MAX_AGE, |age| age.value),
        keys: role_keys(reader, &fields, "`[promotion.keys]`"),
    }
}

fn repository(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Spanned<String>> {
    let Spanned { value, span } = fields.text(reader, "repository")?;
    let lower = value.to_lowercase();
    let path = value.strip_prefix("oci://").unwrap_or(value);
    let help = if lower != value {
        format!("names of repositories are in lower case: \"{lower}\"")
    } else if path == value {
        format!("write \"oci://{value}\"")
    } else if path.contains('@')
        || path
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains(':'))
    {
        "leave the tag or digest away: all artifacts of the tree are in one repository".to_owned()
    } else if !path.trim_end_matches('/').contains('/') {
        "write the registry and a path, such as \"oci://ghcr.io/acme/platform\"".to_owned()
    } else {
        let value = value.trim_end_matches('/').to_owned();
        return Some(Spanned { value, span });
    };
    let message = format!("`{value}` is no repository");
    reader.report(codes::INVALID_VALUE, span, message).help = Some(help);
    None
}

/// Reads `[environments]`.
pub(in crate::config) fn environments(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
) -> Vec<EnvironmentConfig> {
    let mut all: Vec<EnvironmentConfig> = Vec::new();
    for (name, kind, value) in fields.map(reader, "environments") {
        let title = format!("`[environments.{}]`", name.value);
        let Some(fields) = table(reader, name.value, kind, value, &title) else {
            continue;
        };
        check_name(reader, name);
        let keys_title = format!("`[environments.{}.keys]`", name.value);
        let own = |text: Spanned<&str>| Spanned {
            value: text.value.to_owned(),
            span: text.span,
        };
        let environment = EnvironmentConfig {
            name: own(name),
            cluster: fields.text(reader, "cluster").map(own),
            from: fields.text(reader, "from").map(own),
            follows: follows(reader, &fields, name.value),
            aliases: aliases(reader, &fields),
            tag_suffix: fields.text(reader, "tag_suffix").map(own),
            health: health(reader, &fields, name.value),
            keys: role_keys(reader, &fields, &keys_title),
        };
        if let Some(suffix) = &environment.tag_suffix {
            check_placeholders(reader, suffix, &["sha", "short"]);
        }
        all.push(environment);
    }
    all.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    check_order(reader, &all);
    all
}

fn check_name(reader: &mut Reader<'_>, name: Spanned<&str>) {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let text = name.value;
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts || text.len() > LONGEST_NAME || !text.bytes().all(known) {
        let message = format!("`{text}` cannot name an environment");
        let finding = reader.report(codes::INVALID_VALUE, name.span, message);
        finding.help = Some(format!(
            "it becomes part of a version: write up to {LONGEST_NAME} letters, digits and dashes, a letter \
             first"
        ));
    }
}

/// Reports environments that come from none or, over others, from themselves.
fn check_order(reader: &mut Reader<'_>, all: &[EnvironmentConfig]) {
    let find = |name: &str| all.iter().find(|one| one.name.value == name);
    for environment in all {
        let Some(from) = &environment.from else {
            continue;
        };
        let name = &environment.name.value;
        if find(&from.value).is_none() {
            let message = format!(
                "there is no environment `{}` that `{name}` could come from",
                from.value
            );
            let others = all.iter().map(|one| one.name.value.as_str());
            let help = match nearest(&from.value, others.filter(|other| other != name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add `[environments.{}]`", from.value),
            };
            reader.report(codes::INVALID_VALUE, from.span, message).help = Some(help);
            continue;
        }
        // Each step leads to another one, so after as many as there are it has been around.
        let above = |one: &&EnvironmentConfig| find(&one.from.as_ref()?.value);
        let mut chain = std::iter::successors(Some(environment), above)
            .skip(1)
            .take(all.len());
        if chain.any(|one| one.name.value == *name) {
            let message = format!("`{name}` comes, over others or at once, from itself");
            let finding = reader.report(codes::INVALID_VALUE, from.span, message);
            finding.help =
                Some("one environment has no `from`: what is pushed begins there".to_owned());
        }
    }
}

fn aliases(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Spanned<String>> {
    let mut aliases = Vec::new();
    for text in fields.texts(reader, "aliases") {
        let alias = Spanned {
            value: text.value.to_owned(),
            span: text.span,
        };
        if check_placeholders(reader, &alias, &["sha", "short", "suffix"]) {
            aliases.push(alias);
        }
    }
    aliases
}

/// Reports what stands in braces and is none of the placeholders, and what cannot be in a tag.
fn check_placeholders(reader: &mut Reader<'_>, text: &Spanned<String>, known: &[&str]) -> bool {
    let shown = || {
        let known: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
        known.join(", ")
    };
    let mut bare = text.value.clone();
    for name in known {
        bare = bare.replace(&format!("{{{name}}}"), "0");
    }
    let is_tag = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if bare.chars().all(is_tag) && !bare.starts_with(['.', '-']) {
        return true;
    }
    let message = format!("`{}` cannot be part of a tag", text.value);
    let finding = reader.report(codes::INVALID_VALUE, text.span, message);
    finding.help = Some(format!(
        "a tag has letters, digits and `._-`; placeholders are {}",
        shown()
    ));
    false
}

fn follows(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    environment: &str,
) -> Option<Spanned<Follows>> {
    let title = format!("`[environments.{environment}.follows]`");
    let fields = fields.table(reader, "follows", &title)?;
    let mut text = |name: &str| fields.text(reader, name).map(|text| text.value.to_owned());
    let follows = Follows {
        tag: text("tag"),
        semver: text("semver"),
        semver_filter: text("semver_filter"),
        digest: text("digest"),
    };
    let span = fields.span;
    if !["tag", "semver", "digest"]
        .iter()
        .any(|key| fields.has(key))
    {
        let message = format!("{title} does not say what is followed");
        let finding = reader.report(codes::INVALID_VALUE, span, message);
        finding.help = Some(format!(
            "write `tag = \"{environment}\"`, or what `spec.ref` of the source says"
        ));
        return None;
    }
    Some(Spanned {
        value: follows,
        span,
    })
}

fn role_keys(reader: &mut Reader<'_>, fields: &Fields<'_>, title: &str) -> RoleKeys {
    let mut keys = RoleKeys::default();
    let Some(fields) = fields.table(reader, "keys", title) else {
        return keys;
    };
    for role in KeyRole::ALL {
        let texts = fields.texts(reader, role.as_str());
        if !fields.has(role.as_str()) {
            continue;
        }
        let mut listed: Vec<ListedKey> = Vec::new();
        for Spanned { value, span } in texts {
            let is_key = value.trim_start().starts_with(PEM);
            if is_key && value.contains("PRIVATE KEY-----") {
                let message = format!("{title} lists a private key");
                let finding = reader.report(codes::INVALID_VALUE, span, message);
                finding.help = Some(
                    "whoever reads the config can sign with it: list the public half, and make a new pair"
                        .to_owned(),
                );
                continue;
            }
            let key = ListedKey {
                pem: if is_key {
                    value.to_owned()
                } else {
                    String::new()
                },
                file: (!is_key).then(|| value.to_owned()),
                span,
            };
            let is_same = |other: &&ListedKey| other.pem == key.pem && other.file == key.file;
            if let Some(other) = listed.iter().find(is_same) {
                let (message, first) = ("this key is listed twice", other.span);
                let finding = reader.report(codes::INVALID_VALUE, span, message);
                finding.labels.push(label(first, "first here"));
                continue;
            }
            listed.push(key);
        }
        keys.0.insert(role, listed);
    }
    keys
}

#[cfg(test)]
mod tests {
    use crate::config::tests::check;

    #[test]
    fn repositories_are_urls_in_lower_case() {
        let check_url = |url: &str, help: &str| {
            let expected = format!("2:14 CFG003 `{url}` is no repository; {help}");
            check(
                &format!("[promotion]\nrepository = '{url}'\n"),
                &[&expected],
            );
        };
        check_url(
            "ghcr.io/acme/platform",
            "write \"oci://ghcr.io/acme/platform\"",
        );
        check_url(
            "oci://ghcr.io/Acme/platform",
            "names of repositories are in lower case: \"oci://ghcr.io/acme/platform\"",
        );
        let leave = "leave the tag or digest away: all artifacts of the tree are in one repository";
        check_url("oci://ghcr.io/acme/platform:live", leave);
        check_url("oci://ghcr.io/acme/platform@sha256:0", leave);
        check_url(
            "oci://ghcr.io/",
            "write the registry and a path, such as \"oci://ghcr.io/acme/platform\"",
        );
    }

    #[test]
    fn environments_come_from_each_other() {
        check(
            "[environments.live]\nfrom = 'integratoin'\n[environments.integration]\nform = 'dev'\n\
             [environments.a]\nfrom = 'b'\n[environments.b]\nfrom = 'a'\n[environments.c]\nfrom = 'c'\n\
             [environments.d]\nfrom = 'zzzzzz'\n[environments.'0.1']\n",
            &[
                "13:15 CFG003 `0.1` cannot name an environment; it becomes part of a version: write up to 80 \
                 letters, digits and dashes, a letter first",
                "4:1 CFG002 `form` is not a key of `[environments.integration]`; did you mean `from`?",
                "6:8 CFG003 `a` comes, over others or at once, from itself; one environment has no `from`: what \
                 is pushed begins there",
                "8:8 CFG003 `b` comes, over others or at once, from itself; one environment has no `from`: what \
                 is pushed begins there",
                "10:8 CFG003 `c` comes, over others or at once, from itself; one environment has no `from`: what \
                 is pushed begins there",
                "12:8 CFG003 there is no environment `zzzzzz` that `d` could come from; add \
                 `[environments.zzzzzz]`",
                "2:8 CFG003 there is no environment `integratoin` that `live` could come from; did you mean \
                 `integration`?",
            ],
        );
    }

    #[test]
    fn values_must_make_sense() {
        check(
            "[promotion]\nmax_age = '7 days'\nevidence = 'signd'\nkeys = { gates = [] }\n\
             [environments.dev]\naliases = ['dev:{short}', 'dev-{commit}', 1, ' ']\ntag_suffix = '{suffix}'\n\
             follows = { semver_filter = 'x' }\n",
            &[
                "3:12 CFG003 `evidence` cannot be \"signd\"; did you mean \"signed\"?",
                "2:11 CFG003 `7 days` is no length of time; write numbers with their units, such as `7d`, `12h` \
                 or `1h30m`; the units are `w`, `d`, `h`, `m` and `s`",
                "4:10 CFG002 `gates` is not a key of `[promotion.keys]`; did you mean `gate`?",
                "8:11 CFG003 `[environments.dev.follows]` does not say what is followed; write `tag = \"dev\"`, \
                 or what `spec.ref` of the source says",
                "6:43 CFG003 `aliases` must be an array of strings",
                "6:46 CFG003 a text of `aliases` is empty",
                "6:12 CFG003 `dev:{short}` cannot be part of a tag; a tag has letters, digits and `._-`; \
                 placeholders are `{sha}`, `{short}`, `{suffix}`",
                "6:27 CFG003 `dev-{commit}` cannot be part of a tag; a tag has letters, digits and `._-`; \
                 placeholders are `{sha}`, `{short}`, `{suffix}`",
                "7:14 CFG003 `{suffix}` cannot be part of a tag; a tag has letters, digits and `._-`; \
                 placeholders are `{sha}`, `{short}`",
            ],
        );
    }

    #[test]
    fn keys_are_public() {
        check(
            "[promotion.keys]\ngate = ['-----BEGIN PRIVATE KEY-----', 'gone.pub', 'ci.env', 'gate.key',\n\
             'gate.pub', 'gate.pub']\n",
            &[
                "2:9 CFG003 `[promotion.keys]` lists a private key; whoever reads the config can sign with it: \
                 list the public half, and make a new pair",
                "3:13 CFG003 this key is listed twice",
                "2:40 CFG006 `gone.pub` cannot be read: no such file or folder; name a file with a public key in \
                 PEM, relative to the config, or write the key out",
                "2:52 CFG006 `ci.env` cannot be read: it is no key in PEM; name a file with a public key in PEM, \
                 relative to the config, or write the key out",
                "2:62 CFG006 `gate.key` cannot be read: it is a private key; the config lists public ones; name \
                 a file with a public key in PEM, relative to the config, or write the key out",
            ],
        );
    }
}
