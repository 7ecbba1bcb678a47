package operators_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestHeldIsComplete checks that every operator that saves a state can tell how much it
// remembers, but for those that remember one number.
func TestHeldIsComplete(t *testing.T) {
	single := map[string]bool{"AssignTime": true, "Limit": true, "Stamp": true}
	methods := map[string]map[string]bool{"Snapshot": {}, "Held": {}}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || methods[fn.Name.Name] == nil {
				continue
			}
			if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); ok {
				methods[fn.Name.Name][star.X.(*ast.Ident).Name] = true
			}
		}
	}
	for name := range methods["Snapshot"] {
		if !methods["Held"][name] && !single[name] && ast.IsExported(name) {
			t.Errorf("%s does not tell how much it remembers", name)
		}
	}
	if len(methods["Snapshot"]) < 12 {
		t.Errorf("only %d operators found", len(methods["Snapshot"]))
	}
}
