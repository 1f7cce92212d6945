use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustc_hash::FxHashSet;
use tidegate_yaml::{Dialect, Entry, Node, Place, Scalar, ScalarKind, Style, Value, json_float};

use super::GoTypes;
use super::table::{Else, GoType, SCHEMA};
use crate::cel::time::Timestamp;
use crate::number::{Number, boolean, is_text};
use crate::quantity::rewritten;

/// A value does not fit its type.
struct Misfit;

type Read = Result<Node, Misfit>;

impl GoTypes {
    /// An object as kustomize-controller normalises it: one of Kubernetes' own kinds goes through its
    /// type, and all but definitions lose their status.
    pub fn normalised(&self, object: &Node) -> Node {
        let text = |field: &str| object.get(field).and_then(Node::as_str).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        // The controller passes these over, as their rules would be lost.
        if api_version == "rbac.authorization.k8s.io/v1" && matches!(kind, "Role" | "ClusterRole") {
            return object.clone();
        }
        let of = self.of_kind(api_version, kind);
        let typed = of.and_then(|of| self.read(&of, Some(object), &object.place).ok());
        let mut out = match typed {
            Some(mut typed) => {
                set_protocols(api_version, kind, &mut typed);
                if (api_version, kind) == ("v1", "Secret") {
                    fold_string_data(&mut typed);
                }
                typed
            }
            None => object.clone(),
        };
        let place = out.place.clone();
        if let Some(map) = out.as_map_mut() {
            if map.get("metadata").is_none() {
                let metadata = Node::map(Vec::new(), place.clone());
                map.insert(Node::str("metadata", place.clone()), metadata);
            }
            if let Some(metadata) = map.get_mut("metadata").and_then(Node::as_map_mut) {
                let key = Node::str("creationTimestamp", place.clone());
                metadata.insert(key, Node::null(place));
            }
            let is_definition = kind.eq_ignore_ascii_case("CustomResourceDefinition")
                && api_version.starts_with("apiextensions.k8s.io/");
            if !is_definition {
                map.remove("status");
            }
        }
        out
    }

    /// A value read into a type and written out again. A new value has the place of what it is in.
    fn read(&self, of: &GoType, value: Option<&Node>, owner: &Place) -> Read {
        let Some(node) = value.filter(|node| !node.is_null()) else {
            let place = value.map_or(owner, |node| &node.place);
            return self.zero(of, place);
        };
        match (of, &node.value) {
            (GoType::Pointer(inner), _) => self.read(inner, value, owner),
            (GoType::Raw, _) => Ok(node.clone()),
            (GoType::SchemaOr(_), Value::Map(map)) => {
                self.read_struct(SCHEMA, Some(map), &node.place)
            }
            (GoType::SchemaOr(Else::Schemas), Value::Seq(_)) => {
                let list = GoType::List(Box::new(GoType::Struct(SCHEMA)));
                self.read(&list, value, owner)
            }
            (GoType::SchemaOr(Else::Texts), Value::Seq(_)) => {
                self.read(&GoType::List(Box::new(GoType::Text)), value, owner)
            }
            (GoType::SchemaOr(Else::Truth), Value::Scalar(_)) => {
                self.read(&GoType::Truth, value, owner)
            }
            (GoType::Struct(name), Value::Map(map)) => {
                self.read_struct(name, Some(map), &node.place)
            }
            (GoType::Map(inner), Value::Map(map)) => {
                let entries = map.iter().map(|entry| {
                    Ok(Entry {
                        key: entry.key.clone(),
                        value: self.read(inner, Some(&entry.value), &node.place)?,
                    })
                });
                Ok(Node::map(
                    entries.collect::<Result<_, _>>()?,
                    node.place.clone(),
                ))
            }
            // A list of numbers is bytes too.
            (GoType::Bytes, Value::Seq(seq)) => {
                let byte = |item: &Node| match Number::of(item.as_scalar()?)? {
                    Number::Whole(value) => Some(value as u8),
                    Number::Double(_) => None,
                };
                let bytes: Option<Vec<u8>> = seq.iter().map(byte).collect();
                let text = STANDARD.encode(bytes.ok_or(Misfit)?);
                Ok(Node::str(text, node.place.clone()))
            }
            (GoType::List(inner), Value::Seq(seq)) => {
                let items = seq
                    .iter()
                    .map(|item| self.read(inner, Some(item), &node.place));
                Ok(Node::seq(
                    items.collect::<Result<_, _>>()?,
                    node.place.clone(),
                ))
            }
            (_, Value::Scalar(scalar)) if scalar.kind == ScalarKind::Opaque => match of {
                GoType::Struct(_) | GoType::List(_) | GoType::Map(_) => Err(Misfit),
                _ => Ok(node.clone()),
            },
            (_, Value::Scalar(scalar)) => read_scalar(of, node, &tagged(scalar)),
            _ => Err(Misfit),
        }
    }

    fn read_struct(&self, name: &str, map: Option<&tidegate_yaml::Map>, place: &Place) -> Read {
        let mut entries = Vec::new();
        for field in self.fields(name) {
            let entry = map.and_then(|map| map.entry(field.name));
            let value = self.read(&field.of, entry.map(|entry| &entry.value), place)?;
            let is_omitted = (field.omit_empty && is_empty(&field.of, &value))
                || (field.omit_zero && value.is_null());
            if !is_omitted {
                let key = match entry {
                    Some(entry) => entry.key.clone(),
                    None => Node::str(field.name, place.clone()),
                };
                entries.push(Entry { key, value });
            }
        }
        Ok(Node::map(entries, place.clone()))
    }

    /// What a type has where nothing is said.
    fn zero(&self, of: &GoType, place: &Place) -> Read {
        let place = place.clone();
        let plain = |text, kind| Node::scalar(text, kind, Style::Plain, place.clone());
        Ok(match of {
            GoType::Text => Node::str("", place),
            GoType::Whole(_) | GoType::Number | GoType::IntOrText => plain("0", ScalarKind::Int),
            GoType::Truth => plain("false", ScalarKind::Bool),
            GoType::Quantity => Node::str("0", place),
            GoType::Struct(name) => return self.read_struct(name, None, &place),
            _ => Node::null(place),
        })
    }
}

/// A scalar with the kind that it has once it is written and read again.
fn tagged(scalar: &Scalar) -> Scalar {
    Scalar {
        kind: scalar.kind_in(Dialect::GoYaml3),
        ..scalar.clone()
    }
}

fn read_scalar(of: &GoType, node: &Node, scalar: &Scalar) -> Read {
    let text = || {
        is_text(scalar)
            .then_some(scalar.text.as_str())
            .ok_or(Misfit)
    };
    let with_text = |text: String| match text == scalar.text.as_str() && is_text(scalar) {
        true => node.clone(),
        false => Node::str(text, node.place.clone()),
    };
    match of {
        GoType::Text => text().map(|_| node.clone()),
        GoType::Truth => boolean(scalar).map(|_| node.clone()).ok_or(Misfit),
        GoType::Whole(bits) => {
            let value = match Number::of(scalar).ok_or(Misfit)? {
                Number::Whole(value) => value,
                Number::Double(value) if value.fract() == 0.0 => value as i64,
                Number::Double(_) => return Err(Misfit),
            };
            // What is too large is cut off.
            let held = if *bits == 32 {
                i64::from(value as i32)
            } else {
                value
            };
            Ok(with_whole(node, scalar, held))
        }
        GoType::IntOrText if is_text(scalar) => Ok(node.clone()),
        GoType::IntOrText => match Number::of(scalar) {
            Some(Number::Whole(value)) if i32::try_from(value).is_ok() => {
                Ok(with_whole(node, scalar, value))
            }
            _ => Err(Misfit),
        },
        GoType::Bytes => {
            let text: String = text()?
                .chars()
                .filter(|c| !matches!(c, '\r' | '\n'))
                .collect();
            let bytes = STANDARD.decode(text).map_err(|_| Misfit)?;
            Ok(with_text(STANDARD.encode(bytes)))
        }
        GoType::Quantity => {
            let written = match Number::of(scalar) {
                Some(Number::Whole(value)) => value.to_string(),
                Some(Number::Double(value)) => json_float(value),
                None => text()?.trim().to_owned(),
            };
            rewritten(&written).map(with_text).map_err(|_| Misfit)
        }
        GoType::Time => {
            let mut time = Timestamp::parse_rfc3339(text()?).ok_or(Misfit)?;
            time.nanos = 0;
            Ok(with_text(time.to_rfc3339()))
        }
        GoType::MicroTime => {
            let text = text()?;
            let fraction = text.split_once('.').ok_or(Misfit)?.1;
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let mut time = Timestamp::parse_rfc3339(text).ok_or(Misfit)?;
            if digits != 6 {
                return Err(Misfit);
            }
            let micros = time.nanos / 1_000;
            time.nanos = 0;
            let whole = time.to_rfc3339();
            Ok(with_text(format!(
                "{}.{micros:06}Z",
                whole.trim_end_matches('Z')
            )))
        }
        GoType::Number => Number::of(scalar).map(|_| node.clone()).ok_or(Misfit),
        GoType::Raw => Ok(node.clone()),
        GoType::SchemaOr(_)
        | GoType::Pointer(_)
        | GoType::List(_)
        | GoType::Map(_)
        | GoType::Struct(_) => Err(Misfit),
    }
}

/// The node as it is where it holds that number, else one that does.
fn with_whole(node: &Node, scalar: &Scalar, value: i64) -> Node {
    match scalar.kind == ScalarKind::Int && Number::of(scalar) == Some(Number::Whole(value)) {
        true => node.clone(),
        false => {
            let text = value.to_string();
            Node::scalar(text, ScalarKind::Int, Style::Plain, node.place.clone())
        }
    }
}

/// Whether a value is left out of a field that is not written where it is empty.
fn is_empty(of: &GoType, value: &Node) -> bool {
    let scalar = value
        .as_scalar()
        .filter(|scalar| scalar.kind != ScalarKind::Opaque);
    match of {
        GoType::Text => scalar.is_some_and(|scalar| scalar.text.is_empty()),
        GoType::Whole(_) => scalar.and_then(Number::of) == Some(Number::Whole(0)),
        GoType::Truth => scalar.and_then(boolean) == Some(false),
        GoType::Bytes => scalar.is_some_and(|scalar| scalar.text.is_empty()) || value.is_null(),
        GoType::List(_) | GoType::Map(_) | GoType::Pointer(_) => match &value.value {
            _ if matches!(of, GoType::Pointer(_)) => value.is_null(),
            Value::Map(map) => map.is_empty(),
            Value::Seq(seq) => seq.is_empty(),
            Value::Scalar(_) => value.is_null(),
        },
        _ => false,
    }
}

/// Sets the protocol of ports that name none.
fn set_protocols(api_version: &str, kind: &str, object: &mut Node) {
    let path: &[&str] = match (api_version, kind) {
        ("v1", "Service") => return set_protocol(object.get_mut("spec")),
        ("v1", "Pod") => &["spec"],
        ("apps/v1", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch/v1", "Job") => &["spec", "template", "spec"],
        ("batch/v1", "CronJob") => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return,
    };
    let spec = path.iter().try_fold(object, |node, key| node.get_mut(key));
    let containers = spec.and_then(|spec| spec.get_mut("containers")?.as_seq_mut());
    if let Some(containers) = containers {
        for container in containers.items_mut() {
            set_protocol(Some(container));
        }
    }
}

/// The same for what has `ports`.
fn set_protocol(owner: Option<&mut Node>) {
    let ports = owner.and_then(|owner| owner.get_mut("ports")?.as_seq_mut());
    let Some(ports) = ports else {
        return;
    };
    for port in ports.items_mut() {
        let place = port.place.clone();
        if let Some(port) = port.as_map_mut()
            && port.get("protocol").is_none()
        {
            let key = Node::str("protocol", place.clone());
            port.insert(key, Node::str("TCP", place));
        }
    }
}

/// Moves the text of a Secret into its data.
fn fold_string_data(secret: &mut Node) {
    let place = secret.place.clone();
    let Some(map) = secret.as_map_mut() else {
        return;
    };
    let Some(texts) = map.remove("stringData") else {
        return;
    };
    if map.get("data").and_then(Node::as_map).is_none() {
        let data = Node::map(Vec::new(), texts.value.place.clone());
        map.insert(Node::str("data", place), data);
    }
    let data = map.get_mut("data").and_then(Node::as_map_mut);
    let (Some(data), Some(texts)) = (data, texts.value.as_map()) else {
        return;
    };
    let keys = texts.iter().filter_map(|entry| entry.key.text());
    let keys: FxHashSet<&str> = keys.collect();
    let data = data.entries_mut();
    data.retain(|entry| entry.key.text().is_none_or(|key| !keys.contains(key)));
    data.extend(texts.iter().map(|entry| Entry {
        key: entry.key.clone(),
        value: encoded(&entry.value),
    }));
}

fn encoded(value: &Node) -> Node {
    match value.as_scalar() {
        Some(scalar) if scalar.kind != ScalarKind::Opaque => {
            Node::str(STANDARD.encode(&scalar.text), value.place.clone())
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use tidegate_yaml::to_json;

    use super::*;
    use crate::json::read;

    #[track_caller]
    fn check(object: &str, expected: &str) {
        let object = read(object).unwrap();
        assert_eq!(
            to_json(&GoTypes::known().normalised(&object)).unwrap(),
            expected
        );
    }

    /// The spec of a Deployment before and after.
    #[track_caller]
    fn deployment(spec: &str, expected: &str) {
        let object = format!(
            r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"a"}},"spec":{spec}}}"#
        );
        let object = GoTypes::known().normalised(&read(&object).unwrap());
        assert_eq!(to_json(object.get("spec").unwrap()).unwrap(), expected);
    }

    #[test]
    fn what_the_type_does_not_have_is_lost_and_what_it_has_is_filled_in() {
        deployment(
            r#"{"replicaz":3,"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}}}"#,
            r#"{"selector":null,"strategy":{},"template":{"metadata":{},"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{}}]}}}"#,
        );
    }

    #[test]
    fn an_object_with_a_value_that_does_not_fit_stays_as_it_is() {
        let spec = r#"{"replicas":"3","replicaz":3}"#;
        deployment(spec, spec);
        deployment(
            r#"{"replicas":4294967299}"#,
            r#"{"replicas":3,"selector":null,"strategy":{},"template":{"metadata":{},"spec":{"containers":null}}}"#,
        );
    }

    #[test]
    fn values_in_their_one_form() {
        let resources = |quantity: &str| {
            let object = format!(
                r#"{{"apiVersion":"v1","kind":"ResourceQuota","metadata":{{"name":"a"}},"spec":{{"hard":{{"cpu":{quantity}}}}}}}"#
            );
            let object = GoTypes::known().normalised(&read(&object).unwrap());
            to_json(object.at(&["spec", "hard", "cpu"]).unwrap()).unwrap()
        };
        for (quantity, expected) in [
            ("0.5", "500m"),
            ("1", "1"),
            ("\"1024Mi\"", "1Gi"),
            ("null", "0"),
        ] {
            assert_eq!(resources(quantity), format!("\"{expected}\""));
        }
        let lease = r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"a"},"spec":{"renewTime":"2026-01-02T03:04:05.600000+01:00"}}"#;
        check(
            lease,
            r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"creationTimestamp":null,"name":"a"},"spec":{"renewTime":"2026-01-02T02:04:05.600000Z"}}"#,
        );
    }

    #[test]
    fn secrets_services_roles_and_others() {
        check(
            r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":"Yg==","c":"ZA=="},"stringData":{"a":"x"}}"#,
            r#"{"apiVersion":"v1","data":{"a":"eA==","c":"ZA=="},"kind":"Secret","metadata":{"creationTimestamp":null,"name":"a"}}"#,
        );
        check(
            r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":80}]},"status":{}}"#,
            r#"{"apiVersion":"v1","kind":"Service","metadata":{"creationTimestamp":null,"name":"a"},"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":0}]}}"#,
        );
        let role = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"a"},"status":{}}"#;
        check(role, role);
        check(
            r#"{"apiVersion":"example.com/v1","kind":"Thing","status":{"a":1}}"#,
            r#"{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"creationTimestamp":null}}"#,
        );
        check(
            r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{},"spec":{"versions":[{"name":"v1","schema":{"openAPIV3Schema":{"items":{"typo":1},"additionalProperties":false,"maximum":3}}}]}}"#,
            r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"creationTimestamp":null},"spec":{"group":"","names":{"kind":"","plural":""},"scope":"","versions":[{"name":"v1","schema":{"openAPIV3Schema":{"additionalProperties":false,"items":{},"maximum":3}},"served":false,"storage":false}]},"status":{"acceptedNames":{"kind":"","plural":""},"conditions":null,"storedVersions":null}}"#,
        );
    }
}
