use std::fmt;

/// A minor version of Kubernetes, such as 1.35.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KubernetesVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl KubernetesVersion {
    /// The oldest one whose kinds are known.
    pub const OLDEST: KubernetesVersion = KubernetesVersion::new(1, 32);
    /// The newest one whose kinds are known.
    pub const NEWEST: KubernetesVersion = KubernetesVersion::new(1, 37);
    /// The one whose API server the verdicts of this crate are compared with.
    pub const COMPARED: KubernetesVersion = KubernetesVersion::new(1, 35);

    /// The version `major.minor`.
    pub const fn new(major: u32, minor: u32) -> KubernetesVersion {
        KubernetesVersion { major, minor }
    }

    /// Itself where its kinds are known, else the nearest one whose kinds are.
    pub fn nearest_known(self) -> KubernetesVersion {
        self.clamp(Self::OLDEST, Self::NEWEST)
    }

    /// The bit that stands for it, or for the nearest one that is known, in the lines of the catalog.
    pub(super) fn bit(self) -> u32 {
        1 << (self.nearest_known().minor - Self::OLDEST.minor)
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_version_that_is_known() {
        let check = |major, minor, expected: &str, bit| {
            let version = KubernetesVersion::new(major, minor);
            assert_eq!(version.nearest_known().to_string(), expected);
            assert_eq!(version.bit(), bit);
        };
        check(1, 35, "1.35", 8);
        check(1, 5, "1.32", 1);
        check(1, 99, "1.37", 32);
        check(2, 0, "1.37", 32);
        check(0, 40, "1.32", 1);
    }
}
