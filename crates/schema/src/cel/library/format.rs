use super::strings::text;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};
use crate::formats::has_format;
use crate::names::{
    Faults, dns1035_label, dns1123_label, dns1123_subdomain, label_value, prefix, qualified_name,
};
use tidegate_golang::Url;

/// A format that texts can be checked against.
#[derive(Debug)]
pub(in crate::cel) struct Format {
    pub(in crate::cel) name: &'static str,
    check: fn(&str) -> Faults,
    /// How long its regular expression is taken to be, for costs.
    pub(in crate::cel) size: u64,
}

const FORMAT: Sig = Sig::Opaque("kubernetes.NamedFormat");
const FAULTS: Sig = Sig::Optional(&Sig::List(&Sig::Str));

static FORMATS: [Format; 13] = [
    Format {
        name: "dns1123Label",
        check: dns1123_label,
        size: 30,
    },
    Format {
        name: "dns1123Subdomain",
        check: dns1123_subdomain,
        size: 60,
    },
    Format {
        name: "dns1035Label",
        check: dns1035_label,
        size: 30,
    },
    Format {
        name: "qualifiedName",
        check: qualified_name,
        size: 60,
    },
    Format {
        name: "dns1123LabelPrefix",
        check: |text| dns1123_label(&prefix(text)),
        size: 30,
    },
    Format {
        name: "dns1123SubdomainPrefix",
        check: |text| dns1123_subdomain(&prefix(text)),
        size: 60,
    },
    Format {
        name: "dns1035LabelPrefix",
        check: |text| dns1035_label(&prefix(text)),
        size: 30,
    },
    Format {
        name: "labelValue",
        check: label_value,
        size: 40,
    },
    Format {
        name: "uri",
        check: |text| Url::parse_request(text).err().into_iter().collect(),
        size: 1103,
    },
    Format {
        name: "uuid",
        check: |text| of_schema("uuid", text, "does not match the UUID format"),
        size: 70,
    },
    Format {
        name: "byte",
        check: |text| of_schema("byte", text, "invalid base64"),
        size: 84,
    },
    Format {
        name: "date",
        check: |text| of_schema("date", text, "invalid date"),
        size: 71,
    },
    Format {
        name: "datetime",
        check: |text| of_schema("datetime", text, "invalid datetime"),
        size: 71,
    },
];

/// A function without arguments that gives a format.
macro_rules! constant {
    ($name:literal, $index:literal) => {
        Function {
            name: $name,
            overloads: &[function($name, &[], FORMAT, |_, _| {
                Ok(Value::Format(&FORMATS[$index]))
            })],
        }
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    constant!("format.dns1123Label", 0),
    constant!("format.dns1123Subdomain", 1),
    constant!("format.dns1035Label", 2),
    constant!("format.qualifiedName", 3),
    constant!("format.dns1123LabelPrefix", 4),
    constant!("format.dns1123SubdomainPrefix", 5),
    constant!("format.dns1035LabelPrefix", 6),
    constant!("format.labelValue", 7),
    constant!("format.uri", 8),
    constant!("format.uuid", 9),
    constant!("format.byte", 10),
    constant!("format.date", 11),
    constant!("format.datetime", 12),
    Function {
        name: "format.named",
        overloads: &[function(
            "format-named",
            &[Sig::Str],
            Sig::Optional(&FORMAT),
            |_, args| {
                let name = text(args, 0)?;
                let found = FORMATS.iter().find(|format| format.name == name.as_str());
                Ok(match found {
                    Some(format) => Value::some(Value::Format(format)),
                    None => Value::Optional(None),
                })
            },
        )],
    },
    Function {
        name: "validate",
        overloads: &[method(
            "format-validate",
            &[FORMAT, Sig::Str],
            FAULTS,
            |_, args| {
                let Value::Format(format) = args[0] else {
                    return Err(Failure::no_such_overload());
                };
                let faults = (format.check)(text(args, 1)?);
                Ok(match faults.is_empty() {
                    true => Value::Optional(None),
                    false => {
                        Value::some(Value::list(faults.into_iter().map(Value::text).collect()))
                    }
                })
            },
        )],
    },
];

fn of_schema(format: &str, text: &str, fault: &str) -> Faults {
    match has_format(format, text) {
        true => Faults::new(),
        false => vec![fault.to_owned()],
    }
}
