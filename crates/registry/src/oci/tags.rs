//! The list of tags.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Access, Repository};
use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};
use crate::url::Url;

/// Tags that are asked for at once. Registries may give fewer, and old ones give all.
const PAGE: usize = 1000;
/// A page of tags that are as long as tags can be, in a registry that gives all at once.
const LARGEST_PAGE: u64 = 64 * 1024 * 1024;
/// What a repository may have in all.
const MOST_TAGS: usize = 1_000_000;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl Repository<'_> {
    /// All tags, in the order of their bytes. A repository that does not exist is an error.
    pub fn tags(&self) -> Result<BTreeSet<String>, Error> {
        let first = self.url("tags/list")?.with_query("n", &PAGE.to_string());
        let mut all = BTreeSet::new();
        let mut next = Some(first.clone());
        while let Some(url) = next {
            let response = self.send(Access::Pull, Request::get(url, LARGEST_PAGE))?;
            if !response.is_success() {
                return Err(response.refusal());
            }
            let page: Page = serde_json::from_slice(&response.body).map_err(|_| {
                Error::at(
                    ErrorKind::Malformed,
                    &response.url,
                    "the answer is no list of tags",
                )
            })?;
            let tags = page.tags.unwrap_or_default();
            next = self.next_page(&response, &first, &tags)?;
            let before = all.len();
            all.extend(tags);
            // A server that repeats itself would do so for ever.
            if all.len() == before {
                break;
            }
            if all.len() > MOST_TAGS {
                let what = format!("the registry lists more than {MOST_TAGS} tags");
                return Err(Error::at(ErrorKind::TooLarge, &self.name, what));
            }
        }
        Ok(all)
    }

    /// Where the list goes on. A registry that cuts it without saying so is asked for what is behind the
    /// last one.
    fn next_page(
        &self,
        response: &Response,
        first: &Url,
        tags: &[String],
    ) -> Result<Option<Url>, Error> {
        if let Some(next) = self.linked(response)? {
            return Ok(Some(next));
        }
        Ok(match tags.last() {
            Some(last) if tags.len() == PAGE => Some(first.clone().with_query("last", last)),
            _ => None,
        })
    }
}

/// The target of `<…>; rel="next"`.
pub(super) fn next_link(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let mut parameters = parameters.split(';').map(str::trim);
        parameters
            .any(|one| {
                one.eq_ignore_ascii_case("rel=\"next\"") || one.eq_ignore_ascii_case("rel=next")
            })
            .then_some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_in_the_link() {
        assert_eq!(
            next_link("</v2/a/tags/list?n=2&last=b>; rel=\"next\""),
            Some("/v2/a/tags/list?n=2&last=b")
        );
        assert_eq!(
            next_link("<https://a.b/x>; rel=prev, </y>; type=x; rel=next"),
            Some("/y")
        );
        assert_eq!(next_link("nonsense"), None);
    }
}
