use std::fmt;

/// A secret value that no output can show: it has no `Display`, and `Debug` prints its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Wraps a secret.
    pub fn new(secret: T) -> Redacted<T> {
        Redacted(secret)
    }

    /// The secret itself, for the one place that must write it into a rendered object.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: AsRef<[u8]>> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<redacted, {} bytes>", self.0.as_ref().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_only() {
        let secret = Redacted::new("hunter2");
        assert_eq!(format!("{secret:?}"), "<redacted, 7 bytes>");
        assert_eq!(*secret.reveal(), "hunter2");
    }
}
