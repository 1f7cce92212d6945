//! YAML as the field reads and writes it: nodes that know where they were written, the two dialects
//! (go-yaml v3 for resources; YAML 1.1 for kustomization.yaml and the API machinery), and the
//! emitters whose bytes equal those of the Go tools.
//!
//! This crate does no I/O and knows nothing of Kubernetes.

mod node;
mod place;

pub use node::{Entry, Map, Node, Scalar, ScalarKind, Seq, Style, Value};
pub use place::{Place, Step, StepKind, Trail};
pub use smol_str::SmolStr;

/// How plain scalars are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// go-yaml v3: what kustomize reads resources and patches with. `yes` and `on` are text.
    GoYaml3,
    /// YAML 1.1 as `sigs.k8s.io/yaml` (go-yaml v2) reads it: kustomization.yaml, and whatever the
    /// API machinery decodes. `yes` and `on` are booleans.
    Yaml11,
}

mod embed;
mod emit;
mod fold;
mod json;
mod parse;
mod resolve;

pub use embed::embed;
pub use emit::{
    Context, Emitted, NotWritten, Unwritable, Writer, by_key, compare_keys, emit_go_yaml2,
    emit_indented, is_base_60,
};
pub use json::{binary_text, binary_value, is_yes, json_key, to_json};
pub use parse::{
    Comment, Document, DuplicateKeys, Limits, ParseOptions, Parsed, codes, parse, parse_text,
};
pub use resolve::{
    float_value, go_float, int_value, json_float, json_number, resolve, timestamp_value,
};
