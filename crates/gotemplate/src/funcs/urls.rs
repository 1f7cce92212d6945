//! URLs.

use std::collections::BTreeMap;

use super::{Result, map, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::value::{Kind, Map, Value};
use tidegate_golang::Url;

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("urlParse", &[Type::Str], url_parse),
    Function::new("urlJoin", &[Type::Map], url_join),
];

fn url_parse(_: &mut Call<'_>, args: &[Value]) -> Result {
    let url = Url::parse(&text(args, 0)?.to_text());
    let url = url.map_err(|error| format!("unable to parse url: {error}"))?;
    let user = url
        .user
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let hostname = url.hostname().to_vec();
    Ok(Value::map(BTreeMap::from([
        ("scheme".into(), url.scheme.into()),
        ("host".into(), url.host.into()),
        ("hostname".into(), hostname.into()),
        ("path".into(), url.path.into()),
        ("query".into(), url.query.into()),
        ("opaque".into(), url.opaque.into()),
        ("fragment".into(), url.fragment.into()),
        ("userinfo".into(), user.into()),
    ])))
}

/// A part of the dict, which must be a string where it is there.
fn part(dict: &Map, key: &str) -> Result<Vec<u8>> {
    match dict.get(key) {
        None => Ok(Vec::new()),
        Some(value) => match &value.kind {
            Kind::Str(text) => Ok(text.as_bytes().to_vec()),
            Kind::Nil => Err(super::NIL_POINTER.into()),
            _ => {
                let kind = value.kind_name();
                Err(
                    format!("unable to parse {key} key, must be of type string, but {kind} found")
                        .into(),
                )
            }
        },
    }
}

fn url_join(_: &mut Call<'_>, args: &[Value]) -> Result {
    let dict = map(args, 0)?;
    let text = |key: &str| -> Result<String> { Ok(crate::text::lossy(&part(dict, key)?)) };
    let mut url = Url {
        scheme: text("scheme")?,
        host: part(dict, "host")?,
        path: part(dict, "path")?,
        query: text("query")?,
        opaque: text("opaque")?,
        fragment: part(dict, "fragment")?,
        ..Url::default()
    };
    let user = text("userinfo")?;
    if !user.is_empty() {
        let parsed = Url::parse(&format!("proto://{user}@host"));
        url.user = parsed
            .map_err(|error| format!("unable to parse userinfo in dict: {error}"))?
            .user;
    }
    Ok(url.to_string().into())
}
