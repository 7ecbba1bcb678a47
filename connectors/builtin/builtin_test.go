package builtin

import (
	"strings"
	"testing"

	"tidemark/connectors"
)

// TestRegistry checks that every connector says what it is and that no two of
// its options share a name.
func TestRegistry(t *testing.T) {
	r := Registry()
	if got := strings.Join(r.Names(), " "); got != "datagen file kafka nexmark postgres redis sqlite stdin stdout" {
		t.Error(got)
	}
	for _, name := range r.Names() {
		c, _ := r.Lookup(name)
		if c.Doc == "" || c.NewSource == nil && c.NewSink == nil || c.NewSink != nil && c.AppendOnly == nil {
			t.Errorf("%s is incomplete", name)
		}
		seen := map[string]bool{}
		for _, o := range append(c.Options, connectors.EngineOptions()...) {
			if seen[o.Name] || o.Doc == "" || !o.Source && !o.Sink {
				t.Errorf("%s: option %s is given twice, undocumented or of no use", name, o.Name)
			}
			seen[o.Name] = true
		}
	}
	if r.Print == nil {
		t.Error("nothing prints results")
	}
	o := connectors.NewOptions(map[string]string{"connector": "file", "path": "x.csv", "fields.a.kind": "random"})
	if errs := r.Check("file", o, false); len(errs) != 1 || errs[0].Option != "fields.a.kind" {
		t.Error(errs)
	}
}
