//! What a large tree costs.
