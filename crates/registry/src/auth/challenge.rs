//! What a server asks for in `WWW-Authenticate`.

/// How a server wants to know who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// User and password.
    Basic,
    /// A token, to be had at another address.
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

impl Challenge {
    /// The challenge that can be met, of all that the headers name; tokens go before passwords.
    pub(crate) fn choose<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Challenge> {
        let mut basic = None;
        for header in headers {
            for (scheme, parameters) in challenges(header) {
                let find = |name: &str| {
                    let mut all = parameters.iter();
                    let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
                    found.map(|(_, value)| value.clone())
                };
                if scheme.eq_ignore_ascii_case("bearer")
                    && let Some(realm) = find("realm")
                {
                    return Some(Challenge::Bearer {
                        realm,
                        service: find("service"),
                        scope: find("scope"),
                    });
                }
                if scheme.eq_ignore_ascii_case("basic") {
                    basic = Some(Challenge::Basic);
                }
            }
        }
        basic
    }
}

type Parameters = Vec<(String, String)>;

/// The challenges of a header, with their parameters. What is not well-formed ends the list.
fn challenges(header: &str) -> Vec<(String, Parameters)> {
    let mut all: Vec<(String, Parameters)> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, behind) = token(rest);
        if word.is_empty() {
            return all;
        }
        let value = behind.trim_start_matches([' ', '\t']).strip_prefix('=');
        match (value, all.last_mut()) {
            (Some(value), Some((_, parameters))) => {
                let Some((value, behind)) = parameter(value.trim_start_matches([' ', '\t'])) else {
                    return all;
                };
                parameters.push((word.to_owned(), value));
                rest = behind;
            }
            (Some(_), None) => return all,
            (None, _) => {
                all.push((word.to_owned(), Vec::new()));
                rest = behind;
            }
        }
    }
}

fn token(text: &str) -> (&str, &str) {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    text.split_at(text.find(|c| !fits(c)).unwrap_or(text.len()))
}

/// A value, in quotes or without, and what is behind it.
fn parameter(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Option<Challenge> {
        Some(Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scope: scope.map(str::to_owned),
        })
    }

    #[test]
    fn the_challenge_that_can_be_met_is_chosen() {
        let check = |headers: &[&str], expected: Option<Challenge>| {
            assert_eq!(
                Challenge::choose(headers.iter().copied()),
                expected,
                "{headers:?}"
            );
        };
        check(
            &[
                r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull,push""#,
            ],
            bearer(
                "https://ghcr.io/token",
                Some("ghcr.io"),
                Some("repository:a/b:pull,push"),
            ),
        );
        check(&[r#"Basic realm="a \"b\", c""#], Some(Challenge::Basic));
        check(
            &[r#"Basic realm="x", Bearer realm=https://a.b/t"#],
            bearer("https://a.b/t", None, None),
        );
        check(&["Negotiate", "basic"], Some(Challenge::Basic));
        check(&["Bearer"], None);
        check(&[r#"Bearer realm="unclosed"#], None);
        check(&["", "=,=", "Digest x=1"], None);
    }
}
