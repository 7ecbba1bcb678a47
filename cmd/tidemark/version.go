package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCmd is tidemark version.
type versionCmd struct{}

// Help is the part of tidemark version --help below the usage.
func (*versionCmd) Help() string {
	return `Examples:

    tidemark version
    tidemark --version`
}

// Run prints the version.
func (*versionCmd) Run(c *console) error {
	fmt.Fprintf(c.stdout, "tidemark %s (%s, %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// versionText is the version given at the build, else the commit that Go recorded.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return "dev-" + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return "dev"
}
