//! Where a commit comes from.

use super::{Git, GitError};

/// A commit, as artifacts that are made of it name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its hash, in hexadecimal.
    pub id: String,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// The branch that is checked out, or else a tag that leads to the commit; none where there is neither, or
    /// where the commit is another one than that of HEAD.
    pub name: Option<String>,
}

impl Git {
    /// The facts of a commit; HEAD is the one that is checked out.
    pub fn describe(&self, revision: &str) -> Result<Commit, GitError> {
        const UNREADABLE: GitError = GitError::Unreadable("a commit");
        let id = self.commit(revision)?;
        let format = "--format=%ct%x00%D";
        let args = [
            "log",
            "-1",
            "--decorate=full",
            "--no-show-signature",
            format,
            "--end-of-options",
            &id,
        ];
        let facts = self.answer(args)?;
        let facts = String::from_utf8_lossy(&facts);
        let (time, names) = facts.trim_end().split_once('\0').ok_or(UNREADABLE)?;
        Ok(Commit {
            time: time.parse().map_err(|_| UNREADABLE)?,
            name: name_of(names),
            id,
        })
    }

    /// The address of the remote `origin`, without the name and password that it may hold, as one that a browser
    /// takes; none where there is no such remote, or where it is a folder.
    pub fn origin(&self) -> Option<String> {
        let answer = self.answer(["config", "--get", "remote.origin.url"]).ok()?;
        address(String::from_utf8(answer).ok()?.trim())
    }
}

/// The branch of HEAD among the names of a commit, or else a tag.
fn name_of(names: &str) -> Option<String> {
    let mut all = names.split(", ");
    let branch = all.find_map(|name| name.strip_prefix("HEAD -> refs/heads/"));
    let mut tags: Vec<&str> = names
        .split(", ")
        .filter_map(|name| name.strip_prefix("tag: refs/tags/"))
        .collect();
    tags.sort_unstable();
    branch.or(tags.first().copied()).map(str::to_owned)
}

/// An address as a browser takes it.
fn address(remote: &str) -> Option<String> {
    let (host, path) = match remote.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/')?;
            let authority = authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host);
            match scheme {
                "https" | "http" => return trimmed(&format!("{scheme}://{authority}"), path),
                "ssh" | "git" | "git+ssh" => (
                    authority
                        .split_once(':')
                        .map_or(authority, |(host, _)| host),
                    path,
                ),
                _ => return None,
            }
        }
        // As scp writes it. One letter is a drive.
        None => {
            let (host, path) = remote.split_once(':')?;
            if host.contains('/') || host.len() < 2 {
                return None;
            }
            (host.rsplit_once('@').map_or(host, |(_, host)| host), path)
        }
    };
    trimmed(&format!("https://{host}"), path)
}

fn trimmed(server: &str, path: &str) -> Option<String> {
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!path.is_empty()).then(|| format!("{server}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_no_credentials_and_are_those_of_browsers() {
        let check = |remote: &str, expected: Option<&str>| {
            assert_eq!(address(remote).as_deref(), expected, "{remote}");
        };
        let hub = Some("https://github.com/acme/platform");
        check("https://github.com/acme/platform.git", hub);
        check(
            "https://x-access-token:secret@github.com/acme/platform",
            hub,
        );
        check("git@github.com:acme/platform.git", hub);
        check("ssh://git@github.com:22/acme/platform.git", hub);
        check(
            "http://git.example:3000/a/b/",
            Some("http://git.example:3000/a/b"),
        );
        for folder in [
            "/srv/git/a.git",
            "../a",
            "C:\\a",
            "file:///srv/a.git",
            "",
            "https://a",
        ] {
            check(folder, None);
        }
    }

    #[test]
    fn a_commit_is_named_by_its_branch_or_a_tag() {
        let check = |names: &str, expected: Option<&str>| {
            assert_eq!(name_of(names).as_deref(), expected, "{names}");
        };
        check(
            "HEAD -> refs/heads/main, refs/remotes/origin/main",
            Some("main"),
        );
        check(
            "HEAD, tag: refs/tags/v2, tag: refs/tags/v1, refs/heads/main",
            Some("v1"),
        );
        check(
            "HEAD -> refs/heads/feat/a, tag: refs/tags/v1",
            Some("feat/a"),
        );
        check("HEAD, refs/remotes/origin/main", None);
        check("", None);
    }
}
