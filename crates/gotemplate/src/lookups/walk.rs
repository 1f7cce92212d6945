//! The walk through templates.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_yaml::SmolStr;

use super::{Lookups, Shape};
use crate::ast::{Arg, ArgKind, Branch, Command, Node, Pipe, Tree, Variable};
use crate::set::Set;

/// A template that is called with more kinds of data than this is not walked again.
const MOST_CALLS: usize = 64;

/// Nor is one that is within itself so many times.
const MOST_RECURSIONS: u32 = 2;

/// Nor is one that is called within so many blocks and templates.
const DEEPEST: u32 = 120;

pub(super) struct Walker<'w> {
    set: &'w Set,
    pub(super) lookups: &'w mut Lookups,
    /// The data with which templates were walked.
    walked: FxHashMap<SmolStr, FxHashSet<Shape>>,
    /// How often templates are being walked.
    open: FxHashMap<SmolStr, u32>,
    depth: u32,
}

/// One template with its data.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) dot: Shape,
    root: Shape,
    variables: FxHashMap<u32, Shape>,
    /// Grows when a variable may be more than before.
    changes: u32,
}

impl<'w> Walker<'w> {
    pub(super) fn new(set: &'w Set, lookups: &'w mut Lookups) -> Walker<'w> {
        Walker {
            set,
            lookups,
            walked: FxHashMap::default(),
            open: FxHashMap::default(),
            depth: 0,
        }
    }

    /// Walks a template that is called with some data.
    pub(super) fn template(&mut self, name: &str, dot: &Shape) {
        let Some(tree) = self.set.tree(name) else {
            dot.take_places(self.lookups);
            return;
        };
        let tree: Arc<Tree> = Arc::clone(tree);
        let walked = self.walked.entry(name.into()).or_default();
        if walked.contains(dot) {
            return;
        }
        let open = self.open.entry(tree.name.clone()).or_default();
        let is_deep = *open >= MOST_RECURSIONS || self.depth >= DEEPEST;
        if walked.len() >= MOST_CALLS || is_deep {
            dot.take_whole(self.lookups);
            return;
        }
        walked.insert(dot.clone());
        *open += 1;
        let mut scope = Scope {
            dot: dot.clone(),
            root: dot.clone(),
            variables: FxHashMap::default(),
            changes: 0,
        };
        self.nodes(&tree.root, &mut scope);
        if let Some(open) = self.open.get_mut(&tree.name) {
            *open -= 1;
        }
    }

    fn nodes(&mut self, nodes: &[Node], scope: &mut Scope) {
        self.depth += 1;
        for node in nodes {
            match node {
                Node::Text { .. } | Node::Break(_) | Node::Continue(_) => {}
                Node::Action(action) => {
                    let shape = self.pipe(&action.pipe, scope);
                    if action.pipe.variables.is_empty() {
                        shape.take_whole(self.lookups);
                    }
                }
                Node::If(branch) => {
                    self.pipe(&branch.pipe, scope);
                    self.nodes(&branch.body, scope);
                    self.otherwise(branch, scope);
                }
                Node::With(branch) => {
                    let shape = self.pipe(&branch.pipe, scope);
                    self.within(&branch.body, shape, scope);
                    self.otherwise(branch, scope);
                }
                Node::Range(branch) => self.range(branch, scope),
                Node::Template(template) => {
                    let dot = match &template.pipe {
                        Some(pipe) => self.pipe(pipe, scope),
                        None => Shape::nothing(),
                    };
                    self.template(&template.name, &dot);
                }
            }
        }
        self.depth -= 1;
    }

    fn otherwise(&mut self, branch: &Branch, scope: &mut Scope) {
        if let Some(nodes) = &branch.otherwise {
            self.nodes(nodes, scope);
        }
    }

    fn within(&mut self, nodes: &[Node], dot: Shape, scope: &mut Scope) {
        let before = std::mem::replace(&mut scope.dot, dot);
        self.nodes(nodes, scope);
        scope.dot = before;
    }

    fn range(&mut self, branch: &Branch, scope: &mut Scope) {
        // What the variables of a range get is not what the pipeline gives.
        let all = self.commands(&branch.pipe.commands, scope);
        let item = all.below_any(self.lookups);
        let variables = &branch.pipe.variables;
        if let Some(variable) = variables.last() {
            self.bind(variable, item.clone(), scope);
        }
        if let [key, _] = variables.as_slice() {
            self.bind(key, Shape::nothing(), scope);
        }
        let changes = scope.changes;
        self.within(&branch.body, item.clone(), scope);
        if scope.changes != changes {
            // The next turn sees what this one assigned.
            self.within(&branch.body, item, scope);
        }
        self.otherwise(branch, scope);
    }

    /// What a pipeline gives, which its variables get.
    fn pipe(&mut self, pipe: &Pipe, scope: &mut Scope) -> Shape {
        let shape = self.commands(&pipe.commands, scope);
        for variable in &pipe.variables {
            self.bind(variable, shape.clone(), scope);
        }
        shape
    }

    /// A variable keeps what it was: the branch that sets it may not be taken.
    fn bind(&mut self, variable: &Variable, shape: Shape, scope: &mut Scope) {
        let before = scope.variables.remove(&variable.id).unwrap_or_default();
        let all = before.clone().or(&shape, self.lookups);
        if all != before {
            scope.changes += 1;
        }
        scope.variables.insert(variable.id, all);
    }

    fn commands(&mut self, commands: &[Command], scope: &mut Scope) -> Shape {
        let mut last: Option<Shape> = None;
        for command in commands {
            last = Some(self.command(command, last, scope));
        }
        last.unwrap_or_default()
    }

    fn command(&mut self, command: &Command, last: Option<Shape>, scope: &mut Scope) -> Shape {
        let Some((first, rest)) = command.args.split_first() else {
            return Shape::nothing();
        };
        match &first.kind {
            ArgKind::Identifier(name, _) => self.call(name, rest, last, scope),
            _ => {
                let shape = self.arg(first, scope);
                // A field with arguments is a method, such as `.Files.Get`.
                for arg in rest {
                    self.arg(arg, scope).take_whole(self.lookups);
                }
                if let Some(last) = last {
                    last.take_whole(self.lookups);
                }
                shape
            }
        }
    }

    /// What an operand gives.
    pub(super) fn arg(&mut self, arg: &Arg, scope: &mut Scope) -> Shape {
        match &arg.kind {
            ArgKind::Bool(_) | ArgKind::Nil | ArgKind::Number(_) | ArgKind::String(..) => {
                Shape::nothing()
            }
            ArgKind::Dot => scope.dot.clone(),
            ArgKind::Field(fields) => self.fields(scope.dot.clone(), fields),
            ArgKind::Variable(variable, fields) => {
                let shape = match variable.name.as_str() {
                    "$" => scope.root.clone(),
                    _ => scope
                        .variables
                        .get(&variable.id)
                        .cloned()
                        .unwrap_or_default(),
                };
                self.fields(shape, fields)
            }
            ArgKind::Identifier(name, _) => self.call(name, &[], None, scope),
            ArgKind::Pipe(pipe) => self.pipe(pipe, scope),
            ArgKind::Chain(arg, fields) => {
                let shape = self.arg(arg, scope);
                self.fields(shape, fields)
            }
        }
    }

    fn fields(&mut self, mut shape: Shape, fields: &[SmolStr]) -> Shape {
        for field in fields {
            shape = shape.below(field, self.lookups);
        }
        shape
    }
}
