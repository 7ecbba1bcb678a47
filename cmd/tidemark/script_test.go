package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden files of the scripts from what comes out")

// programs are the programs that tests may start, which are this one.
var programs = map[string]func(){"tidemark": main}

func TestMain(m *testing.M) { testscript.Main(m, programs) }

// TestScript runs the command line scripts of testdata/script. Each finds the
// clicks in the folder clicks.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(withoutTidemark(env.Vars), "COLUMNS=80")
			return copyFolder(filepath.Join("..", "..", "queries", "clicks"), filepath.Join(env.WorkDir, "clicks"))
		},
	})
}

// withoutTidemark drops variables that would set flags.
func withoutTidemark(vars []string) []string {
	var kept []string
	for _, v := range vars {
		if !strings.HasPrefix(v, "TIDEMARK_") {
			kept = append(kept, v)
		}
	}
	return kept
}

// copyFolder copies the files of a folder into a new one.
func copyFolder(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}
