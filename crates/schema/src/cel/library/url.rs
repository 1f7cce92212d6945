use std::rc::Rc;

use super::strings::text;
use crate::cel::collections::Map;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};
use tidegate_golang::Url;

const URL: Sig = Sig::Opaque("kubernetes.URL");
const TEXTS: Sig = Sig::List(&Sig::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "url",
        overloads: &[function("string_to_url", &[Sig::Str], URL, |_, args| {
            let text = text(args, 0)?;
            let url = Url::parse_request(text).and_then(|_| Url::parse(text));
            url.map(|url| Value::Url(Rc::new(url))).map_err(|reason| {
                Failure::new(format!(
                    "URL parse error during conversion from string: {reason}"
                ))
            })
        })],
    },
    Function {
        name: "isURL",
        overloads: &[function(
            "is_url_string",
            &[Sig::Str],
            Sig::Bool,
            |_, args| Ok(Value::Bool(Url::parse_request(text(args, 0)?).is_ok())),
        )],
    },
    Function {
        name: "getScheme",
        overloads: &[method("url_get_scheme", &[URL], Sig::Str, |_, args| {
            Ok(Value::text(url(args)?.scheme.as_str()))
        })],
    },
    Function {
        name: "getHost",
        overloads: &[method("url_get_host", &[URL], Sig::Str, |_, args| {
            Ok(Value::text(lossy(&url(args)?.host)))
        })],
    },
    Function {
        name: "getHostname",
        overloads: &[method("url_get_hostname", &[URL], Sig::Str, |_, args| {
            Ok(Value::text(lossy(url(args)?.hostname())))
        })],
    },
    Function {
        name: "getPort",
        overloads: &[method("url_get_port", &[URL], Sig::Str, |_, args| {
            Ok(Value::text(lossy(url(args)?.port())))
        })],
    },
    Function {
        name: "getEscapedPath",
        overloads: &[method(
            "url_get_escaped_path",
            &[URL],
            Sig::Str,
            |_, args| Ok(Value::text(url(args)?.escaped_path())),
        )],
    },
    Function {
        name: "getQuery",
        overloads: &[method(
            "url_get_query",
            &[URL],
            Sig::Map(&Sig::Str, &TEXTS),
            |_, args| {
                let pairs = url(args)?.query_values().into_iter().map(|(key, values)| {
                    let values = values.iter().map(|value| Value::text(lossy(value)));
                    (Value::text(lossy(&key)), Value::list(values.collect()))
                });
                Ok(Value::Map(Map::Made(Rc::new(pairs.collect()))))
            },
        )],
    },
];

/// CEL has no text that is not UTF-8.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn url<'a>(args: &'a [Value<'_>]) -> Result<&'a Url, Failure> {
    match &args[0] {
        Value::Url(url) => Ok(url),
        _ => Err(Failure::no_such_overload()),
    }
}
