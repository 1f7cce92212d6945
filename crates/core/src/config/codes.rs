//! The codes of what is wrong with a config.

use tidegate_source::Code;

/// It is not TOML.
pub const CONFIG_SYNTAX: Code = Code::new("CFG001");
/// A key that tidegate does not know.
pub const UNKNOWN_KEY: Code = Code::new("CFG002");
/// A value that is not what its key asks for, or a key that is missing.
pub const INVALID_VALUE: Code = Code::new("CFG003");
/// A rule that does not exist.
pub const UNKNOWN_RULE: Code = Code::new("CFG004");
/// A cluster that does not exist.
pub const UNKNOWN_CLUSTER: Code = Code::new("CFG005");
/// A file that the config names and that cannot be read.
pub const UNREADABLE_FILE: Code = Code::new("CFG006");
/// A declaration that nothing needs.
pub const UNUSED_DECLARATION: Code = Code::new("CFG007");

/// Those with which there is no config to go by.
pub(super) const FATAL: &[Code] = &[
    CONFIG_SYNTAX,
    UNKNOWN_KEY,
    INVALID_VALUE,
    UNKNOWN_RULE,
    UNKNOWN_CLUSTER,
    UNREADABLE_FILE,
];

/// All of them.
pub const ALL: &[Code] = &[
    CONFIG_SYNTAX,
    UNKNOWN_KEY,
    INVALID_VALUE,
    UNKNOWN_RULE,
    UNKNOWN_CLUSTER,
    UNREADABLE_FILE,
    UNUSED_DECLARATION,
];
