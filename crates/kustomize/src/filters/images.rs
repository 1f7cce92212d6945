//! `images`: names, tags and digests of container images.

use regex::Regex;
use tidegate_source::{Diagnostic, Span};
use tidegate_yaml::{Node, Place, SmolStr, StepKind, Value};

use super::untyped;
use crate::decode::Text;
use crate::fieldspec::{Expected, FieldSpecs, Mismatch};
use crate::kustomization::Image;
use crate::resource::ResMap;
use crate::selector::go_regex;
use crate::{Result, codes};

/// Changes the images that `image` names: wherever a list `containers` or `initContainers` has
/// them, and in the fields of `specs`.
pub(crate) fn set_images(resources: &mut ResMap, image: &Image, specs: &FieldSpecs) -> Result<()> {
    let change = Change::new(image)?;
    for resource in resources.bodies_mut() {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        if wants_walk(resource.node(), &change) {
            walk(resource.body_mut(), &change).map_err(|mismatch| {
                mismatch.into_finding("the image", "containers", resource.subject(), image.span)
            })?;
        }
        let gvk = resource.gvk().clone();
        for spec in specs.of(&gvk) {
            // A null list is made an empty one even where there is no image to change.
            let mut wanted = |node: &Node| change.wants(node);
            if !spec.reaches(resource.node(), &mut wanted) {
                continue;
            }
            let mut set = |node: &mut Node| change.set(node);
            spec.visit(resource.body_mut(), None, &mut set)
                .map_err(|mismatch| {
                    let subject = resource.subject();
                    mismatch.into_finding("the image", &spec.path, subject, image.span)
                })?;
        }
    }
    Ok(())
}

/// Whether `walk` changes something, or stops at an error.
fn wants_walk(node: &Node, change: &Change<'_>) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Seq(items) => items.iter().any(|item| wants_walk(item, change)),
        Value::Map(map) => map.iter().any(|entry| {
            let is_list = matches!(entry.key.text(), Some("containers" | "initContainers"));
            (is_list && wants_containers(&entry.value, change)) || wants_walk(&entry.value, change)
        }),
    }
}

fn wants_containers(node: &Node, change: &Change<'_>) -> bool {
    let Some(items) = node.as_seq() else {
        return false;
    };
    items.iter().any(|item| match item.as_map() {
        Some(map) => map.get("image").is_some_and(|image| change.wants(image)),
        None => !item.is_null(),
    })
}

fn walk(node: &mut Node, change: &Change<'_>) -> std::result::Result<(), Mismatch> {
    match &mut node.value {
        Value::Scalar(_) => Ok(()),
        Value::Seq(items) => {
            for index in 0..items.len() {
                if wants_walk(&items.iter().as_slice()[index], change) {
                    walk(&mut items.items_mut()[index], change)?;
                }
            }
            Ok(())
        }
        Value::Map(map) => {
            for index in 0..map.len() {
                let entry = &map.iter().as_slice()[index];
                let is_list = matches!(entry.key.text(), Some("containers" | "initContainers"));
                if wants_walk(&entry.value, change) {
                    walk(&mut map.entries_mut()[index].value, change)?;
                }
                if is_list && wants_containers(&map.iter().as_slice()[index].value, change) {
                    set_containers(&mut map.entries_mut()[index].value, change)?;
                }
            }
            Ok(())
        }
    }
}

fn set_containers(node: &mut Node, change: &Change<'_>) -> std::result::Result<(), Mismatch> {
    let Some(items) = node.as_seq_mut() else {
        return Ok(());
    };
    for item in items.items_mut() {
        if item.is_null() {
            continue;
        }
        let Some(map) = item.as_map_mut() else {
            return Err(Mismatch::new(Expected::Map, item));
        };
        if map.get("image").is_some_and(|image| change.wants(image))
            && let Some(image) = map.get_mut("image")
        {
            change.set(image)?;
        }
    }
    Ok(())
}

/// An entry of `images`, ready for use.
struct Change<'a> {
    image: &'a Image,
    name: NamePattern,
}

impl<'a> Change<'a> {
    fn new(image: &'a Image) -> Result<Change<'a>> {
        let name = image.name.as_ref().map_or("", |name| name.as_str());
        let name = NamePattern::new(name).map_err(|reason| {
            let span = image.name.as_ref().map_or(Span::NONE, |name| name.span());
            let message = format!("the image name `{name}` is not a regular expression: {reason}");
            let help = "kustomize takes the name for a regular expression, and crashes on this one";
            Box::new(Diagnostic::error(codes::INVALID_SELECTOR, span, message).with_help(help))
        })?;
        Ok(Change { image, name })
    }

    /// Whether `set` changes the node, or finds it of the wrong type.
    fn wants(&self, node: &Node) -> bool {
        match node.as_scalar() {
            Some(scalar) => self.name.matches(&scalar.text),
            None => true,
        }
    }

    fn set(&self, node: &mut Node) -> std::result::Result<(), Mismatch> {
        let Some(scalar) = node.as_scalar() else {
            return Err(Mismatch::new(Expected::Scalar, node));
        };
        if !self.name.matches(&scalar.text) {
            return Ok(());
        }
        let old = Reference::parse(&scalar.text);
        let new = &self.image;
        let text = |text: &'a Option<Text>| text.as_ref().map_or("", |text| text.as_str());
        let suffixed;
        let (tag, digest) = match (&new.new_tag, &new.digest, &new.tag_suffix) {
            (Some(tag), digest, _) => (tag.as_str(), text(digest)),
            (None, Some(digest), _) => ("", digest.as_str()),
            (None, None, Some(suffix)) => {
                suffixed = format!("{}{}", old.tag, suffix.as_str());
                (suffixed.as_str(), "")
            }
            (None, None, None) => (old.tag, old.digest),
        };
        let name = new.new_name.as_ref().map_or(old.name, |name| name.as_str());
        let mut joined = String::with_capacity(name.len() + tag.len() + digest.len() + 2);
        joined.push_str(name);
        for (separator, part) in [(':', tag), ('@', digest)] {
            if !part.is_empty() {
                joined.push(separator);
                joined.push_str(part);
            }
        }
        let style = scalar.style;
        *node = untyped(SmolStr::from(joined), style, self.place(&node.place));
        Ok(())
    }

    /// What is left of the old image comes first: none, where name and version are both given.
    fn place(&self, old: &Place) -> Place {
        let new = &self.image;
        let parts = [&new.new_name, &new.new_tag, &new.digest, &new.tag_suffix];
        let mut parts = parts.into_iter().flatten();
        let replaced = new.new_name.is_some() && (new.new_tag.is_some() || new.digest.is_some());
        let start = match replaced.then(|| parts.next()).flatten() {
            Some(name) => name.place.then(StepKind::Image, new.span),
            None => old.clone(),
        };
        parts.fold(start, |place, part| {
            place.mixed(StepKind::Image, &part.place)
        })
    }
}

/// The regular expression of an image name. Most names are plain text with dots, for which no
/// expression has to be compiled.
#[derive(Debug)]
enum NamePattern {
    /// Every dot fits any character but a newline.
    Plain(SmolStr),
    Regex(Regex),
}

impl NamePattern {
    fn new(name: &str) -> std::result::Result<NamePattern, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.:-@".contains(&byte);
        if name.bytes().all(plain) {
            return Ok(NamePattern::Plain(name.into()));
        }
        go_regex(&format!("^{name}{TAG_AND_DIGEST}")).map(NamePattern::Regex)
    }

    /// Whether an image has this name, with or without tag and digest.
    fn matches(&self, image: &str) -> bool {
        match self {
            NamePattern::Regex(regex) => regex.is_match(image),
            NamePattern::Plain(name) => {
                let mut rest = image.chars();
                for wanted in name.chars() {
                    match rest.next() {
                        Some(c) if c == wanted || (wanted == '.' && c != '\n') => {}
                        _ => return false,
                    }
                }
                is_tag_and_digest(rest.as_str())
            }
        }
    }
}

const TAG_AND_DIGEST: &str = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$";

/// What [`TAG_AND_DIGEST`] says, without a regular expression.
fn is_tag_and_digest(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.{}-".contains(&byte);
    let (tag, digest) = match text.find('@') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let tag = match tag.strip_prefix(':') {
        Some(tag) => tag.bytes().all(allowed),
        None => tag.is_empty(),
    };
    let digest = match digest.strip_prefix("@sha256:") {
        Some(digest) => digest.bytes().all(allowed),
        None => digest.is_empty(),
    };
    tag && digest
}

/// The parts of an image: `host:port/path/name:tag@digest`.
#[derive(Debug, PartialEq, Eq)]
struct Reference<'a> {
    name: &'a str,
    tag: &'a str,
    digest: &'a str,
}

impl Reference<'_> {
    fn parse(image: &str) -> Reference<'_> {
        // What stands before the first slash may be a host with a port.
        let host = image.find('/').unwrap_or(0);
        let rest = &image[host..];
        let digest_at = rest.find('@').map(|at| at + host);
        let tag_at = rest.find(':').map(|at| at + host);
        match (tag_at, digest_at) {
            (None, None) => Reference {
                name: image,
                tag: "",
                digest: "",
            },
            (Some(tag), Some(digest)) if tag < digest => Reference {
                name: &image[..tag],
                tag: &image[tag + 1..digest],
                digest: &image[digest + 1..],
            },
            (_, Some(digest)) => Reference {
                name: &image[..digest],
                tag: "",
                digest: &image[digest + 1..],
            },
            (Some(tag), None) => Reference {
                name: &image[..tag],
                tag: &image[tag + 1..],
                digest: "",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_a_name_a_tag_and_a_digest() {
        let check = |image, name, tag, digest| {
            assert_eq!(Reference::parse(image), Reference { name, tag, digest });
        };
        check("nginx", "nginx", "", "");
        check("nginx:1.2", "nginx", "1.2", "");
        check("host:5000/a/b", "host:5000/a/b", "", "");
        check(
            "host:5000/a/b:1@sha256:aa",
            "host:5000/a/b",
            "1",
            "sha256:aa",
        );
        check("a@sha256:bb", "a", "", "sha256:bb");
    }

    #[test]
    fn names_match_whole_images() {
        let check = |name: &str, image: &str, expected: bool| {
            let plain = NamePattern::new(name).unwrap();
            let regex = Regex::new(&format!("^{name}{TAG_AND_DIGEST}")).unwrap();
            assert_eq!(plain.matches(image), expected, "{name} {image}");
            assert_eq!(regex.is_match(image), expected, "{name} {image}");
        };
        check("nginx", "nginx", true);
        check("nginx", "nginx:1.2@sha256:ab", true);
        check("nginx", "nginx:1/2", false);
        check("nginx", "nginxx", false);
        check("nginx", "a/nginx", false);
        check("ghcr.io/a", "ghcr-io/a:x", true);
        check("ghcr.io/a", "ghcr\nio/a:x", false);
        check("a", "a@md5:1", false);
        check("a", "a:{x}", true);
        check("", ":1", true);
        check("n(g|x)", "nx:1", true);
    }

    #[test]
    fn an_alternative_is_not_grouped() {
        let pattern = NamePattern::new("a|b").unwrap();
        assert!(pattern.matches("axyz"));
        assert!(pattern.matches("xb:1"));
    }
}
