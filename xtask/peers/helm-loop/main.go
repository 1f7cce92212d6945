// Renders the cases of the conformance suite helm with helm's engine, one after the other in one process: what
// helm costs when starting a process and reading charts is taken out of the account. Prints the seconds of CPU
// that the engine took, for all cases together.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/cli"
	"helm.sh/helm/v4/pkg/cli/values"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/getter"
)

type options struct {
	Chart, Release, Namespace       string
	Values, Set, SetString, SetJson []string
	KubeVersion                     *string
	ApiVersions                     []string
	IsUpgrade, SkipSchemaValidation bool
}

func main() {
	suite := os.Args[1]
	folders, err := os.ReadDir(filepath.Join(suite, "cases"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var took time.Duration
	rendered, refused := 0, 0
	for _, folder := range folders {
		if render(suite, folder.Name(), &took) == nil {
			rendered++
		} else {
			refused++
		}
	}
	fmt.Fprintln(os.Stderr, rendered, "rendered,", refused, "refused")
	fmt.Println(took.Seconds())
}

// Renders a case, and adds the time that the engine takes.
func render(suite, name string, took *time.Duration) error {
	folder := filepath.Join(suite, "cases", name)
	raw, err := os.ReadFile(filepath.Join(folder, "case.json"))
	if err != nil {
		return err
	}
	var c options
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	given := values.Options{Values: c.Set, StringValues: c.SetString, JSONValues: c.SetJson}
	for _, file := range c.Values {
		given.ValueFiles = append(given.ValueFiles, filepath.Join(folder, file))
	}
	merged, err := given.MergeValues(getter.All(cli.New()))
	if err != nil {
		return err
	}
	// What was rendered before leaves its traces in a chart.
	chart, err := loader.Load(filepath.Join(suite, "charts", c.Chart))
	if err != nil {
		return err
	}
	if err := chartutil.ProcessDependencies(chart, merged); err != nil {
		return err
	}
	capabilities := *common.DefaultCapabilities
	if c.KubeVersion != nil {
		version, err := common.ParseKubeVersion(*c.KubeVersion)
		if err != nil {
			return err
		}
		capabilities.KubeVersion = *version
	}
	capabilities.APIVersions = append(append(common.VersionSet{}, capabilities.APIVersions...), c.ApiVersions...)
	release := common.ReleaseOptions{
		Name: c.Release, Namespace: c.Namespace, Revision: 1, IsInstall: !c.IsUpgrade, IsUpgrade: c.IsUpgrade,
	}
	top, err := commonutil.ToRenderValuesWithSchemaValidation(chart, merged, release, &capabilities, c.SkipSchemaValidation)
	if err != nil {
		return err
	}
	start := used()
	_, err = engine.Render(chart, top)
	*took += used() - start
	return err
}

// The CPU that this process has used.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
