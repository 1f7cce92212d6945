use std::borrow::Cow;

use super::Table;

pub(super) static TABLE: Table = Table {
    types: Cow::Borrowed(&[]),
    kinds: Cow::Borrowed(&[]),
};
