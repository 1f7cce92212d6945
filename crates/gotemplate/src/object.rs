//! Values of types of their own, and the types of parameters.

use std::borrow::Cow;
use std::fmt;

use tidegate_yaml::SmolStr;

use crate::functions::{Call, Failure};
use crate::value::{Elem, Kind, MapKind, Value};

/// A value of a type that only Go code makes: a struct, a time, a version.
pub trait Object: fmt::Debug {
    /// Go's name of the type, such as `time.Time`.
    fn type_name(&self) -> Cow<'static, str>;

    /// Go's name of the kind, such as `struct` or `ptr`.
    fn kind_name(&self) -> &'static str {
        "struct"
    }

    /// The value of a field.
    fn field(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// How many arguments a method takes; none where there is no such method.
    fn method(&self, name: &str) -> Option<&'static [Type]> {
        let _ = name;
        None
    }

    /// How many arguments a method of a field takes that the object answers itself: [`Object::call`] is then
    /// called with the name of that method. None where the value of the field has the method.
    fn method_of_field(&self, field: &str, name: &str) -> Option<&'static [Type]> {
        let _ = (field, name);
        None
    }

    /// Calls a method with as many arguments as it takes.
    fn call(&self, name: &str, args: &[Value], call: &mut Call<'_>) -> Result<Value, Failure> {
        let _ = (args, call);
        Err(Failure::from(format!("there is no method {name}")))
    }

    /// The entries, where its kind is a map: what `range`, `len` and `index` see.
    fn entries(&self) -> Option<Vec<(SmolStr, Value)>> {
        None
    }

    /// What `{{ . }}` prints.
    fn display(&self) -> String;

    /// What functions print of it, where that is something else: Go calls a method of a pointer only where
    /// the value can be pointed to.
    fn display_as_argument(&self) -> String {
        self.display()
    }

    /// What it is in JSON and YAML.
    fn to_data(&self) -> Value {
        Value::from(self.display())
    }

    /// Whether it counts as empty for `default` and `empty`, and as false for `if`: a nil pointer.
    fn is_nil(&self) -> bool {
        false
    }

    /// The number it stands for, where its kind is a whole number, such as `time.Month`.
    fn as_int(&self) -> Option<i64> {
        None
    }

    /// For functions that take this very type.
    fn as_any(&self) -> &dyn std::any::Any;
}

/// The types that functions declare for their arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`
    Any,
    /// `reflect.Value`: any value, told apart from a missing one.
    Reflect,
    /// `string`
    Str,
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `uint32`: constants alone are of this type.
    Uint32,
    /// `float64`
    Float,
    /// `bool`
    Bool,
    /// `map[string]interface {}`
    Map,
    /// `[]interface {}`
    List,
    /// `[]string`
    Strs,
    /// A type of an [`Object`], by its name.
    Object(&'static str),
}

impl Type {
    /// Go's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Any => "interface {}",
            Type::Reflect => "reflect.Value",
            Type::Str => "string",
            Type::Int => "int",
            Type::Int64 => "int64",
            Type::Uint32 => "uint32",
            Type::Float => "float64",
            Type::Bool => "bool",
            Type::Map => "map[string]interface {}",
            Type::List => "[]interface {}",
            Type::Strs => "[]string",
            Type::Object(name) => name,
        }
    }

    /// Whether `nil` is a value of it.
    pub fn can_be_nil(self) -> bool {
        match self {
            Type::Any | Type::Reflect | Type::Map | Type::List | Type::Strs => true,
            Type::Object(name) => name.starts_with('*'),
            _ => false,
        }
    }

    /// Whether a value that is not nil is of this type.
    pub fn takes(self, value: &Kind) -> bool {
        match (self, value) {
            (Type::Any | Type::Reflect, _)
            | (Type::Str, Kind::Str(_))
            | (Type::Int, Kind::Int(_))
            | (Type::Int64, Kind::Int64(_))
            | (Type::Float, Kind::Float(_))
            | (Type::Bool, Kind::Bool(_)) => true,
            (Type::Map, Kind::Map(map)) => map.kind != MapKind::Strings,
            (Type::List, Kind::List(list)) => list.elem == Elem::Any,
            (Type::Strs, Kind::List(list)) => matches!(list.elem, Elem::Str | Elem::VersionSet),
            (Type::Object(name), Kind::Object(object)) => object.type_name() == name,
            _ => false,
        }
    }
}
