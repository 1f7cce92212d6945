// Builds each folder named on the command line with kustomize's library, one after the other in one
// process: what kustomize costs when starting a process is taken out of the account.
package main

import (
	"fmt"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	disk := filesys.MakeFsOnDisk()
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	options.Reorder = krusty.ReorderOptionLegacy
	failed, printed := 0, 0
	for _, folder := range os.Args[1:] {
		resources, err := krusty.MakeKustomizer(options).Run(disk, folder)
		if err != nil {
			fmt.Fprintln(os.Stderr, folder+":", err)
			failed++
			continue
		}
		text, err := resources.AsYaml()
		if err != nil {
			fmt.Fprintln(os.Stderr, folder+":", err)
			failed++
			continue
		}
		if len(text) == 0 {
			continue
		}
		if printed > 0 {
			fmt.Println("---")
		}
		os.Stdout.Write(text)
		printed++
	}
	if failed > 0 {
		os.Exit(1)
	}
}
