use tidegate_registry::Lock;
use tidegate_source::{SystemError, TreePath};

use crate::commands::Failure;
use crate::config::Configured;
use crate::tree::Tree;

/// The name of the lock file.
const NAME: &str = "tidegate.lock";

/// The lock file of a tree, which is beside its config, or at the root of a tree without one.
pub(crate) struct LockFile {
    pub(crate) path: TreePath,
    /// What it says; nothing where it does not exist.
    pub(crate) lock: Lock,
}

impl LockFile {
    /// Where it is; what it says is not looked at.
    pub(crate) fn place(configured: &Configured) -> Result<LockFile, Failure> {
        let folder = match configured.is_there {
            true => configured.folder.clone(),
            false => TreePath::root(),
        };
        let path = folder
            .join(NAME)
            .map_err(|error| Failure::new(error.to_string()))?;
        let lock = Lock::default();
        Ok(LockFile { path, lock })
    }

    /// Reads it.
    pub(crate) fn read(tree: &Tree, configured: &Configured) -> Result<LockFile, Failure> {
        let LockFile { path, .. } = LockFile::place(configured)?;
        let refuse = |why: String| Failure::new(format!("{path}: {why}"));
        let bytes = match tree.system().read(&path) {
            Ok(bytes) => bytes,
            Err(SystemError::NotFound) => {
                let lock = Lock::default();
                return Ok(LockFile { path, lock });
            }
            Err(error) => return Err(refuse(error.to_string())),
        };
        let text =
            std::str::from_utf8(&bytes).map_err(|_| refuse("it is not UTF-8 text".to_owned()))?;
        let lock = Lock::parse(text).map_err(|error| {
            let failure = Failure::new(format!("{path}:{}: {}", error.line, error.message));
            failure.with_help("`tidegate charts fetch --update` writes it anew")
        })?;
        Ok(LockFile { path, lock })
    }
}
