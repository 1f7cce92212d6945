//! The functions that templates can call.

use rustc_hash::FxHashMap;
use tidegate_yaml::SmolStr;

use crate::error::{Error, ErrorKind};
use crate::funcs;
use crate::funcs::cast::Cast;
use crate::object::Type;
use crate::value::Value;

pub(crate) use crate::exec::Call;

/// Why a function did not give a value.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What Go would say, without `error calling NAME`.
    pub message: String,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The error of the template that the function executed, for `include` and `tpl`.
    pub inner: Option<Box<Error>>,
    /// See [`Error::chain`].
    pub(crate) causes: Vec<usize>,
}

impl Failure {
    /// A failure of a kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            kind,
            inner: None,
            causes: Vec::new(),
        }
    }

    /// A limit of this crate was reached.
    pub fn limit(message: impl Into<String>) -> Failure {
        Failure::new(ErrorKind::Limit, message)
    }

    /// What Go says of a function that failed.
    pub(crate) fn calling(mut self, name: &str) -> Failure {
        self.causes = vec![self.message.len()];
        if let Some(inner) = &mut self.inner {
            if inner.message.len() != self.message.len() {
                self.causes.push(inner.message.len());
            }
            self.causes.append(&mut inner.causes);
        }
        self.message = format!("error calling {name}: {}", self.message);
        self
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::new(ErrorKind::Execute, message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Failure {
        message.to_owned().into()
    }
}

impl From<Box<Error>> for Failure {
    fn from(error: Box<Error>) -> Failure {
        Failure {
            message: error.message.clone(),
            kind: error.kind,
            inner: Some(error),
            causes: Vec::new(),
        }
    }
}

/// The code of a function. It gets as many arguments as its signature says, of the types it says.
pub type Native = fn(&mut Call<'_>, &[Value]) -> Result<Value, Failure>;

/// A function and what it takes.
#[derive(Clone, Copy)]
pub struct Function {
    /// The name in templates.
    pub name: &'static str,
    /// The types of its parameters.
    pub params: &'static [Type],
    /// Whether the last parameter takes any number of arguments, none included.
    pub variadic: bool,
    pub(crate) code: Code,
}

#[derive(Clone, Copy)]
pub(crate) enum Code {
    Native(Native),
    /// Evaluates its arguments only until the result is known: `and` looks for a false one.
    And,
    Or,
    /// `call`, which names the argument it was given in its errors.
    CallValue,
    /// [`Host::call`](crate::Host::call).
    Host,
}

impl Function {
    /// A function with a fixed number of parameters.
    pub const fn new(name: &'static str, params: &'static [Type], code: Native) -> Function {
        Function {
            name,
            params,
            variadic: false,
            code: Code::Native(code),
        }
    }

    /// A function whose last parameter takes any number of arguments.
    pub const fn variadic(name: &'static str, params: &'static [Type], code: Native) -> Function {
        Function {
            name,
            params,
            variadic: true,
            code: Code::Native(code),
        }
    }

    /// A function that [`Host::call`](crate::Host::call) answers.
    pub const fn host(name: &'static str, params: &'static [Type]) -> Function {
        Function {
            name,
            params,
            variadic: false,
            code: Code::Host,
        }
    }

    pub(crate) const fn special(
        name: &'static str,
        params: &'static [Type],
        code: Code,
    ) -> Function {
        Function {
            name,
            params,
            variadic: true,
            code,
        }
    }
}

/// A function of a set of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FunctionId(u32);

/// A set of functions: templates are parsed against it, and executed with it.
#[derive(Clone, Default)]
pub struct Functions {
    table: Vec<Function>,
    names: FxHashMap<SmolStr, FunctionId>,
    pub(crate) cast: Cast,
}

impl Functions {
    /// Those of text/template itself.
    pub fn go() -> Functions {
        Functions::default().with(funcs::builtin::FUNCTIONS)
    }

    /// What sprig v3 and slim-sprig have in common, and those of text/template.
    fn common() -> Functions {
        let mut functions = Functions::go();
        for pair in funcs::lists::PAIRS {
            functions = functions.with(pair);
        }
        for table in [
            funcs::strings::FUNCTIONS,
            funcs::case::FUNCTIONS,
            funcs::cast::FUNCTIONS,
            funcs::lists::FUNCTIONS,
            funcs::dicts::FUNCTIONS,
            funcs::defaults::FUNCTIONS,
            funcs::math::FUNCTIONS,
            funcs::json::FUNCTIONS,
            funcs::encoding::FUNCTIONS,
            funcs::paths::FUNCTIONS,
            funcs::regex::FUNCTIONS,
            funcs::dates::FUNCTIONS,
            funcs::urls::FUNCTIONS,
        ] {
            functions = functions.with(table);
        }
        functions
    }

    /// Those of sprig v3, but `env` and `expandenv`: no template reads the environment.
    pub fn sprig() -> Functions {
        Functions::common()
            .with(funcs::case::SPRIG)
            .with(funcs::dicts::SPRIG)
            .with(funcs::merge::SPRIG)
            .with(funcs::math::SPRIG)
            .with(funcs::encoding::SPRIG)
            .with(funcs::semver::SPRIG)
            .with(funcs::dates::SPRIG)
            .with(funcs::random::SPRIG)
            .with(funcs::crypto::SPRIG)
            .with(funcs::certs::SPRIG)
            .with(&[REFUSED])
    }

    /// Those of Helm: sprig's and its own. `lookup` is answered by [`Host::call`](crate::Host::call).
    pub fn helm() -> Functions {
        Functions::sprig()
            .with(funcs::helm::FUNCTIONS)
            .with(funcs::durations::FUNCTIONS)
    }

    /// Those of ResourceSets but `inputs`: the hermetic ones of slim-sprig, and the operator's.
    pub fn flux() -> Functions {
        let mut functions = Functions::common()
            .with(funcs::dates::SLIM)
            .with(funcs::helm::FLUX)
            .with(funcs::slug::FUNCTIONS);
        functions.cast = Cast::Slim;
        functions
    }

    /// Adds functions. A later one takes the place of an earlier one of the same name.
    #[must_use]
    pub fn with(mut self, functions: &[Function]) -> Functions {
        for function in functions {
            let id = FunctionId(self.table.len() as u32);
            self.table.push(*function);
            self.names.insert(function.name.into(), id);
        }
        self
    }

    /// Takes functions out.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Functions {
        for name in names {
            self.names.remove(*name);
        }
        self
    }

    /// The names of all functions, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.names.keys().map(SmolStr::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn find(&self, name: &str) -> Option<FunctionId> {
        self.names.get(name).copied()
    }

    pub(crate) fn get(&self, id: FunctionId) -> &Function {
        &self.table[id.0 as usize]
    }
}

impl std::fmt::Debug for Functions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// What asks the network is refused.
const REFUSED: Function = Function::new("getHostByName", &[Type::Str], |_, _| {
    Err("no name server is asked while templates are rendered".into())
});
