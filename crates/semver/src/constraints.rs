use std::cmp::Ordering;

use crate::version::{Parts, Version, compare_prereleases};

/// Alternatives, each a list of conditions that must all hold.
pub struct Constraints(Vec<Vec<Constraint>>);

struct Constraint {
    operator: Operator,
    version: Version,
    /// Parts were left out, or are `x` or `*`: the minor one and what follows it, the patch alone, any.
    minor_open: bool,
    patch_open: bool,
    open: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// Longer ones are not read: no one writes them.
const LONGEST: usize = 4096;

impl Constraints {
    /// Reads constraints such as `>=1.2, <2 || ^3`. The error is Go's.
    pub fn parse(text: &str) -> Result<Constraints, String> {
        let improper = |part: &str| format!("improper constraint: {part}");
        if text.len() > LONGEST {
            return Err(improper("(more than 4096 bytes)"));
        }
        let text = rewrite_ranges(text);
        let mut alternatives = Vec::new();
        for part in text.split("||") {
            alternatives.push(conditions(part).ok_or_else(|| improper(part))??);
        }
        Ok(Constraints(alternatives))
    }

    /// Whether a version meets them.
    pub fn check(&self, version: &Version) -> bool {
        self.0
            .iter()
            .any(|all| all.iter().all(|one| one.check(version)))
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'x' | b'X' | b'*' | b'|')
}

/// The conditions of one alternative; none where they are not well-formed.
fn conditions(text: &str) -> Option<Result<Vec<Constraint>, String>> {
    let mut rest = text.trim_start_matches(is_blank);
    let mut all = Vec::new();
    loop {
        let (operator, behind) = operator(rest);
        let (parts, behind) = Parts::read(behind.trim_start_matches(is_blank), is_part)?;
        match constraint(operator, &parts) {
            Ok(one) => all.push(one),
            Err(error) => return Some(Err(error)),
        }
        rest = behind.trim_start_matches(is_blank);
        if rest.is_empty() {
            return Some(Ok(all));
        }
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start_matches(is_blank),
            None if rest.len() < behind.len() => {}
            None => return None,
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn operator(text: &str) -> (Operator, &str) {
    const OPERATORS: [(&str, Operator); 11] = [
        (">=", Operator::GreaterEqual),
        ("=>", Operator::GreaterEqual),
        ("<=", Operator::LessEqual),
        ("=<", Operator::LessEqual),
        ("!=", Operator::NotEqual),
        ("~>", Operator::Tilde),
        ("=", Operator::Equal),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("~", Operator::Tilde),
        ("^", Operator::Caret),
    ];
    OPERATORS
        .iter()
        .find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?)))
        .unwrap_or((Operator::Equal, text))
}

fn constraint(operator: Operator, parts: &Parts<'_>) -> Result<Constraint, String> {
    let is_open = |part: &str| part.is_empty() || matches!(part, "x" | "X" | "*");
    let label = match parts.prerelease {
        "" => String::new(),
        label => format!("-{label}"),
    };
    let (text, minor_open, patch_open, open) = if is_open(parts.major) {
        (format!("0.0.0{label}"), false, false, true)
    } else if is_open(parts.minor) {
        (format!("{}.0.0{label}", parts.major), true, false, true)
    } else if is_open(parts.patch) {
        (
            format!("{}.{}.0{label}", parts.major, parts.minor),
            false,
            true,
            true,
        )
    } else {
        (parts.text.to_owned(), false, false, false)
    };
    let version = Version::parse(&text).map_err(|_| "constraint Parser Error".to_owned())?;
    Ok(Constraint {
        operator,
        version,
        minor_open,
        patch_open,
        open,
    })
}

impl Constraint {
    fn check(&self, version: &Version) -> bool {
        let wanted = &self.version;
        // A prerelease is only met by a constraint that names one.
        let unwanted = !version.prerelease.is_empty() && wanted.prerelease.is_empty();
        if unwanted && (self.operator != Operator::NotEqual || self.open) {
            return false;
        }
        let order = version.compare(wanted);
        match self.operator {
            Operator::Equal if self.open => self.tilde(version),
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => self.differs(version),
            Operator::Greater if self.open => {
                if version.major != wanted.major {
                    return version.major > wanted.major;
                }
                match (self.minor_open, self.patch_open) {
                    (true, _) => false,
                    (_, true) => version.minor > wanted.minor,
                    _ => order == Ordering::Greater,
                }
            }
            Operator::Greater => order == Ordering::Greater,
            Operator::Less => order == Ordering::Less,
            Operator::GreaterEqual => order != Ordering::Less,
            Operator::LessEqual if self.open => {
                version.major < wanted.major
                    || (version.major == wanted.major
                        && (version.minor <= wanted.minor || self.minor_open))
            }
            Operator::LessEqual => order != Ordering::Greater,
            Operator::Tilde => self.tilde(version),
            Operator::Caret => order != Ordering::Less && self.caret(version),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.open {
            if wanted.major != version.major {
                return true;
            }
            if wanted.minor != version.minor && !self.minor_open {
                return true;
            }
            if self.minor_open {
                return false;
            }
            if wanted.patch != version.patch && !self.patch_open {
                return true;
            }
            if self.patch_open {
                return compare_prereleases(&version.prerelease, &wanted.prerelease)
                    != Ordering::Equal;
            }
        }
        version.compare(wanted) != Ordering::Equal
    }

    fn tilde(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted) == Ordering::Less {
            return false;
        }
        let zero = [wanted.major, wanted.minor, wanted.patch] == [0, 0, 0];
        if zero && !self.minor_open && !self.patch_open {
            return true;
        }
        version.major == wanted.major && (version.minor == wanted.minor || self.minor_open)
    }

    fn caret(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if wanted.major > 0 || self.minor_open {
            return version.major == wanted.major;
        }
        if version.major > 0 {
            return false;
        }
        if wanted.minor > 0 || self.patch_open {
            return version.minor == wanted.minor;
        }
        version.minor == 0 && version.patch == wanted.patch
    }
}

/// `1.2 - 1.4` is `>= 1.2, <= 1.4`.
fn rewrite_ranges(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    'search: while rest.contains('-') {
        for (at, _) in rest.char_indices() {
            let from = rest[at..].trim_start_matches(is_blank);
            let Some((low, behind)) = Parts::read(from, is_part) else {
                continue;
            };
            let dash = behind.trim_start_matches(is_blank);
            let Some(high) = dash
                .strip_prefix('-')
                .filter(|high| dash.len() < behind.len() && high.starts_with(is_blank))
            else {
                continue;
            };
            let Some((high, behind)) = Parts::read(high.trim_start_matches(is_blank), is_part)
            else {
                continue;
            };
            out.push_str(&rest[..at]);
            out.push_str(&format!(">= {}, <= {} ", low.text, high.text));
            rest = behind.trim_start_matches(is_blank);
            continue 'search;
        }
        break;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::INVALID;

    #[test]
    fn constraints_are_met_as_in_go() {
        let check = |constraint: &str, version: &str, expected: bool| {
            let constraints = Constraints::parse(constraint).unwrap();
            let met = constraints.check(&Version::parse(version).unwrap());
            assert_eq!(met, expected, "{constraint} {version}");
        };
        check("^1.2.0", "1.9.9", true);
        check(">=1.19-0", "1.29.3-gke.1", true);
        check(">=1.0.0", "1.1.0-rc1", false);
        check("~1.2", "1.3.0", false);
        check("1.2 - 1.4", "1.4.5", true);
        check(">1 || <0.5", "0.4.0", true);
        check("!=1.x", "1.5.0", false);
        check(">1.2", "1.2.9", false);
        check("<=1.2", "1.2.9", true);
        check("^0.0.3", "0.0.4", false);
        check("*", "1.0.0", true);
        check("~>1.2.3, <2", "1.2.9", true);
    }

    #[test]
    fn what_is_no_constraint_is_refused() {
        let check = |constraint: &str, expected: &str| {
            assert_eq!(
                Constraints::parse(constraint).err().as_deref(),
                Some(expected)
            );
        };
        check("bad constraint", "improper constraint: bad constraint");
        check("", "improper constraint: ");
        check(">1<2", "improper constraint: >1<2");
        assert_eq!(Version::parse("notaversion").unwrap_err(), INVALID);
    }
}
