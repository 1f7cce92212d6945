//! What functions do with their arguments.

use tidegate_yaml::SmolStr;

use super::Shape;
use super::walk::{Scope, Walker};
use crate::ast::{Arg, ArgKind};

/// An argument: how it is written, unless it came through the pipeline, and what it is.
struct Given<'a> {
    arg: Option<&'a Arg>,
    shape: Shape,
}

impl Given<'_> {
    /// The text of a literal.
    fn literal(&self) -> Option<SmolStr> {
        match &self.arg?.kind {
            ArgKind::String(text, _) => Some(text.to_text()),
            _ => None,
        }
    }
}

impl Walker<'_> {
    /// What a function gives; `last` is what comes through the pipeline.
    pub(super) fn call(
        &mut self,
        name: &str,
        args: &[Arg],
        last: Option<Shape>,
        scope: &mut Scope,
    ) -> Shape {
        let mut given: Vec<Given<'_>> = Vec::with_capacity(args.len() + 1);
        for arg in args {
            let shape = self.arg(arg, scope);
            given.push(Given {
                arg: Some(arg),
                shape,
            });
        }
        given.extend(last.map(|shape| Given { arg: None, shape }));
        match name {
            // These look at a value, but not into it.
            "not" | "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "empty" | "kindIs" | "kindOf"
            | "typeIs" | "typeOf" | "typeIsLike" => Shape::nothing(),
            "and" | "or" | "default" | "coalesce" | "ternary" | "required" | "concat" | "rest"
            | "mustRest" | "initial" | "mustInitial" | "reverse" | "mustReverse" | "uniq"
            | "mustUniq" | "compact" | "mustCompact" | "without" | "mustWithout" | "slice"
            | "mustSlice" | "omit" | "unset" | "sortAlpha" => self.any_of(&given),
            "deepCopy" | "mustDeepCopy" => self.any_of(&given).copied(),
            "merge" | "mustMerge" | "mergeOverwrite" | "mustMergeOverwrite" => self.merge(&given),
            "dict" => self.dict(&given),
            "list" | "tuple" => Shape::list(self.any_of(&given)),
            "append" | "mustAppend" | "push" | "mustPush" | "prepend" | "mustPrepend" => {
                let Some((list, items)) = given.split_first() else {
                    return Shape::nothing();
                };
                let items = Shape::list(self.any_of(items));
                list.shape.clone().or(&items, self.lookups)
            }
            "first" | "mustFirst" | "last" | "mustLast" | "values" => {
                let all = self.any_of(&given).below_any(self.lookups);
                match name {
                    "values" => Shape::list(all),
                    _ => all,
                }
            }
            "keys" | "len" => {
                self.any_of(&given).below_any(self.lookups);
                Shape::nothing()
            }
            "index" | "get" => match given.split_first() {
                Some((map, path)) => self.path(map.shape.clone(), path),
                None => Shape::nothing(),
            },
            "hasKey" => {
                if let Some((map, path)) = given.split_first() {
                    self.path(map.shape.clone(), path);
                }
                Shape::nothing()
            }
            "dig" => {
                let Some((map, rest)) = given.split_last() else {
                    return Shape::nothing();
                };
                let Some((default, path)) = rest.split_last() else {
                    return Shape::nothing();
                };
                let found = self.path(map.shape.clone(), path);
                found.or(&default.shape, self.lookups)
            }
            "pluck" => match given.split_first() {
                Some((key, maps)) => {
                    let maps = self.any_of(maps);
                    Shape::list(self.path(maps, std::slice::from_ref(key)))
                }
                None => Shape::nothing(),
            },
            "pick" => self.pick(&given),
            "set" => self.set_key(&given),
            "include" => self.include(&given),
            "tpl" => {
                // What the text looks up is known once it is executed.
                if let Some((text, rest)) = given.split_first() {
                    text.shape.take_whole(self.lookups);
                    for one in rest {
                        one.shape.take_places(self.lookups);
                    }
                }
                Shape::nothing()
            }
            _ => {
                for one in &given {
                    one.shape.take_whole(self.lookups);
                }
                Shape::nothing()
            }
        }
    }

    fn any_of(&mut self, given: &[Given<'_>]) -> Shape {
        let mut shapes = given.iter().map(|one| &one.shape);
        let Some(first) = shapes.next() else {
            return Shape::nothing();
        };
        shapes.fold(first.clone(), |all, one| all.or(one, self.lookups))
    }

    fn merge(&mut self, given: &[Given<'_>]) -> Shape {
        let Some((into, others)) = given.split_first() else {
            return Shape::nothing();
        };
        if into.shape.is_shared() {
            // What is read of the first from now on may be of the others.
            for one in others {
                one.shape.take_whole(self.lookups);
            }
        }
        let all = self.any_of(given);
        match into.shape.is_shared() {
            true => all,
            false => all.copied(),
        }
    }

    fn dict(&mut self, given: &[Given<'_>]) -> Shape {
        let mut all = Shape::map([]);
        for pair in given.chunks(2) {
            let [key, value] = pair else {
                continue;
            };
            match key.literal() {
                Some(key) => {
                    let one = Shape::map([(key.as_str(), value.shape.clone())]);
                    all = all.or(&one, self.lookups);
                }
                None => {
                    key.shape.take_whole(self.lookups);
                    value.shape.take_whole(self.lookups);
                }
            }
        }
        all
    }

    /// What is below keys, which may not be known.
    fn path(&mut self, mut shape: Shape, path: &[Given<'_>]) -> Shape {
        for step in path {
            shape = match step.literal() {
                Some(key) => shape.below(&key, self.lookups),
                None => {
                    step.shape.take_whole(self.lookups);
                    shape.below_any(self.lookups)
                }
            };
        }
        shape
    }

    fn pick(&mut self, given: &[Given<'_>]) -> Shape {
        let Some((map, keys)) = given.split_first() else {
            return Shape::nothing();
        };
        let mut all = Shape::map([]);
        for key in keys {
            let below = self.path(map.shape.clone(), std::slice::from_ref(key));
            match key.literal() {
                Some(key) => all = all.or(&Shape::map([(key.as_str(), below)]), self.lookups),
                None => return map.shape.clone(),
            }
        }
        all
    }

    fn set_key(&mut self, given: &[Given<'_>]) -> Shape {
        let [map, key, value] = given else {
            return self.any_of(given);
        };
        // Whoever reads the map from now on may read the value.
        value.shape.take_whole(self.lookups);
        match key.literal() {
            Some(key) => {
                let one = Shape::map([(key.as_str(), value.shape.clone())]);
                map.shape.clone().or(&one, self.lookups)
            }
            None => map.shape.clone(),
        }
    }

    fn include(&mut self, given: &[Given<'_>]) -> Shape {
        let [name, dot] = given else {
            return Shape::nothing();
        };
        match name.literal() {
            Some(name) => self.template(&name, &dot.shape),
            None => {
                // Another whole template, most often: those are walked in any case.
                name.shape.take_whole(self.lookups);
                dot.shape.take_places(self.lookups);
            }
        }
        Shape::nothing()
    }
}
