//! `.Capabilities`.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;

use tidegate_gotemplate::{Call, Elem, Failure, List, Object, Str, Type, Value};

use crate::asked_apis::AskedApis;
use crate::capabilities::{Capabilities, KubeVersion};

/// `*common.Capabilities`.
#[derive(Debug)]
pub(super) struct CapabilitiesObject {
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
    shown: String,
    asked: RefCell<AskedApis>,
}

impl CapabilitiesObject {
    pub(super) fn new(capabilities: &Capabilities) -> CapabilitiesObject {
        let versions = capabilities.api_versions.iter();
        let versions = versions.map(|version| Value::from(version.as_str()));
        let kube_version = KubeVersionObject(capabilities.kube_version.clone());
        let helm_version = HelmVersion(capabilities.helm_version.clone());
        CapabilitiesObject {
            shown: format!(
                "&{{{} [{}] {}}}",
                kube_version.fields(),
                capabilities.api_versions.join(" "),
                helm_version.display()
            ),
            kube_version: Value::object(kube_version),
            api_versions: List::new(versions.collect(), Elem::VersionSet).into(),
            helm_version: Value::object(helm_version),
            asked: RefCell::default(),
        }
    }

    /// What templates asked of the list of APIs so far.
    pub(super) fn asked(&self) -> AskedApis {
        self.asked.borrow().clone()
    }
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> Cow<'static, str> {
        "*common.Capabilities".into()
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(self.kube_version.clone()),
            "APIVersions" => {
                *self.asked.borrow_mut() = AskedApis::anything();
                Some(self.api_versions.clone())
            }
            "HelmVersion" => Some(self.helm_version.clone()),
            _ => None,
        }
    }

    fn method_of_field(&self, field: &str, name: &str) -> Option<&'static [Type]> {
        (field == "APIVersions" && name == "Has").then_some(&[Type::Str])
    }

    fn call(&self, _: &str, args: &[Value], _: &mut Call<'_>) -> Result<Value, Failure> {
        let text = |value: &Value| value.as_str().map(Str::to_text).unwrap_or_default();
        let wanted = text(&args[0]);
        self.asked.borrow_mut().add(&wanted);
        let list = self.api_versions.as_list();
        let mut all = list.into_iter().flat_map(|list| &list.items);
        Ok(all.any(|api| text(api) == wanted).into())
    }

    fn display(&self) -> String {
        *self.asked.borrow_mut() = AskedApis::anything();
        self.shown.clone()
    }

    fn to_data(&self) -> Value {
        let fields = ["KubeVersion", "APIVersions", "HelmVersion"];
        let field = |name: &str| Some((name.into(), self.field(name)?));
        Value::map(fields.into_iter().filter_map(field).collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `common.KubeVersion`.
#[derive(Debug)]
struct KubeVersionObject(KubeVersion);

impl KubeVersionObject {
    fn fields(&self) -> String {
        let version = &self.0;
        format!(
            "{{{} {} {} {}}}",
            version.version, version.normalized, version.major, version.minor
        )
    }
}

impl Object for KubeVersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        "common.KubeVersion".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(self.0.version.as_str().into()),
            "Major" => Some(self.0.major.as_str().into()),
            "Minor" => Some(self.0.minor.as_str().into()),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static [Type]> {
        matches!(name, "String" | "GitVersion").then_some(&[])
    }

    fn call(&self, name: &str, _: &[Value], _: &mut Call<'_>) -> Result<Value, Failure> {
        Ok(match name {
            "String" => self.0.normalized.as_str().into(),
            _ => self.0.version.as_str().into(),
        })
    }

    fn display(&self) -> String {
        self.0.normalized.clone()
    }

    fn display_as_argument(&self) -> String {
        self.fields()
    }

    fn to_data(&self) -> Value {
        let fields = ["Version", "Major", "Minor"];
        let field = |name: &str| Some((name.into(), self.field(name)?));
        Value::map(fields.into_iter().filter_map(field).collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `version.BuildInfo`, of which only the version is known.
#[derive(Debug)]
struct HelmVersion(String);

impl Object for HelmVersion {
    fn type_name(&self) -> Cow<'static, str> {
        "version.BuildInfo".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(self.0.as_str().into()),
            "GitCommit" | "GitTreeState" | "GoVersion" | "KubeClientVersion" => Some("".into()),
            _ => None,
        }
    }

    fn display(&self) -> String {
        format!("{{{}    }}", self.0)
    }

    fn to_data(&self) -> Value {
        Value::map([("version".into(), self.0.as_str().into())].into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
