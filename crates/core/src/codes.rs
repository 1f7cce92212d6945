//! The codes of what is found while Flux objects are followed through a tree.

use tidegate_source::Code;

/// A version of a kind that is not served any more.
pub const REMOVED_VERSION: Code = Code::new("API001");
/// A version of a kind that will go.
pub const DEPRECATED_VERSION: Code = Code::new("API002");

/// A Secret that an artifact would carry in clear text.
pub const CLEAR_SECRET: Code = Code::new("ART001");
/// A name that no client of Flux extracts.
pub const UNEXTRACTABLE_NAME: Code = Code::new("ART002");
/// There is no file to pack.
pub const NOTHING_PACKED: Code = Code::new("ART003");
/// A link that leads out of what is packed.
pub const ESCAPING_LINK: Code = Code::new("ART004");

/// A Flux Kustomization whose `spec.path` names no folder.
pub const PATH_MISSING: Code = Code::new("FLX001");
/// A Flux Kustomization whose `spec.path` leads above the root of its source.
pub const PATH_ESCAPES: Code = Code::new("FLX002");
/// A Flux Kustomization that applies itself under other names without end.
pub const ENDLESS_NESTING: Code = Code::new("FLX003");
/// A Flux Kustomization whose variables change with each reconciliation.
pub const UNSETTLED_VARIABLES: Code = Code::new("FLX004");
/// Objects of Flux that wait for each other.
pub const DEPENDENCY_CYCLE: Code = Code::new("FLX010");
/// A dependency that does not exist.
pub const DEPENDENCY_MISSING: Code = Code::new("FLX011");
/// A dependency that is suspended.
pub const DEPENDENCY_SUSPENDED: Code = Code::new("FLX012");
/// An object that several Kustomizations apply.
pub const SEVERAL_OWNERS: Code = Code::new("FLX013");
/// An object that does not wait for what it needs.
pub const PROVIDER_NOT_FIRST: Code = Code::new("FLX014");
/// A source in another namespace, where that is forbidden.
pub const CROSS_NAMESPACE_SOURCE: Code = Code::new("FLX015");
/// A file that no cluster reaches.
pub const UNREACHED_FILE: Code = Code::new("FLX016");

/// A Flux Kustomization with a field of the wrong type.
pub const INVALID_KUSTOMIZATION: Code = Code::new("FLX030");
/// A Flux Kustomization with a field that the API does not know.
pub const UNKNOWN_KUSTOMIZATION_FIELD: Code = Code::new("FLX031");
/// A field of the kustomization at `spec.path` that is lost before it is built.
pub const DROPPED_FIELD: Code = Code::new("FLX032");
/// A component of a Flux Kustomization that is no folder of its source.
pub const COMPONENT_NOT_LOCAL: Code = Code::new("FLX033");
/// An object with `items`, of which only these are applied.
pub const ITEMS_REPLACE_OBJECT: Code = Code::new("FLX034");
/// A kustomization among the objects, which is not applied.
pub const KUSTOMIZATION_NOT_APPLIED: Code = Code::new("FLX035");
/// Labels or annotations that vanish because one of them is no text.
pub const METADATA_NOT_TEXT: Code = Code::new("FLX036");
/// A whole number that is too large to keep its digits.
pub const LARGE_NUMBER: Code = Code::new("FLX037");
/// A Secret that is encrypted and would be applied as it is.
pub const ENCRYPTED_SECRET: Code = Code::new("FLX038");
/// A Helm chart in a kustomization.
pub const CHART_IN_KUSTOMIZATION: Code = Code::new("FLX039");
/// An object that Flux leaves out, as its name is no text.
pub const OBJECT_LEFT_OUT: Code = Code::new("FLX040");
/// A number where text belongs, in the kustomization at `spec.path`.
pub const NUMBER_FOR_TEXT: Code = Code::new("FLX041");

/// A ResourceSet that cannot be built.
pub const TEMPLATE_FAILS: Code = Code::new("FLX050");
/// A ResourceSet with an empty list of inputs, whose templates read some.
pub const EMPTY_INPUTS: Code = Code::new("FLX051");
/// An input of a ResourceSet that no template reads.
pub const UNREAD_INPUT: Code = Code::new("FLX052");
/// A template that prints something else each time.
pub const NOT_DETERMINISTIC: Code = Code::new("FLX053");
/// A ResourceSet that takes inputs from a provider that is not there.
pub const INPUT_PROVIDER_MISSING: Code = Code::new("FLX054");

/// A HelmRelease that helm-controller or Helm refuses.
pub const INVALID_RELEASE: Code = Code::new("REL001");
/// A HelmRelease whose chart comes from an object that does not exist.
pub const CHART_SOURCE_MISSING: Code = Code::new("REL002");
/// A chart that its source does not have.
pub const CHART_NOT_OFFERED: Code = Code::new("REL003");
/// A version of a chart that its source does not have.
pub const CHART_VERSION_NOT_OFFERED: Code = Code::new("REL004");
/// A chart that cannot be used.
pub const INVALID_CHART: Code = Code::new("REL005");
/// Values that nothing provides.
pub const VALUES_MISSING: Code = Code::new("REL006");
/// Values that cannot be read, or put where they belong.
pub const INVALID_VALUES: Code = Code::new("REL007");
/// Values that a chart refuses.
pub const CHART_REFUSES: Code = Code::new("REL008");
/// A template of a chart that fails.
pub const CHART_TEMPLATE_FAILS: Code = Code::new("REL009");
/// A template of a chart that prints something else than objects.
pub const CHART_OUTPUT_NOT_YAML: Code = Code::new("REL010");
/// Values that are not as the schema of a chart wants them.
pub const VALUES_AGAINST_SCHEMA: Code = Code::new("REL011");
/// A chart that is not for the version of Kubernetes.
pub const KUBERNETES_REFUSED: Code = Code::new("REL012");
/// A chart that gives something else each time.
pub const NOT_REPRODUCIBLE: Code = Code::new("REL013");
/// A value that no template of a chart reads.
pub const UNREAD_VALUE: Code = Code::new("REL014");
/// A value that is a map where the chart has none, or the other way around.
pub const CLASHING_VALUE: Code = Code::new("REL015");
/// A value that is not come to, as a switch beside it is off.
pub const VALUE_WITHOUT_EFFECT: Code = Code::new("REL016");

/// A part that was not rendered, where the result is of no use without it.
pub const NOT_RENDERED: Code = Code::new("REN001");

/// A field that a kind does not have.
pub const UNKNOWN_OBJECT_FIELD: Code = Code::new("SCH001");
/// A field that Flux drops, as its kind does not have it.
pub const LOST_FIELD: Code = Code::new("SCH002");
/// A value of another type than its field takes.
pub const MISTYPED_VALUE: Code = Code::new("SCH003");
/// A value that must be there.
pub const MISSING_VALUE: Code = Code::new("SCH004");
/// A value that is none of those that a field takes.
pub const VALUE_NOT_ALLOWED: Code = Code::new("SCH005");
/// A value that is wrong in another way.
pub const INVALID_VALUE: Code = Code::new("SCH006");
/// A rule of a kind that an object does not meet.
pub const RULE_NOT_MET: Code = Code::new("SCH007");
/// A name, label or annotation that no object may have.
pub const INVALID_METADATA: Code = Code::new("SCH008");
/// An item that a list has twice.
pub const DUPLICATE_ITEM: Code = Code::new("SCH009");
/// A value that may not be there.
pub const FORBIDDEN_VALUE: Code = Code::new("SCH010");
/// A version of a kind that the API server does not serve.
pub const VERSION_NOT_SERVED: Code = Code::new("SCH011");
/// A kind of which nothing is known, where the result is of no use without it.
pub const NOT_CHECKED: Code = Code::new("SCH012");

/// A variable that nothing defines.
pub const UNDEFINED_VARIABLE: Code = Code::new("SUB001");
/// A ConfigMap or Secret with variables that nothing provides.
pub const VARIABLES_MISSING: Code = Code::new("SUB002");
/// A key that is no name of a variable.
pub const VARIABLE_NAME: Code = Code::new("SUB003");
/// An expression that Flux cannot read.
pub const EXPRESSION: Code = Code::new("SUB004");
/// An object that is no YAML any more once its variables are put in.
pub const NOT_YAML: Code = Code::new("SUB005");
/// Text that becomes a number or something else because its quotes are lost.
pub const QUOTES_LOST: Code = Code::new("SUB006");
/// An object that Flux leaves out because it has no name any more.
pub const OBJECT_LOST: Code = Code::new("SUB007");
/// Labels that vanish because one of them is no text any more.
pub const LABELS_LOST: Code = Code::new("SUB008");
/// Two objects with the same name once their variables are put in.
pub const NAMES_COLLIDE: Code = Code::new("SUB009");
/// Two keys of a mapping that are the same once their variables are put in.
pub const KEYS_COLLIDE: Code = Code::new("SUB010");
/// A whole number that loses digits.
pub const DIGITS_LOST: Code = Code::new("SUB011");
/// A script that loses what substitution takes for its own.
pub const SCRIPT_SUBSTITUTED: Code = Code::new("SUB012");

/// All of them.
pub const ALL: &[Code] = &[
    REMOVED_VERSION,
    DEPRECATED_VERSION,
    CLEAR_SECRET,
    UNEXTRACTABLE_NAME,
    NOTHING_PACKED,
    ESCAPING_LINK,
    PATH_MISSING,
    PATH_ESCAPES,
    ENDLESS_NESTING,
    UNSETTLED_VARIABLES,
    DEPENDENCY_CYCLE,
    DEPENDENCY_MISSING,
    DEPENDENCY_SUSPENDED,
    SEVERAL_OWNERS,
    PROVIDER_NOT_FIRST,
    CROSS_NAMESPACE_SOURCE,
    UNREACHED_FILE,
    INVALID_KUSTOMIZATION,
    UNKNOWN_KUSTOMIZATION_FIELD,
    DROPPED_FIELD,
    COMPONENT_NOT_LOCAL,
    ITEMS_REPLACE_OBJECT,
    KUSTOMIZATION_NOT_APPLIED,
    METADATA_NOT_TEXT,
    LARGE_NUMBER,
    ENCRYPTED_SECRET,
    CHART_IN_KUSTOMIZATION,
    OBJECT_LEFT_OUT,
    NUMBER_FOR_TEXT,
    TEMPLATE_FAILS,
    EMPTY_INPUTS,
    UNREAD_INPUT,
    NOT_DETERMINISTIC,
    INPUT_PROVIDER_MISSING,
    INVALID_RELEASE,
    CHART_SOURCE_MISSING,
    CHART_NOT_OFFERED,
    CHART_VERSION_NOT_OFFERED,
    INVALID_CHART,
    VALUES_MISSING,
    INVALID_VALUES,
    CHART_REFUSES,
    CHART_TEMPLATE_FAILS,
    CHART_OUTPUT_NOT_YAML,
    VALUES_AGAINST_SCHEMA,
    KUBERNETES_REFUSED,
    NOT_REPRODUCIBLE,
    UNREAD_VALUE,
    CLASHING_VALUE,
    VALUE_WITHOUT_EFFECT,
    NOT_RENDERED,
    UNKNOWN_OBJECT_FIELD,
    LOST_FIELD,
    MISTYPED_VALUE,
    MISSING_VALUE,
    VALUE_NOT_ALLOWED,
    INVALID_VALUE,
    RULE_NOT_MET,
    INVALID_METADATA,
    DUPLICATE_ITEM,
    FORBIDDEN_VALUE,
    VERSION_NOT_SERVED,
    NOT_CHECKED,
    UNDEFINED_VARIABLE,
    VARIABLES_MISSING,
    VARIABLE_NAME,
    EXPRESSION,
    NOT_YAML,
    QUOTES_LOST,
    OBJECT_LOST,
    LABELS_LOST,
    NAMES_COLLIDE,
    KEYS_COLLIDE,
    DIGITS_LOST,
    SCRIPT_SUBSTITUTED,
];
