use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use tidegate_gotemplate::{Error, Functions, MissingKey, Options, Parsed, Set};
use tidegate_source::SourceFile;
use tidegate_yaml::SmolStr;

/// Templates that were read, for all renders that use the same charts: a file is read once for each name it has,
/// whatever sub-charts take part and however many releases there are.
#[derive(Debug)]
pub struct Templates {
    functions: Arc<Functions>,
    read: Mutex<FxHashMap<Key, Read>>,
}

/// The name of a template and the address of its file.
type Key = (SmolStr, usize);

#[derive(Debug)]
struct Read {
    parsed: Parsed,
    /// Keeps the address taken.
    _file: Arc<SourceFile>,
}

impl Default for Templates {
    fn default() -> Templates {
        Templates {
            functions: Arc::new(Functions::helm()),
            read: Mutex::default(),
        }
    }
}

impl Templates {
    /// An empty set, to which templates can be added.
    pub(crate) fn set(&self) -> Set {
        let options = Options {
            missing_key: MissingKey::Zero,
            hide_no_value: true,
            ..Options::default()
        };
        Set::new(Arc::clone(&self.functions), options)
    }

    /// Adds the templates of a file to a set. A name that is there already is replaced.
    pub(crate) fn add(
        &self,
        set: &mut Set,
        name: &SmolStr,
        file: &Arc<SourceFile>,
    ) -> Result<(), Box<Error>> {
        let key = (name.clone(), Arc::as_ptr(file).addr());
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(&key) {
            set.add(&known.parsed);
            return Ok(());
        }
        let parsed = set.parsed(name, file.bytes(), file.id())?;
        set.add(&parsed);
        let file = Arc::clone(file);
        read.insert(
            key,
            Read {
                parsed,
                _file: file,
            },
        );
        Ok(())
    }
}
