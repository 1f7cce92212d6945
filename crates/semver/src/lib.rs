//! Versions and constraints as `Masterminds/semver` v3 has them: the library that Helm, sprig and the
//! controllers of Flux compare versions with.
//!
//! ```
//! use tidegate_semver::{Constraints, Version};
//!
//! let constraints = Constraints::parse(">=1.2, <2")?;
//! assert!(constraints.check(&Version::parse("v1.4")?));
//! assert!(!constraints.check(&Version::parse("1.4.0-rc.1")?));
//! # Ok::<(), String>(())
//! ```

mod constraints;
mod version;

pub use constraints::Constraints;
pub use version::Version;
