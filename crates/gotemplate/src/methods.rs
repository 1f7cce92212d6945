//! Methods of the named maps and lists that Helm hands to templates.

use std::rc::Rc;

use crate::exec::Call;
use crate::functions::Failure;
use crate::object::Type;
use crate::value::{Elem, Kind, Map, MapKind, Value};
use tidegate_golang::quote;

/// A method of `common.Values` or `common.VersionSet`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    AsMap,
    Table,
    Yaml,
    Has,
}

impl Method {
    /// The method of that name, if values of this kind have it.
    pub(crate) fn find(of: &Kind, name: &str) -> Option<Method> {
        match (of, name) {
            (Kind::Map(map), _) if map.kind == MapKind::Values => match name {
                "AsMap" => Some(Method::AsMap),
                "Table" => Some(Method::Table),
                "YAML" => Some(Method::Yaml),
                _ => None,
            },
            (Kind::List(list), "Has") if list.elem == Elem::VersionSet => Some(Method::Has),
            _ => None,
        }
    }

    pub(crate) fn params(self) -> &'static [Type] {
        match self {
            Method::AsMap | Method::Yaml => &[],
            Method::Table | Method::Has => &[Type::Str],
        }
    }

    pub(crate) fn call(
        self,
        receiver: &Value,
        args: &[Value],
        call: &mut Call<'_>,
    ) -> Result<Value, Failure> {
        match (self, &receiver.kind) {
            (Method::AsMap, Kind::Map(map)) => {
                Ok(Value::from(Kind::Map(plain(map))).with_origin(receiver.origin))
            }
            (Method::Table, _) => table(receiver, &args[0], call),
            (Method::Yaml, _) => Ok(crate::funcs::yaml::write_line(call, receiver)?.into()),
            (Method::Has, Kind::List(list)) => {
                let wanted = args[0].as_str().map(|text| text.as_bytes());
                let has = list
                    .items
                    .iter()
                    .any(|item| item.as_str().map(|text| text.as_bytes()) == wanted);
                Ok(has.into())
            }
            _ => Ok(Value::NIL),
        }
    }
}

fn plain(map: &Rc<Map>) -> Rc<Map> {
    Rc::clone(map.underlying().unwrap_or(map))
}

/// The map at a path of keys with points between them.
fn table(receiver: &Value, path: &Value, call: &mut Call<'_>) -> Result<Value, Failure> {
    let path = path.as_str().map(|text| text.to_text()).unwrap_or_default();
    let mut found = receiver.clone();
    for key in path.split('.') {
        let next = found.as_map().and_then(|map| map.get(key));
        found = match next {
            Some(next) if is_table(&next) => next,
            _ => return Err(format!("{} is not a table", quote(key.as_bytes())).into()),
        };
        call.origins.mark_read(found.origin);
    }
    let Some(map) = found.as_map() else {
        return Ok(found);
    };
    Ok(Value::from(Map::values(plain(map))).with_origin(found.origin))
}

fn is_table(value: &Value) -> bool {
    value
        .as_map()
        .is_some_and(|map| map.kind != MapKind::Strings)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::FileId;

    use super::*;
    use crate::value::List;
    use crate::{Fixed, Functions, Limits, Options, Origins, Set};

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let kid = Rc::new(Map::new([("a".into(), 1.5.into())].into()));
        let root = Rc::new(Map::new(
            [("kid".into(), Kind::Map(Rc::clone(&kid)).into())].into(),
        ));
        let data = Value::map(
            [
                ("Values".into(), Map::values(root).into()),
                ("Kid".into(), Map::values(kid).into()),
                (
                    "Versions".into(),
                    List::new(vec!["v1".into()], Elem::VersionSet).into(),
                ),
            ]
            .into(),
        );
        let mut set = Set::new(Arc::new(Functions::helm()), Options::default());
        set.parse("t", template.as_bytes(), FileId::NONE).unwrap();
        let output = set.execute(
            "t",
            &data,
            &mut Fixed::default(),
            &mut Origins::off(),
            &Limits::default(),
        );
        let text = match output {
            Ok(output) => String::from_utf8(output.text).unwrap(),
            Err(error) => error.reason,
        };
        assert_eq!(text, expected, "{template}");
    }

    #[test]
    fn values_have_a_type_and_methods() {
        check(
            "{{ typeOf .Values }} {{ kindOf .Values }}",
            "common.Values map",
        );
        check(
            "{{ typeOf .Values.AsMap }} {{ .Values.YAML }}",
            "map[string]interface {} kid:\n  a: 1.5\n",
        );
        check(r#"{{ (.Values.Table "kid").a }}"#, "1.5");
        check(
            r#"{{ .Values.Table "x.y" }}"#,
            r#"error calling Table: "x" is not a table"#,
        );
        check(
            r#"{{ dig "a" 1 .Kid }}"#,
            "error calling dig: interface conversion: interface {} is common.Values, not map[string]interface {}",
        );
        check(r#"{{ dig "a" 1 .Kid.AsMap }}"#, "1.5");
    }

    #[test]
    fn large_numbers_as_yaml() {
        check(
            "{{ toYaml 1000000.0 }} {{ toYamlPretty 1000000.0 }}",
            "1000000 1e+06",
        );
        check(
            "{{ toYamlPretty 2.0 }} {{ toYamlPretty 1000000 }}",
            "2 1000000",
        );
    }

    #[test]
    fn a_chart_and_its_parent_see_the_same_map() {
        check(
            r#"{{ $_ := set .Kid "b" 2 }}{{ .Values.kid.b }} {{ typeOf $_ }}"#,
            "2 map[string]interface {}",
        );
    }

    #[test]
    fn versions_are_a_list_that_can_be_asked() {
        check(
            r#"{{ .Versions.Has "v1" }} {{ .Versions.Has "v2" }} {{ has "v1" .Versions }}"#,
            "true false true",
        );
        check(
            r#"{{ range .Versions }}{{ . }}{{ end }} {{ join "," .Versions }}"#,
            "v1 v1",
        );
    }
}
