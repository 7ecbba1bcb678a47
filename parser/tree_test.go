package parser

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"tidemark/parser/source"
)

// treeText writes a tree without its places: every node's type and the fields
// that are set.
func treeText(node any) string {
	var b strings.Builder
	writeTree(&b, reflect.ValueOf(node))
	return b.String()
}

var placeTypes = map[reflect.Type]bool{reflect.TypeFor[Node](): true, reflect.TypeFor[At](): true, reflect.TypeFor[source.Span](): true}

func writeTree(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		switch n := v.Interface().(type) {
		case *Name:
			if n.Quoted {
				fmt.Fprintf(b, "%q", n.Text)
			} else {
				b.WriteString(n.Text)
			}
		case *Expr:
			writeTree(b, reflect.ValueOf(n.X))
		case *Ref:
			for i, part := range n.Parts {
				if i > 0 {
					b.WriteByte('.')
				}
				writeTree(b, reflect.ValueOf(part))
			}
		case *Literal:
			fmt.Fprintf(b, "%s:%s", [...]string{"null", "bool", "int", "dec", "dbl", "str"}[n.Kind], n.Text)
		default:
			writeTree(b, v.Elem())
		}
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(' ')
			}
			writeTree(b, v.Index(i))
		}
		b.WriteByte(']')
	case reflect.Struct:
		b.WriteString("(" + v.Type().Name())
		for i := range v.NumField() {
			if f := v.Type().Field(i); !placeTypes[f.Type] && !v.Field(i).IsZero() {
				b.WriteString(" " + f.Name + "=")
				writeTree(b, v.Field(i))
			}
		}
		b.WriteByte(')')
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprint(b, v.Interface())
	}
}

const treesFile = "testdata/trees.txt"

// TestTrees holds the trees of statements against the golden file: statements
// behind "===", their trees behind "---".
func TestTrees(t *testing.T) {
	raw, err := os.ReadFile(treesFile)
	if err != nil {
		t.Fatal(err)
	}
	var rewritten strings.Builder
	blocks := strings.Split("\n"+string(raw), "\n===\n")[1:]
	for _, block := range blocks {
		text, want, _ := strings.Cut(strings.TrimRight(block, "\n"), "\n---\n")
		script, errs := Parse(source.NewFile("q", text))
		if errs.HasErrors() || len(script.Statements) == 0 {
			t.Errorf("%s:\n%s", text, errs.Render())
			continue
		}
		var trees []string
		for _, s := range script.Statements {
			trees = append(trees, treeText(s))
		}
		got := strings.Join(trees, "\n")
		fmt.Fprintf(&rewritten, "===\n%s\n---\n%s\n\n", text, got)
		if !*update && got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
	if len(blocks) < 80 {
		t.Errorf("%d statements, want at least 80", len(blocks))
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(treesFile, []byte(rewritten.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
