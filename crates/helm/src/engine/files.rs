//! `.Files`: what a chart has beside its templates.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tidegate_gotemplate::{
    Call, Elem, Failure, Kind, List, Map, MapKind, Object, Origin, Str, Type, Value,
};
use tidegate_source::{FileId, Span};
use tidegate_yaml::{Place, SmolStr};

use super::glob::Glob;
use crate::chart::ChartFile;

/// Files by their names.
///
/// Source: `files` of `helm.sh/helm/v4/pkg/engine`.
#[derive(Clone, Debug)]
pub(super) struct Files(BTreeMap<SmolStr, Rc<ChartFile>>);

impl Files {
    pub(super) fn new(files: &[ChartFile]) -> Files {
        let files = files.iter();
        Files(
            files
                .map(|file| (file.name.clone(), Rc::new(file.clone())))
                .collect(),
        )
    }

    fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name).map_or(&[], |file| file.source.bytes())
    }

    /// The content of a file, which came from that file.
    fn text(&self, name: &str, call: &mut Call<'_>) -> Result<Value, Failure> {
        let bytes = self.bytes(name);
        call.reserve(bytes.len())?;
        let origin = self.origin(name, call);
        Ok(Value::from(Str::from(bytes)).with_origin(origin))
    }

    fn origin(&self, name: &str, call: &mut Call<'_>) -> Origin {
        let Some(file) = self.0.get(name) else {
            return Origin::NONE;
        };
        let id = file.source.id();
        if !id.is_some() || id == FileId::DETACHED {
            return Origin::NONE;
        }
        let whole = Span::new(id, 0, file.source.bytes().len());
        call.origins.place(&Place::at(whole))
    }

    /// The files by the last parts of their names: of equal ones, the last counts.
    fn as_yaml(
        &self,
        call: &mut Call<'_>,
        content: impl Fn(&[u8]) -> Str,
    ) -> Result<Value, Failure> {
        let mut entries = BTreeMap::new();
        for (name, file) in &self.0 {
            let bytes = file.source.bytes();
            call.reserve(bytes.len())?;
            let origin = self.origin(name, call);
            let value = Value::from(content(bytes)).with_origin(origin);
            entries.insert(SmolStr::from(base(name)), value);
        }
        let map = Value::from(Map::of(MapKind::Strings, entries));
        Ok(call.to_yaml(&map)?.into())
    }
}

/// The last part of a path.
fn base(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// A `[]uint8`.
fn bytes_value(bytes: &[u8]) -> Value {
    let items = bytes.iter().map(|byte| Kind::Uint8(*byte).into());
    List::new(items.collect(), Elem::Byte).into()
}

impl Object for Files {
    fn type_name(&self) -> Cow<'static, str> {
        "engine.files".into()
    }

    fn kind_name(&self) -> &'static str {
        "map"
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match self.0.contains_key(name) {
            true => bytes_value(self.bytes(name)),
            false => List::nil(Elem::Byte).into(),
        })
    }

    fn entries(&self) -> Option<Vec<(SmolStr, Value)>> {
        let names = self.0.keys();
        Some(
            names
                .map(|name| (name.clone(), bytes_value(self.bytes(name))))
                .collect(),
        )
    }

    fn method(&self, name: &str) -> Option<&'static [Type]> {
        match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => Some(&[Type::Str]),
            "AsConfig" | "AsSecrets" => Some(&[]),
            _ => None,
        }
    }

    fn call(&self, name: &str, args: &[Value], call: &mut Call<'_>) -> Result<Value, Failure> {
        let argument = args.first().and_then(Value::as_str);
        let argument = argument.map(Str::to_text).unwrap_or_default();
        match name {
            "Get" => self.text(&argument, call),
            "GetBytes" => {
                let bytes = self.bytes(&argument);
                call.reserve(bytes.len().saturating_mul(size_of::<Value>()))?;
                Ok(bytes_value(bytes))
            }
            "Glob" => {
                let glob = Glob::new(&argument);
                let matching = self.0.iter().filter(|(name, _)| glob.matches(name));
                let matching = matching.map(|(name, content)| (name.clone(), Rc::clone(content)));
                Ok(Value::object(Files(matching.collect())))
            }
            "Lines" => {
                let bytes = self.bytes(&argument);
                call.reserve(bytes.len().saturating_mul(2))?;
                let origin = self.origin(&argument, call);
                let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
                let none = self.bytes(&argument).is_empty();
                let lines = bytes.split(|byte| *byte == b'\n').filter(|_| !none);
                Ok(Value::strings(lines.map(|line| {
                    Value::from(Str::from(line)).with_origin(origin)
                })))
            }
            "AsConfig" => self.as_yaml(call, |bytes| Str::from(bytes)),
            "AsSecrets" => self.as_yaml(call, |bytes| STANDARD.encode(bytes).into()),
            _ => Err(format!("there is no method {name}").into()),
        }
    }

    fn display(&self) -> String {
        let mut out = String::from("map[");
        for (i, (name, content)) in self.0.iter().enumerate() {
            if i > 0 {
                out.push(' ');
            }
            let bytes = content.source.bytes().iter();
            let bytes: Vec<String> = bytes.map(u8::to_string).collect();
            out.push_str(&format!("{name}:[{}]", bytes.join(" ")));
        }
        out.push(']');
        out
    }

    fn to_data(&self) -> Value {
        let content = |bytes: &[u8]| Value::from(Str::from(STANDARD.encode(bytes)));
        let entries = self
            .0
            .keys()
            .map(|name| (name.clone(), content(self.bytes(name))));
        Value::map(entries.collect())
    }

    fn is_nil(&self) -> bool {
        self.0.is_empty()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
