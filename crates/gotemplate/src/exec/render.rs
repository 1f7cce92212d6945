//! Nodes: text, actions, branches, loops, and templates within templates.

use std::rc::Rc;
use std::sync::Arc;

use tidegate_source::{FileId, Span};
use tidegate_yaml::SmolStr;

use super::{Call, Overlay, Result, Scope, TplText, Val, stack_position};
use crate::ast::{Action, Branch, Node, Part, Template, Tree};
use crate::error::ErrorKind;
use crate::functions::Failure;
use crate::origin::Origin;
use crate::parse::Trees;
use crate::text::{Str, TextBuilder};
use crate::value::{Kind, MapKind, Value};

/// What comes after a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// The entries of a map as they are now, and whether they stand in an `interface {}`. None for what is no map.
fn entries(value: &Value) -> Option<(Vec<(SmolStr, Value)>, bool)> {
    match &value.kind {
        Kind::Map(map) => {
            let entries = map.entries();
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| (key.clone(), value.clone()));
            Some((entries.collect(), map.kind != MapKind::Strings))
        }
        Kind::Object(object) => Some((object.entries()?, false)),
        _ => None,
    }
}

impl Call<'_> {
    /// Executes a template and appends what it prints to the output.
    pub(super) fn execute(
        &mut self,
        tree: &Tree,
        tpl: Option<Rc<TplText>>,
        dot: Val,
    ) -> Result<()> {
        let base = self.variables.len();
        self.variables.push((0, dot.clone()));
        let root: &dyn Part = match tree.root.first() {
            Some(node) => node,
            None => &Node::Break(0),
        };
        let mut scope = Scope {
            tree,
            tpl,
            at: root,
            base,
        };
        self.depth += 1;
        let result = self
            .check_depth(&scope)
            .and_then(|()| self.nodes(&mut scope, &dot, &tree.root));
        self.depth -= 1;
        self.variables.truncate(base);
        result.map(drop)
    }

    fn check_depth(&self, scope: &Scope<'_>) -> Result<()> {
        if self.depth > self.limits.depth {
            let reason = format!("exceeded maximum template depth ({})", self.limits.depth);
            return Err(self.error(scope, Failure::limit(reason)));
        }
        self.check_stack(scope)
    }

    pub(super) fn check_stack(&self, scope: &Scope<'_>) -> Result<()> {
        if self.stack_base.abs_diff(stack_position()) > self.limits.stack {
            let reason =
                "templates and parentheses within one another need more stack than there is";
            return Err(self.error(scope, Failure::limit(reason)));
        }
        Ok(())
    }

    fn nodes<'a>(&mut self, scope: &mut Scope<'a>, dot: &Val, nodes: &'a [Node]) -> Result<Flow> {
        self.check_stack(scope)?;
        for node in nodes {
            self.step(scope)?;
            let flow = match node {
                Node::Text { start, end } => {
                    self.write_text(scope, *start, *end);
                    Flow::Next
                }
                Node::Action(action) => {
                    scope.at = node;
                    self.action(scope, dot, node, action)?;
                    Flow::Next
                }
                Node::If(branch) => self.branch(scope, dot, branch, false)?,
                Node::With(branch) => self.branch(scope, dot, branch, true)?,
                Node::Range(branch) => {
                    scope.at = branch;
                    self.range(scope, dot, branch)?
                }
                Node::Template(template) => {
                    scope.at = template;
                    self.template(scope, dot, template)?;
                    Flow::Next
                }
                Node::Break(_) => Flow::Break,
                Node::Continue(_) => Flow::Continue,
            };
            if self.out.len() > self.limits.output {
                let reason = format!("the output is larger than {} bytes", self.limits.output);
                return Err(self.error(scope, Failure::limit(reason)));
            }
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn write_text(&mut self, scope: &Scope<'_>, start: u32, end: u32) {
        let source = &scope.tree.source;
        let range = start as usize..end as usize;
        match &scope.tpl {
            Some(tpl) => {
                let from = self.out.len();
                self.out.push_slice(&tpl.text, range, tpl.origin);
                self.out.printed_by(from, tpl.at);
                self.out.mix(from, self.control, self.origins);
            }
            None => {
                let span = source.span(start, end);
                self.out
                    .push_template(&source.text[range], span, self.control);
            }
        }
    }

    fn action<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        node: &'a Node,
        action: &'a Action,
    ) -> Result<()> {
        let outer = self.action;
        self.action = match &scope.tpl {
            Some(tpl) => tpl.at,
            None => scope.tree.source.span(action.pos, action.end),
        };
        let value = self.pipeline(scope, dot, &action.pipe)?;
        if action.pipe.variables.is_empty() {
            scope.at = node;
            self.write_value(scope, &value.value, action)?;
        }
        self.action = outer;
        Ok(())
    }

    fn write_value(&mut self, scope: &Scope<'_>, value: &Value, action: &Action) -> Result<()> {
        let from = self.out.len();
        match &value.kind {
            Kind::Nil => self.out.push_bytes(b"<no value>", value.origin),
            Kind::Str(text) => self.out.push_str(text, value.origin),
            Kind::Object(object) => self
                .out
                .push_bytes(object.display().as_bytes(), value.origin),
            _ => {
                let mut out = std::mem::take(&mut self.out);
                let printed = self.print_into(value, &mut out);
                self.out = out;
                printed.map_err(|failure| self.error(scope, failure))?;
            }
        }
        self.out.printed_by(from, self.action);
        self.out.mix(from, self.control, self.origins);
        if let Some(tpl) = &scope.tpl
            && self.origins.is_on()
        {
            let range = action.pos as usize..(action.end as usize).min(tpl.text.len());
            let inner = tpl.text.origin_of(range, self.origins);
            let origin = self.origins.union(inner, tpl.origin);
            self.out.mix(from, origin, self.origins);
        }
        Ok(())
    }

    fn branch<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        branch: &'a Branch,
        with: bool,
    ) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(scope, dot, &branch.pipe)?;
        let outer = self.decided_by(&value.value);
        let flow = if value.value.is_true() {
            let dot = if with { &value } else { dot };
            self.nodes(scope, dot, &branch.body)?
        } else {
            match &branch.otherwise {
                Some(nodes) => self.nodes(scope, dot, nodes)?,
                None => Flow::Next,
            }
        };
        self.control = outer;
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Makes a value a condition of what follows, and gives the conditions that held before.
    fn decided_by(&mut self, value: &Value) -> Origin {
        let outer = self.control;
        if self.origins.is_on() {
            let origin = value.own_origin(self.origins);
            let origin = self.origins.weaken(origin);
            self.control = self.origins.union(outer, origin);
        }
        outer
    }

    fn range<'a>(&mut self, scope: &mut Scope<'a>, dot: &Val, branch: &'a Branch) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(scope, dot, &branch.pipe)?.value;
        let outer = self.decided_by(&value);
        let mut ran = false;
        let count = match &value.kind {
            Kind::Int(count) | Kind::Int64(count) => Some(u64::try_from(*count).unwrap_or(0)),
            Kind::Uint64(count) => Some(*count),
            Kind::Uint8(count) => Some(u64::from(*count)),
            _ => None,
        };
        if let Some(count) = count {
            if branch.pipe.variables.len() > 1 {
                let shown = crate::fmt::shown(&value);
                return self.fail(
                    scope,
                    format!("can't use {shown} to iterate over more than one variable"),
                );
            }
            for i in 0..count {
                ran = true;
                let item = match &value.kind {
                    Kind::Int64(_) => Kind::Int64(i as i64),
                    Kind::Uint64(_) => Kind::Uint64(i),
                    Kind::Uint8(_) => Kind::Uint8(i as u8),
                    _ => Kind::Int(i as i64),
                };
                let item = Value::from(item).with_origin(value.origin);
                if self.iteration(scope, branch, Val::nothing(), Val::of(item))? == Flow::Break {
                    break;
                }
            }
        } else {
            match &value.kind {
                Kind::List(list) => {
                    let interface = list.elem == crate::value::Elem::Any;
                    for (i, item) in list.items.iter().enumerate() {
                        ran = true;
                        self.origins.mark_read(item.origin);
                        let index = Val::of(Kind::Int(i as i64).into());
                        let item = Val {
                            value: item.clone(),
                            interface,
                        };
                        if self.iteration(scope, branch, index, item)? == Flow::Break {
                            break;
                        }
                    }
                }
                Kind::Nil => {}
                _ => {
                    let Some((entries, interface)) = entries(&value) else {
                        let shown = crate::fmt::shown(&value);
                        return self.fail(scope, format!("range can't iterate over {shown}"));
                    };
                    for (key, item) in entries {
                        ran = true;
                        self.origins.mark_read(item.origin);
                        let key = Val::of(Value::from(key).with_origin(item.origin));
                        let item = Val {
                            value: item,
                            interface,
                        };
                        if self.iteration(scope, branch, key, item)? == Flow::Break {
                            break;
                        }
                    }
                }
            }
        }
        let flow = match &branch.otherwise {
            Some(nodes) if !ran => self.nodes(scope, dot, nodes)?,
            _ => Flow::Next,
        };
        self.control = outer;
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn iteration<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        branch: &'a Branch,
        key: Val,
        item: Val,
    ) -> Result<Flow> {
        self.step(scope)?;
        let mark = self.variables.len();
        match branch.pipe.variables.as_slice() {
            [] => {}
            [one] if branch.pipe.assigns => self.assign(scope, one, item.clone())?,
            [first, second] if branch.pipe.assigns => {
                self.assign(scope, first, key)?;
                self.assign(scope, second, item.clone())?;
            }
            [_] => self.set_top(1, item.clone()),
            _ => {
                self.set_top(1, item.clone());
                self.set_top(2, key);
            }
        }
        let flow = self.nodes(scope, &item, &branch.body)?;
        self.variables.truncate(mark);
        Ok(match flow {
            Flow::Break => Flow::Break,
            _ => Flow::Next,
        })
    }

    fn set_top(&mut self, from_top: usize, value: Val) {
        if let Some(at) = self.variables.len().checked_sub(from_top) {
            self.variables[at].1 = value;
        }
    }

    fn template<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        template: &'a Template,
    ) -> Result<()> {
        let Some((tree, tpl)) = self.find(&template.name) else {
            let name = tidegate_golang::quote(template.name.as_bytes());
            return self.fail(scope, format!("template {name} not defined"));
        };
        let dot = match &template.pipe {
            Some(pipe) => self.pipeline(scope, dot, pipe)?,
            None => Val::nothing(),
        };
        let outer = self.action;
        self.execute(&tree, tpl, dot)?;
        self.action = outer;
        Ok(())
    }

    /// A template by its name: those of the innermost `tpl` text first.
    fn find(&self, name: &str) -> Option<(Arc<Tree>, Option<Rc<TplText>>)> {
        let mut overlay = self.overlay.as_ref();
        while let Some(layer) = overlay {
            if let Some(tree) = layer.trees.get(name) {
                return Some((Arc::clone(tree), Some(Rc::clone(&layer.tpl))));
            }
            overlay = layer.outer.as_ref();
        }
        self.set.tree(name).map(|tree| (Arc::clone(tree), None))
    }

    /// Executes a template by its name and gives what it prints, as `include` does. `nested` is how
    /// often a template may include itself.
    pub fn include(
        &mut self,
        name: &str,
        data: &Value,
        nested: usize,
    ) -> std::result::Result<Str, Failure> {
        let Some((tree, tpl)) = self.find(name) else {
            return Err(Failure::from(format!(
                "template: no template {} associated with template {}",
                tidegate_golang::quote(name.as_bytes()),
                tidegate_golang::quote(self.set.options().root.as_bytes())
            )));
        };
        let count = self.including.entry(name.into()).or_default();
        if *count > nested {
            return Err(Failure::from(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        *count += 1;
        let text = self.captured(&tree, tpl, data);
        if let Some(count) = self.including.get_mut(name) {
            *count -= 1;
        }
        text.map_err(Failure::from)
    }

    /// Executes a template, with its output apart.
    fn captured(&mut self, tree: &Tree, tpl: Option<Rc<TplText>>, data: &Value) -> Result<Str> {
        let outer = std::mem::replace(&mut self.out, TextBuilder::new(self.origins.is_on()));
        let action = self.action;
        let result = self.execute(tree, tpl, Val::of(data.clone()));
        self.action = action;
        let text = std::mem::replace(&mut self.out, outer);
        result?;
        self.memory = self.memory.saturating_add(text.len());
        Ok(text.finish())
    }

    /// Reads a text as a template and executes it, as `tpl` does. It sees the templates around it; what it
    /// defines is not seen outside.
    pub fn tpl(
        &mut self,
        text: &Str,
        origin: Origin,
        data: &Value,
    ) -> std::result::Result<Str, Failure> {
        let name = self.set.options().root.clone();
        let trees = match self.tpl_cache.get(text.as_bytes()) {
            Some(trees) => Rc::clone(trees),
            None => {
                let trees: Trees = self
                    .set
                    .read(&name, text.as_bytes().into(), FileId::NONE)
                    .map_err(|error| {
                        let shown = tidegate_golang::quote(text.as_bytes());
                        let message = format!("cannot parse template {shown}: {}", error.message);
                        Failure::new(ErrorKind::Execute, message)
                    })?;
                let trees = Rc::new(trees);
                self.tpl_cache
                    .insert(text.as_bytes().into(), Rc::clone(&trees));
                trees
            }
        };
        let Some(tree) = trees.get(&name).cloned() else {
            return Ok(Str::from(""));
        };
        let tpl = Rc::new(TplText {
            text: text.clone(),
            origin,
            at: self.action,
        });
        let outer = self.overlay.clone();
        self.overlay = Some(Rc::new(Overlay {
            trees,
            tpl: Rc::clone(&tpl),
            outer: outer.clone(),
        }));
        let result = self.captured(&tree, Some(tpl), data);
        self.overlay = outer;
        result
            .map(|text| self.without_no_value(text))
            .map_err(|error| {
                let shown = tidegate_golang::quote(text.as_bytes());
                Failure {
                    message: format!(
                        "error during tpl function execution for {shown}: {}",
                        error.message
                    ),
                    kind: error.kind,
                    inner: Some(error),
                    causes: Vec::new(),
                }
            })
    }

    /// Takes `<no value>` out, if that is asked for.
    pub(super) fn without_no_value(&self, text: Str) -> Str {
        const NO_VALUE: &[u8] = b"<no value>";
        if !self.set.options().hide_no_value {
            return text;
        }
        let mut found = memchr::memmem::find_iter(text.as_bytes(), NO_VALUE).peekable();
        if found.peek().is_none() {
            return text.clone();
        }
        let mut out = TextBuilder::new(self.origins.is_on());
        let mut from = 0;
        for at in found {
            out.push_slice(&text, from..at, Origin::NONE);
            from = at + NO_VALUE.len();
        }
        out.push_slice(&text, from..text.len(), Origin::NONE);
        out.finish()
    }

    /// The text of the action that is being executed.
    pub fn place(&self) -> Span {
        self.action
    }
}
