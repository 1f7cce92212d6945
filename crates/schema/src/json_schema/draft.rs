//! The versions of JSON Schema, and the schemas of schemas.

/// A version. They are in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

/// Where schemas are in a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// The value of the keyword.
    Value,
    /// The values in the object that is the value of the keyword.
    Values,
    /// The items of the array.
    Items,
}

const POSITIONS: [(Draft, &str, Position); 23] = [
    (Draft::Draft4, "definitions", Position::Values),
    (Draft::Draft4, "not", Position::Value),
    (Draft::Draft4, "allOf", Position::Items),
    (Draft::Draft4, "anyOf", Position::Items),
    (Draft::Draft4, "oneOf", Position::Items),
    (Draft::Draft4, "properties", Position::Values),
    (Draft::Draft4, "additionalProperties", Position::Value),
    (Draft::Draft4, "patternProperties", Position::Values),
    (Draft::Draft4, "items", Position::Value),
    (Draft::Draft4, "items", Position::Items),
    (Draft::Draft4, "additionalItems", Position::Value),
    (Draft::Draft4, "dependencies", Position::Values),
    (Draft::Draft6, "propertyNames", Position::Value),
    (Draft::Draft6, "contains", Position::Value),
    (Draft::Draft7, "if", Position::Value),
    (Draft::Draft7, "then", Position::Value),
    (Draft::Draft7, "else", Position::Value),
    (Draft::Draft2019, "$defs", Position::Values),
    (Draft::Draft2019, "dependentSchemas", Position::Values),
    (Draft::Draft2019, "unevaluatedProperties", Position::Value),
    (Draft::Draft2019, "unevaluatedItems", Position::Value),
    (Draft::Draft2019, "contentSchema", Position::Value),
    (Draft::Draft2020, "prefixItems", Position::Items),
];

impl Draft {
    /// What a schema without `$schema` is read as.
    pub(super) const LATEST: Draft = Draft::Draft2020;

    /// The draft that a `$schema` names; none where it is a schema of somebody's own.
    pub(super) fn named(url: &str) -> Option<Draft> {
        let url = url.strip_suffix('#').unwrap_or(url);
        let rest = url.strip_prefix("http://").or(url.strip_prefix("https://"));
        Some(match rest? {
            "json-schema.org/schema" => Draft::LATEST,
            "json-schema.org/draft/2020-12/schema" => Draft::Draft2020,
            "json-schema.org/draft/2019-09/schema" => Draft::Draft2019,
            "json-schema.org/draft-07/schema" => Draft::Draft7,
            "json-schema.org/draft-06/schema" => Draft::Draft6,
            "json-schema.org/draft-04/schema" => Draft::Draft4,
            _ => return None,
        })
    }

    /// The URL of its schema of schemas.
    pub(super) fn url(self) -> &'static str {
        match self {
            Draft::Draft4 => "http://json-schema.org/draft-04/schema",
            Draft::Draft6 => "http://json-schema.org/draft-06/schema",
            Draft::Draft7 => "http://json-schema.org/draft-07/schema",
            Draft::Draft2019 => "https://json-schema.org/draft/2019-09/schema",
            Draft::Draft2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The keyword that names a schema.
    pub(super) fn id_keyword(self) -> &'static str {
        match self {
            Draft::Draft4 => "id",
            _ => "$id",
        }
    }

    /// The keywords whose values have schemas in them.
    pub(super) fn positions(self) -> impl Iterator<Item = (&'static str, Position)> {
        let known = POSITIONS.iter().filter(move |(since, ..)| *since <= self);
        known.map(|(_, keyword, position)| (*keyword, *position))
    }
}

/// The text of a schema of json-schema.org.
pub(super) fn known_document(url: &str) -> Option<&'static str> {
    let rest = url
        .strip_prefix("http://json-schema.org/")
        .or(url.strip_prefix("https://json-schema.org/"))?;
    Some(match rest {
        "draft-04/schema" => include_str!("meta/draft-04.json"),
        "draft-06/schema" => include_str!("meta/draft-06.json"),
        "draft-07/schema" => include_str!("meta/draft-07.json"),
        "draft/2019-09/schema" => include_str!("meta/2019-09.json"),
        "draft/2019-09/meta/core" => include_str!("meta/2019-09-core.json"),
        "draft/2019-09/meta/applicator" => include_str!("meta/2019-09-applicator.json"),
        "draft/2019-09/meta/validation" => include_str!("meta/2019-09-validation.json"),
        "draft/2019-09/meta/meta-data" => include_str!("meta/2019-09-meta-data.json"),
        "draft/2019-09/meta/format" => include_str!("meta/2019-09-format.json"),
        "draft/2019-09/meta/content" => include_str!("meta/2019-09-content.json"),
        "schema" | "draft/2020-12/schema" => include_str!("meta/2020-12.json"),
        "draft/2020-12/meta/core" => include_str!("meta/2020-12-core.json"),
        "draft/2020-12/meta/applicator" => include_str!("meta/2020-12-applicator.json"),
        "draft/2020-12/meta/unevaluated" => include_str!("meta/2020-12-unevaluated.json"),
        "draft/2020-12/meta/validation" => include_str!("meta/2020-12-validation.json"),
        "draft/2020-12/meta/meta-data" => include_str!("meta/2020-12-meta-data.json"),
        "draft/2020-12/meta/format-annotation" => {
            include_str!("meta/2020-12-format-annotation.json")
        }
        "draft/2020-12/meta/format-assertion" => {
            include_str!("meta/2020-12-format-assertion.json")
        }
        "draft/2020-12/meta/content" => include_str!("meta/2020-12-content.json"),
        _ => return None,
    })
}
