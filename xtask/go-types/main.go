// Prints the Go types that Flux decodes the kinds of Kubernetes into: `d TYPE FIELD:TYPE:FLAGS ...` for each
// struct, `k APIVERSION KIND TYPE` for each kind. A field with flag `e` is left out where it is empty, one with
// `z` where it is zero.
package main

import (
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

// Types that say themselves how they are read and written.
var own = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():    "quantity",
	reflect.TypeFor[metav1.Time]():          "time",
	reflect.TypeFor[metav1.MicroTime]():     "microtime",
	reflect.TypeFor[metav1.Duration]():      "duration",
	reflect.TypeFor[intstr.IntOrString]():   "intstr",
	reflect.TypeFor[runtime.RawExtension](): "raw",
	reflect.TypeFor[metav1.FieldsV1]():      "raw",

	reflect.TypeFor[apiextensions.JSON]():                         "raw",
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrBool]():        "schema-or-bool",
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrArray]():       "schema-or-list",
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrStringArray](): "schema-or-strings",
}

var structs = map[reflect.Type][][3]string{}

func name(t reflect.Type) string {
	path := t.PkgPath()
	for _, prefix := range []string{"k8s.io/api/", "k8s.io/apimachinery/pkg/apis/", "k8s.io/apiextensions-apiserver/pkg/apis/"} {
		path = strings.TrimPrefix(path, prefix)
	}
	return path + "." + t.Name()
}

// The notation of a type: `*` is a pointer, `[]` a list, `{}` a map, `#` a struct.
func notation(t reflect.Type) string {
	if word, ok := own[t]; ok {
		return word
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + notation(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + notation(t.Elem())
	case reflect.Map:
		return "{}" + notation(t.Elem())
	case reflect.Struct:
		visit(t)
		return "#" + name(t)
	case reflect.Interface, reflect.Array, reflect.Chan, reflect.Func:
		fmt.Fprintln(os.Stderr, "no notation for", t)
		os.Exit(1)
	}
	return t.Kind().String()
}

func visit(t reflect.Type) {
	if _, ok := structs[t]; ok {
		return
	}
	structs[t] = nil
	structs[t] = fields(t)
}

func fields(t reflect.Type) (out [][3]string) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		if tag[0] == "-" {
			continue
		}
		if tag[0] == "" && field.Anonymous {
			out = append(out, fields(field.Type)...)
			continue
		}
		flag := ""
		for _, word := range tag[1:] {
			switch word {
			case "omitempty":
				flag += "e"
			case "omitzero":
				flag += "z"
			}
		}
		out = append(out, [3]string{tag[0], notation(field.Type), flag})
	}
	return out
}

func main() {
	// kustomize-controller reads definitions too.
	if err := apiextensions.AddToScheme(scheme.Scheme); err != nil {
		panic(err)
	}
	var lines []string
	for gvk, t := range scheme.Scheme.AllKnownTypes() {
		_, isObject := reflect.New(t).Interface().(metav1.Object)
		if gvk.Version == runtime.APIVersionInternal || !isObject {
			continue
		}
		visit(t)
		lines = append(lines, fmt.Sprintf("k %s %s %s", gvk.GroupVersion(), gvk.Kind, name(t)))
	}
	for t, fields := range structs {
		line := "d " + name(t)
		for _, field := range fields {
			line += " " + strings.TrimRight(strings.Join(field[:], ":"), ":")
		}
		lines = append(lines, line)
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}
