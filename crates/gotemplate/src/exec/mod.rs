//! Execution of parsed templates.

mod args;
mod eval;
mod render;

use std::rc::Rc;

use regex::bytes::Regex;
use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_source::Span;
use tidegate_yaml::SmolStr;

use crate::ast::{Part, Tree};
use crate::error::{Error, ErrorKind, Frame};
use crate::funcs::yaml::{KnownTexts, YamlCache};
use crate::functions::Failure;
use crate::origin::{Origin, Origins};
use crate::parse::Trees;
use crate::set::{Missing, MissingKey, Output, Set};
use crate::text::{Str, TextBuilder};
use crate::value::Value;

/// What templates get from outside.
pub trait Host {
    /// Answers a function that was declared with [`Function::host`](crate::Function::host).
    fn call(&mut self, name: &str, args: &[Value]) -> std::result::Result<Value, Failure> {
        let _ = args;
        Err(format!("there is no function {name}").into())
    }

    /// Seconds and nanoseconds since 1970, for `now` and its like. The output is then marked as not
    /// deterministic.
    fn now(&mut self) -> (i64, u32);

    /// Fills `bytes` for what is random. The output is then marked as not deterministic.
    fn random(&mut self, bytes: &mut [u8]);
}

/// A host without a clock and without chance: always the same moment and the same numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fixed {
    state: u64,
}

impl Host for Fixed {
    fn now(&mut self) -> (i64, u32) {
        (0, 0)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            // SplitMix64
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed ^ (mixed >> 31)) as u8;
        }
    }
}

/// What bounds the work of one execution, or of a session. Each is an error of [`ErrorKind::Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nodes that are executed and functions that are called.
    pub steps: u64,
    /// Bytes of one string and of the output.
    pub output: usize,
    /// Bytes of all strings and lists that functions make, together.
    pub memory: usize,
    /// Templates within one another, through `template`, `include` and `tpl`.
    pub depth: usize,
    /// Bytes of stack that may be used: about half of what the thread has.
    pub stack: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            steps: 50_000_000,
            output: 64 << 20,
            memory: 1 << 30,
            depth: 1000,
            stack: 1 << 20,
        }
    }
}

/// A value, and whether it stands in a variable of type `interface {}`, as the items of lists and maps do:
/// Go says so in errors, and tells a nil that is there from one that is not.
#[derive(Clone, Debug)]
pub(crate) struct Val {
    pub value: Value,
    pub interface: bool,
}

impl Val {
    fn of(value: Value) -> Val {
        Val {
            value,
            interface: false,
        }
    }

    fn item(value: Value) -> Val {
        Val {
            value,
            interface: true,
        }
    }

    fn nothing() -> Val {
        Val::of(Value::NIL)
    }

    /// No value at all, as opposed to a nil that is somewhere.
    fn is_invalid(&self) -> bool {
        self.value.is_nil() && !self.interface
    }
}

/// The text that `tpl` was given, for what its parts came from.
#[derive(Debug)]
pub(crate) struct TplText {
    pub text: Str,
    pub origin: Origin,
    /// The action that called `tpl`.
    pub at: Span,
}

/// The templates that a `tpl` text defines, in front of those around it.
#[derive(Debug)]
pub(crate) struct Overlay {
    pub trees: Rc<Trees>,
    pub tpl: Rc<TplText>,
    pub outer: Option<Rc<Overlay>>,
}

/// An execution, as functions see it.
pub struct Call<'r> {
    pub(crate) set: &'r Set,
    host: &'r mut dyn Host,
    /// Where values came from.
    pub origins: &'r mut Origins,
    limits: Limits,
    steps: u64,
    memory: usize,
    depth: usize,
    stack_base: usize,
    out: TextBuilder,
    /// The variables of all templates that are being executed, by their numbers.
    variables: Vec<(u32, Val)>,
    overlay: Option<Rc<Overlay>>,
    /// How often each name is being included.
    including: FxHashMap<SmolStr, usize>,
    tpl_cache: FxHashMap<Box<[u8]>, Rc<Trees>>,
    /// What texts of YAML say.
    pub(crate) yaml_cache: YamlCache,
    /// What maps were written as.
    pub(crate) known_texts: KnownTexts,
    /// Expressions by their text.
    pub(crate) regexes: FxHashMap<SmolStr, std::result::Result<Rc<Regex>, String>>,
    /// Which arguments of the function stand in an `interface {}`: a bit for each of the first 64.
    interfaces: u64,
    /// The conditions that hold where the execution is, as what only had a say.
    control: Origin,
    /// The value that was looked up last.
    last_read: Origin,
    /// The action that is being executed.
    action: Span,
    not_deterministic: Vec<&'static str>,
    missing: Vec<Missing>,
    seen_missing: FxHashSet<Missing>,
}

/// Templates of a set that are executed one after the other: what `tpl` read and the regular expressions
/// are kept from one to the next. The limits on steps and memory hold for all of them together.
pub struct Session<'r>(Call<'r>);

impl<'r> Session<'r> {
    pub(crate) fn new(
        set: &'r Set,
        host: &'r mut dyn Host,
        origins: &'r mut Origins,
        limits: &Limits,
    ) -> Session<'r> {
        Session(Call::new(set, host, origins, limits))
    }

    /// Executes a template with `data` as dot. Values that the template changes with `set` and its like
    /// stay changed, as in Go.
    pub fn execute(&mut self, name: &str, data: &Value) -> std::result::Result<Output, Box<Error>> {
        self.0.run(name, data)
    }

    /// Where values came from.
    pub fn origins(&mut self) -> &mut Origins {
        self.0.origins
    }
}

/// One template that is being executed.
struct Scope<'a> {
    tree: &'a Tree,
    tpl: Option<Rc<TplText>>,
    /// What is being executed: errors point at it.
    at: &'a dyn Part,
    /// Where its variables start.
    base: usize,
}

type Result<T> = std::result::Result<T, Box<Error>>;

impl<'r> Call<'r> {
    fn new(
        set: &'r Set,
        host: &'r mut dyn Host,
        origins: &'r mut Origins,
        limits: &Limits,
    ) -> Call<'r> {
        Call {
            out: TextBuilder::new(origins.is_on()),
            set,
            host,
            origins,
            limits: *limits,
            steps: 0,
            memory: 0,
            depth: 0,
            stack_base: stack_position(),
            variables: Vec::new(),
            overlay: None,
            including: FxHashMap::default(),
            tpl_cache: FxHashMap::default(),
            yaml_cache: YamlCache::default(),
            known_texts: KnownTexts::default(),
            regexes: FxHashMap::default(),
            interfaces: 0,
            control: Origin::NONE,
            last_read: Origin::NONE,
            action: Span::NONE,
            not_deterministic: Vec::new(),
            missing: Vec::new(),
            seen_missing: FxHashSet::default(),
        }
    }

    fn run(&mut self, name: &str, data: &Value) -> Result<Output> {
        let Some(tree) = self.set.tree(name) else {
            let reason = format!(
                "no template {} in the set",
                tidegate_golang::quote(name.as_bytes())
            );
            return Err(Box::new(Error {
                message: format!("template: {reason}"),
                reason,
                kind: ErrorKind::Execute,
                frames: Vec::new(),
                origins: [Origin::NONE; 2],
                causes: Vec::new(),
            }));
        };
        self.control = Origin::NONE;
        self.stack_base = stack_position();
        let executed = self.execute(tree, None, Val::of(data.clone()));
        let mut out = std::mem::replace(&mut self.out, TextBuilder::new(self.origins.is_on()));
        let not_deterministic = std::mem::take(&mut self.not_deterministic);
        let missing = std::mem::take(&mut self.missing);
        self.seen_missing.clear();
        executed?;
        if self.set.options().hide_no_value {
            let text = self.without_no_value(out.finish());
            out = TextBuilder::new(self.origins.is_on());
            out.push_str(&text, Origin::NONE);
        }
        let (text, pieces) = out.into_parts();
        Ok(Output {
            text,
            pieces,
            not_deterministic,
            missing,
        })
    }

    /// Ends the execution at what is being executed.
    fn fail<T>(&self, scope: &Scope<'_>, reason: impl Into<String>) -> Result<T> {
        Err(self.error(scope, reason.into().into()))
    }

    fn error(&self, scope: &Scope<'_>, failure: Failure) -> Box<Error> {
        let source = &scope.tree.source;
        let pos = scope.at.pos();
        let (line, column) = source.line_column(pos);
        let mut context = String::new();
        scope.at.write(&mut context, source);
        let reason = failure.message;
        let template = tidegate_golang::quote(scope.tree.name.as_bytes());
        let frame = Frame {
            source: source.name.to_string(),
            template: scope.tree.name.to_string(),
            line,
            column: Some(column),
            span: match &scope.tpl {
                Some(tpl) => tpl.at,
                None => source.span_of(pos, &context),
            },
        };
        let message = format!(
            "template: {}:{line}:{column}: executing {template} at <{context}>: {reason}",
            source.name
        );
        let (reason, mut inner, origins) = match failure.inner {
            Some(error) => (error.reason, error.frames, error.origins),
            None => (reason, Vec::new(), [self.last_read, self.control]),
        };
        let mut frames = vec![frame];
        frames.append(&mut inner);
        Box::new(Error {
            message,
            reason,
            kind: failure.kind,
            frames,
            origins,
            causes: failure.causes,
        })
    }

    fn step(&mut self, scope: &Scope<'_>) -> Result<()> {
        self.steps += 1;
        if self.steps > self.limits.steps {
            let reason = format!("the template takes more than {} steps", self.limits.steps);
            return Err(self.error(scope, Failure::limit(reason)));
        }
        Ok(())
    }

    fn missing_key(&self) -> MissingKey {
        self.set.options().missing_key
    }
}

/// How deep the stack is: differences between two of these are what was used in between.
#[inline(never)]
fn stack_position() -> usize {
    let here = 0u8;
    std::ptr::from_ref(&here).addr()
}

impl Call<'_> {
    /// A text builder that keeps track if the execution does.
    pub fn text(&self) -> TextBuilder {
        TextBuilder::new(self.origins.is_on())
    }

    /// The longest string that a function may make.
    pub fn longest(&self) -> usize {
        self.limits.output
    }

    /// Refuses a string or list that would be too large, before it is made.
    pub fn reserve(&mut self, bytes: usize) -> std::result::Result<(), Failure> {
        if bytes > self.limits.output {
            let limit = self.limits.output;
            return Err(Failure::limit(format!(
                "a value of {bytes} bytes is larger than the limit of {limit} bytes"
            )));
        }
        self.memory = self.memory.saturating_add(bytes);
        if self.memory > self.limits.memory {
            let limit = self.limits.memory;
            return Err(Failure::limit(format!(
                "the template makes values of more than {limit} bytes"
            )));
        }
        Ok(())
    }

    /// Refuses a string that has grown too large.
    pub fn check(&self, bytes: usize) -> std::result::Result<(), Failure> {
        if bytes > self.limits.output {
            let limit = self.limits.output;
            return Err(Failure::limit(format!(
                "a string is larger than the limit of {limit} bytes"
            )));
        }
        Ok(())
    }

    /// What `toYaml` gives: the YAML of a value without the newline at its end; nothing for what YAML cannot
    /// hold.
    pub fn to_yaml(&mut self, value: &Value) -> std::result::Result<Str, Failure> {
        crate::funcs::yaml::to_yaml(self, value)
    }

    /// The moment, for functions that read the clock.
    pub fn now(&mut self, function: &'static str) -> (i64, u32) {
        self.mark_not_deterministic(function);
        self.host.now()
    }

    /// Random bytes.
    pub fn random(&mut self, function: &'static str, bytes: &mut [u8]) {
        self.mark_not_deterministic(function);
        self.host.random(bytes);
    }

    /// Notes that the output is not the same each time.
    pub fn mark_not_deterministic(&mut self, function: &'static str) {
        if !self.not_deterministic.contains(&function) {
            self.not_deterministic.push(function);
        }
    }

    /// Notes that a map has not a key that was looked up.
    pub(crate) fn mark_missing(&mut self, map: Origin, key: &str) {
        if !map.is_some() {
            return;
        }
        let missing = Missing {
            map,
            key: key.into(),
            template: self.action,
        };
        if self.seen_missing.insert(missing.clone()) {
            self.missing.push(missing);
        }
    }

    /// What decided that the place that is being executed is reached: the conditions around it.
    pub fn control(&self) -> Origin {
        self.control
    }

    /// A value that was chosen because of others.
    pub(crate) fn chosen(&mut self, value: Value, because: &[Value]) -> Value {
        let mut value = value;
        if self.origins.is_on() {
            for other in because {
                let origin = other.own_origin(self.origins);
                let origin = self.origins.weaken(origin);
                value = value.influenced(origin, self.origins);
            }
        }
        value
    }

    /// Whether an argument stands in a list or a map: Go tells a nil that is there from what is missing.
    pub(crate) fn is_interface(&self, index: usize) -> bool {
        index < 64 && self.interfaces >> index & 1 == 1
    }

    /// Appends a value as `%v` prints it, with its pieces.
    pub(crate) fn print_into(
        &mut self,
        value: &Value,
        out: &mut TextBuilder,
    ) -> std::result::Result<(), Failure> {
        if let Some(text) = value.as_str() {
            out.push_str(text, value.origin);
            return Ok(());
        }
        let origin = value.deep_origin(self.origins);
        let limit = out.len().saturating_add(self.limits.output);
        let mut fine = Ok(());
        out.push_with(origin, |bytes| {
            fine = crate::fmt::print(value, bytes, limit)
        });
        fine.map_err(unprintable)
    }
}

pub(crate) fn unprintable(why: crate::fmt::Unprintable) -> Failure {
    Failure::limit(match why {
        crate::fmt::Unprintable::TooDeep => {
            format!("values are nested more than {} deep", crate::fmt::DEEPEST)
        }
        crate::fmt::Unprintable::TooLarge => {
            "the printed value is larger than the limit".to_owned()
        }
    })
}
