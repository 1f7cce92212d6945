use tidegate_yaml::{Node, Value};

use crate::cel::{Budget, Verdict, check_rule};
use crate::fault::{FaultKind, Faults};
use crate::opaque::has_opaque;
use crate::path::Path;
use crate::structural::{Rule, SchemaRef};

/// Checks the rules of a schema, from the outside in. Where they cost too much, they end.
pub(super) fn check(schema: SchemaRef<'_>, object: &Node, faults: &mut Faults) {
    let mut walk = Walk {
        budget: Budget::default(),
        faults,
    };
    walk.value(schema, object, &Path::Root, true);
}

struct Walk<'f> {
    budget: Budget,
    faults: &'f mut Faults,
}

impl Walk<'_> {
    /// Whether to go on.
    fn value(
        &mut self,
        schema: SchemaRef<'_>,
        node: &Node,
        path: &Path<'_>,
        resource: bool,
    ) -> bool {
        if node.is_null() || !schema.below().rules {
            return true;
        }
        for rule in &schema.node().rules {
            let verdict = check_rule(rule, schema, resource, node, None, &mut self.budget);
            // What it depends on may be unknown.
            if verdict != Verdict::Met && has_opaque(node) {
                continue;
            }
            let (message, ends) = match verdict {
                Verdict::Met => continue,
                Verdict::NotMet(message) => (message, false),
                Verdict::EvalError(message) => (message, false),
                Verdict::CompileError(reason) => (format!("rule compile error: {reason}"), false),
                Verdict::TooCostly(message) => (message, true),
            };
            self.report(rule, node, path, message);
            if ends {
                return false;
            }
        }
        match &node.value {
            Value::Map(map) => map.iter().all(|entry| {
                let Some(key) = entry.key.text() else {
                    return true;
                };
                match (schema.property(key), schema.additional()) {
                    (Some(part), _) => {
                        self.value(part, &entry.value, &path.field(key), part.embedded)
                    }
                    (None, Some(part)) => {
                        self.value(part, &entry.value, &path.key(key), part.embedded)
                    }
                    (None, None) => true,
                }
            }),
            Value::Seq(seq) => {
                let Some(items) = schema.items() else {
                    return true;
                };
                let mut numbered = seq.iter().enumerate();
                numbered.all(|(index, item)| {
                    self.value(items, item, &path.index(index), items.embedded)
                })
            }
            Value::Scalar(_) => true,
        }
    }

    fn report(&mut self, rule: &Rule, node: &Node, path: &Path<'_>, message: String) {
        let field = rule.field_path.trim_start_matches('.');
        match field {
            "" => self.faults.push(FaultKind::Rule, path, node, message),
            field => {
                let names: Vec<&str> = field.split('.').collect();
                let at = node.at(&names).unwrap_or(node);
                self.faults
                    .push(FaultKind::Rule, &path.field(field), at, message);
            }
        }
    }
}
