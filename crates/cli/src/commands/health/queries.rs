//! The templates of queries.

use std::collections::BTreeMap;
use std::sync::Arc;

use tidegate_gotemplate::{
    Failure, Fixed, Function, Functions, Host, Limits, MissingKey, Options, Origins, Set, Value,
};
use tidegate_health::metrics::Model;
use tidegate_source::FileId;

/// What Flagger lets templates of queries call, besides Go's own functions.
const FUNCTIONS: [Function; 8] = [
    Function::host("name", &[]),
    Function::host("namespace", &[]),
    Function::host("target", &[]),
    Function::host("service", &[]),
    Function::host("ingress", &[]),
    Function::host("route", &[]),
    Function::host("interval", &[]),
    Function::host("variables", &[]),
];

struct Named<'a>(&'a Model);

impl Host for Named<'_> {
    fn call(&mut self, name: &str, _: &[Value]) -> Result<Value, Failure> {
        let model = self.0;
        let text = match name {
            "name" => &model.name,
            "namespace" => &model.namespace,
            "target" => &model.target,
            "service" => &model.service,
            "ingress" => &model.ingress,
            "route" => &model.route,
            "interval" => &model.interval,
            _ => {
                let variables = model.variables.iter();
                let entries: BTreeMap<_, _> = variables
                    .map(|(name, value)| (name.as_str().into(), Value::from(value.as_str())))
                    .collect();
                return Ok(Value::map(entries));
            }
        };
        Ok(Value::from(text.as_str()))
    }

    fn now(&mut self) -> (i64, u32) {
        Fixed::default().now()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        Fixed::default().random(bytes);
    }
}

/// Executes the template of a query as Flagger does.
pub(super) fn rendered(query: &str, model: &Model) -> Result<String, String> {
    let options = Options {
        missing_key: MissingKey::Error,
        root: "tmpl".into(),
        ..Options::default()
    };
    let mut set = Set::new(Arc::new(Functions::go().with(&FUNCTIONS)), options);
    set.parse("tmpl", query.as_bytes(), FileId::NONE)
        .map_err(|error| error.message)?;
    let mut origins = Origins::off();
    let output = set.execute(
        "tmpl",
        &Value::NIL,
        &mut Named(model),
        &mut origins,
        &Limits::default(),
    );
    let output = output.map_err(|error| error.message)?;
    String::from_utf8(output.text).map_err(|_| "its query is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_templates_of_go() {
        let model = Model {
            namespace: "shop".to_owned(),
            target: "web".to_owned(),
            interval: "1m".to_owned(),
            variables: vec![("code".to_owned(), "5..".to_owned())],
            ..Model::default()
        };
        let check = |query: &str, expected: Result<&str, &str>| {
            let found = rendered(query, &model);
            match expected {
                Ok(expected) => assert_eq!(found.as_deref(), Ok(expected), "{query}"),
                Err(expected) => assert!(found.unwrap_err().contains(expected), "{query}"),
            }
        };
        check(
            r#"rate(x{ns="{{ namespace }}", pod=~"{{ target }}-.*", code=~"{{ variables.code }}"}[{{ interval }}])"#,
            Ok(r#"rate(x{ns="shop", pod=~"web-.*", code=~"5.."}[1m])"#),
        );
        check(r#"{{ index variables "code" }}"#, Ok("5.."));
        check(
            "{{ variables.gone }}",
            Err("map has no entry for key \"gone\""),
        );
        check("{{ replicas }}", Err("function \"replicas\" not defined"));
    }
}
