//! The codes of this crate's findings. `core` has a page for each.

use tidegate_source::Code;

/// A file or folder that a kustomization names does not exist.
pub const MISSING_FILE: Code = Code::new("KUS001");
/// A field that kustomize does not know.
pub const UNKNOWN_FIELD: Code = Code::new("KUS002");
/// A folder without a kustomization file.
pub const MISSING_KUSTOMIZATION: Code = Code::new("KUS003");
/// A folder with more than one kustomization file.
pub const SEVERAL_KUSTOMIZATIONS: Code = Code::new("KUS004");
/// A kustomization that leads back to itself.
pub const CYCLE: Code = Code::new("KUS005");
/// Two objects with the same identity.
pub const DUPLICATE_OBJECT: Code = Code::new("KUS006");
/// A file outside the folder that the load restrictor allows.
pub const OUTSIDE_ROOT: Code = Code::new("KUS007");
/// A field of a kustomization whose value has the wrong type.
pub const WRONG_TYPE: Code = Code::new("KUS008");
/// A kustomization that asks for nothing.
pub const EMPTY_KUSTOMIZATION: Code = Code::new("KUS009");
/// A resource without apiVersion, kind or name.
pub const NOT_A_RESOURCE: Code = Code::new("KUS010");
/// A patch that is neither a strategic merge patch nor a JSON patch.
pub const INVALID_PATCH: Code = Code::new("KUS011");
/// A patch whose target does not exist.
pub const PATCH_TARGET_MISSING: Code = Code::new("KUS012");
/// A JSON patch operation that cannot be applied.
pub const JSON_PATCH_FAILED: Code = Code::new("KUS013");
/// A generator that cannot make its object.
pub const INVALID_GENERATOR: Code = Code::new("KUS014");
/// A replacement that cannot be done.
pub const INVALID_REPLACEMENT: Code = Code::new("KUS015");
/// A selector or regular expression that does not parse.
pub const INVALID_SELECTOR: Code = Code::new("KUS016");
/// A transformer, generator or validator configuration that is not valid.
pub const INVALID_PLUGIN: Code = Code::new("KUS017");
/// A field that kustomize will drop.
pub const DEPRECATED_FIELD: Code = Code::new("KUS018");
/// A variable that cannot be resolved.
pub const INVALID_VARIABLE: Code = Code::new("KUS019");
/// A reference that fits several objects.
pub const AMBIGUOUS_REFERENCE: Code = Code::new("KUS020");
/// A kustomization file whose `apiVersion` or `kind` is not that of one.
pub const WRONG_KIND: Code = Code::new("KUS021");
/// A field that a transformer must change has a value of the wrong type.
pub const UNSUITABLE_FIELD: Code = Code::new("KUS022");
/// Transformer configurations that disagree.
pub const INVALID_CONFIGURATION: Code = Code::new("KUS023");
/// A transformer that finds nothing to change.
pub const NOTHING_TO_CHANGE: Code = Code::new("KUS024");
/// `sortOptions` that are not valid.
pub const INVALID_ORDER: Code = Code::new("KUS025");
/// A value that the output cannot hold.
pub const UNWRITABLE: Code = Code::new("KUS026");
/// A file that is in the tree, and left out of the artifact that Flux makes of it.
pub const NOT_PACKED: Code = Code::new("KUS027");

/// All of them.
pub const ALL: &[Code] = &[
    MISSING_FILE,
    UNKNOWN_FIELD,
    MISSING_KUSTOMIZATION,
    SEVERAL_KUSTOMIZATIONS,
    CYCLE,
    DUPLICATE_OBJECT,
    OUTSIDE_ROOT,
    WRONG_TYPE,
    EMPTY_KUSTOMIZATION,
    NOT_A_RESOURCE,
    INVALID_PATCH,
    PATCH_TARGET_MISSING,
    JSON_PATCH_FAILED,
    INVALID_GENERATOR,
    INVALID_REPLACEMENT,
    INVALID_SELECTOR,
    INVALID_PLUGIN,
    DEPRECATED_FIELD,
    INVALID_VARIABLE,
    AMBIGUOUS_REFERENCE,
    WRONG_KIND,
    UNSUITABLE_FIELD,
    INVALID_CONFIGURATION,
    NOTHING_TO_CHANGE,
    INVALID_ORDER,
    UNWRITABLE,
    NOT_PACKED,
];
