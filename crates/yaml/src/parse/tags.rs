use granit_parser::Tag;

use crate::resolve::{Timestamp, int_value, resolve};
use crate::{Dialect, ScalarKind, Style};

/// What a scalar with an explicit tag stands for; the error is the tag that the text does not fit.
///
/// go-yaml resolves the text by its own form and then asks whether that fits the tag, so quotes do
/// not matter: `!!int "5"` is a number. A tag that it does not know leaves text.
pub(super) fn tagged_kind(
    tag: &Tag,
    text: &str,
    style: Style,
    dialect: Dialect,
) -> Result<ScalarKind, String> {
    let full = format!("{}{}", tag.handle(), tag.suffix());
    // go-yaml v2 takes `!` for a tag that it does not know.
    if full.is_empty() || (full == "!" && dialect == Dialect::GoYaml3) {
        return Ok(untagged_kind(text, style, dialect));
    }
    let Some(name) = full.strip_prefix("tag:yaml.org,2002:") else {
        return Ok(ScalarKind::Str);
    };
    let fits = |fits: bool, kind: ScalarKind| {
        if fits {
            Ok(kind)
        } else {
            Err(format!("!!{name}"))
        }
    };
    let own = resolve(text, dialect);
    match name {
        "binary" => Ok(ScalarKind::Binary),
        "int" => {
            let fits_int = int_value(text, dialect).is_some() && own != ScalarKind::Timestamp;
            fits(fits_int, ScalarKind::Int)
        }
        "float" => {
            let small = int_value(text, dialect).is_some_and(|value| i64::try_from(value).is_ok());
            fits(own == ScalarKind::Float || small, ScalarKind::Float)
        }
        "bool" => fits(own == ScalarKind::Bool, ScalarKind::Bool),
        "null" => fits(own == ScalarKind::Null, ScalarKind::Null),
        "timestamp" => fits(Timestamp::parse(text).is_some(), ScalarKind::Timestamp),
        "merge" => Ok(ScalarKind::Merge),
        _ => Ok(ScalarKind::Str),
    }
}

/// What a scalar without a tag stands for.
pub(super) fn untagged_kind(text: &str, style: Style, dialect: Dialect) -> ScalarKind {
    match style {
        Style::Plain => resolve(text, dialect),
        _ => ScalarKind::Str,
    }
}
