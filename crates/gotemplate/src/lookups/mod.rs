//! What templates may look up in their data, found without executing them.
//!
//! All branches are walked, whatever their conditions, and what flows through variables, `with`,
//! `range`, `dict` and `include` is followed. Where it is not known what becomes of a value, such as of one that
//! goes to `toYaml`, all in it counts as looked up: rather too much than too little.

mod calls;
mod shape;
mod walk;

use std::collections::BTreeMap;

use tidegate_yaml::SmolStr;

pub use self::shape::Shape;
use self::walk::Walker;
use crate::set::Set;

/// A place in data: the end of a path of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(u32);

/// The keys that are looked up, as trees.
#[derive(Debug, Default)]
pub struct Lookups {
    places: Vec<Looked>,
}

#[derive(Debug, Default)]
struct Looked {
    keys: BTreeMap<SmolStr, PlaceId>,
    /// What is below any key or index.
    any: Option<PlaceId>,
    whole: bool,
}

impl Lookups {
    /// A place that is in no other.
    pub fn root(&mut self) -> PlaceId {
        self.places.push(Looked::default());
        PlaceId(self.places.len() as u32 - 1)
    }

    /// The place below a key, which counts as looked up from now on.
    pub fn below(&mut self, place: PlaceId, key: &str) -> PlaceId {
        if let Some(known) = self.looked(place).keys.get(key) {
            return *known;
        }
        let below = self.root();
        self.join(place, key, below);
        below
    }

    /// Says that what is below a key is a place that is known: two paths lead to it.
    pub fn join(&mut self, place: PlaceId, key: &str, below: PlaceId) {
        let keys = &mut self.places[place.0 as usize].keys;
        keys.insert(key.into(), below);
    }

    /// The place below every key and index.
    pub fn below_any(&mut self, place: PlaceId) -> PlaceId {
        if let Some(known) = self.looked(place).any {
            return known;
        }
        let below = self.root();
        self.places[place.0 as usize].any = Some(below);
        below
    }

    /// Says that all in a place may be looked up.
    pub fn take_whole(&mut self, place: PlaceId) {
        self.places[place.0 as usize].whole = true;
    }

    fn looked(&self, place: PlaceId) -> &Looked {
        &self.places[place.0 as usize]
    }

    /// Whether all in a place may be looked up.
    pub fn is_whole(&self, place: PlaceId) -> bool {
        self.looked(place).whole
    }

    /// The places that a key may lead to; empty where no template looks it up.
    pub fn at(&self, place: PlaceId, key: &str) -> Vec<PlaceId> {
        let looked = self.looked(place);
        let named = looked.keys.get(key).copied();
        named.into_iter().chain(looked.any).collect()
    }

    /// The keys that are named below a place, sorted.
    pub fn keys(&self, place: PlaceId) -> impl Iterator<Item = (&str, PlaceId)> {
        let keys = self.looked(place).keys.iter();
        keys.map(|(key, place)| (key.as_str(), *place))
    }

    /// Adds what the templates of a set look up, each with its data.
    pub fn add(&mut self, set: &Set, templates: &[(&str, Shape)]) {
        let mut walker = Walker::new(set, self);
        for (name, dot) in templates {
            walker.template(name, dot);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::FileId;

    use super::*;
    use crate::functions::Functions;
    use crate::set::Options;

    /// All paths below `.Values` that templates look up: `*` is any key, and `...` all below.
    fn check(text: &str, expected: &[&str]) {
        let mut set = Set::new(Arc::new(Functions::helm()), Options::default());
        set.parse("t", text.as_bytes(), FileId::NONE).unwrap();
        let mut lookups = Lookups::default();
        let values = lookups.root();
        let dot = Shape::map([("Values", Shape::place(values))]);
        lookups.add(&set, &[("t", dot)]);
        let mut paths = Vec::new();
        list(&lookups, values, String::new(), &mut paths);
        assert_eq!(paths, expected, "{text}");
    }

    fn list(lookups: &Lookups, place: PlaceId, path: String, paths: &mut Vec<String>) {
        let looked = lookups.looked(place);
        if looked.whole {
            paths.push(format!("{path}..."));
        } else if looked.keys.is_empty() && looked.any.is_none() {
            paths.push(path.clone());
        }
        let below = |key: &str| match path.is_empty() {
            true => key.to_owned(),
            false => format!("{path}.{key}"),
        };
        for (key, place) in &looked.keys {
            list(lookups, *place, below(key), paths);
        }
        if let Some(place) = looked.any {
            list(lookups, place, below("*"), paths);
        }
    }

    #[test]
    fn fields_and_scopes() {
        check("{{ .Values.a.b }}{{ $.Values.c }}", &["a.b...", "c..."]);
        check(
            "{{ if .Values.a }}{{ eq .Values.b.c 1 }}{{ end }}",
            &["a", "b.c"],
        );
        check(
            "{{ with .Values.a }}{{ .b }}{{ $.Values.c }}{{ else }}{{ .Values.d }}{{ end }}",
            &["a.b...", "c...", "d..."],
        );
        check("{{ range .Values.a }}{{ .b }}{{ end }}", &["a.*.b..."]);
        check(
            "{{ range $k, $v := .Values.a }}{{ $k }}{{ $v.b }}{{ end }}",
            &["a.*.b..."],
        );
        check("{{ $x := .Values.a }}{{ $x.b }}", &["a.b..."]);
        check(
            "{{ $x := .Values.a }}{{ if .Values.c }}{{ $x = .Values.b }}{{ end }}{{ $x.y }}",
            &["a.y...", "b.y...", "c"],
        );
    }

    #[test]
    fn functions() {
        check("{{ toYaml .Values.a | nindent 2 }}", &["a..."]);
        check(
            "{{ (default .Values.a .Values.b).c }}",
            &["a.c...", "b.c..."],
        );
        check("{{ (index .Values \"a-b\" \"c\").d }}", &["a-b.c.d..."]);
        check(
            "{{ get .Values.a \"b\" }}{{ hasKey .Values.a \"c\" }}",
            &["a.b...", "a.c"],
        );
        check("{{ dig \"a\" \"b\" 1 .Values }}", &["a.b..."]);
        check("{{ index .Values.a .Values.b }}", &["a.*...", "b..."]);
        check("{{ (.Values.a | deepCopy).b }}", &["a.b..."]);
        check(
            "{{ (merge (dict) .Values.a .Values.b).c }}",
            &["a.c...", "b.c..."],
        );
        check(
            "{{ (merge .Values.a .Values.b).c }}",
            &["a.c...", "b...", "b.c..."],
        );
        check("{{ first .Values.a | quote }}", &["a.*..."]);
        check("{{ range keys .Values.a }}{{ . }}{{ end }}", &["a.*"]);
    }

    #[test]
    fn templates_with_data() {
        check(
            "{{ define \"x\" }}{{ .Values.a }}{{ end }}{{ include \"x\" . }}",
            &["a..."],
        );
        check(
            "{{ define \"x\" }}{{ .v.b }}{{ .top.Values.c }}{{ end }}\
             {{ include \"x\" (dict \"v\" .Values.a \"top\" $) | nindent 2 }}",
            &["a.b...", "c..."],
        );
        check(
            "{{ define \"x\" }}{{ .a }}{{ template \"x\" .next }}{{ end }}{{ template \"x\" .Values }}",
            &["a...", "next.a...", "next.next..."],
        );
        check(
            "{{ define \"x\" }}{{ (index . 0).a }}{{ end }}{{ include \"x\" (list .Values.b 1) }}",
            &["b.a..."],
        );
        check("{{ include .Values.name .Values.a }}", &["a...", "name..."]);
        check("{{ tpl .Values.a . }}", &["a..."]);
    }
}
