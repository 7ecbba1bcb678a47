package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The rules of who may import whom. Each rule is for a folder and everything
// below it, unless a folder further down has a rule of its own. A path that ends
// in /* allows everything below it too. The packages that only carry values
// (operators/data, planner/catalog, parser/source) are free for the rooms whose
// work is to hand them from one contract to another: build, engine and cmd.
var rooms = []struct {
	folder string
	allows string // packages of this module
	libs   string // packages of others
}{
	{"parser/source", "", ""},
	{"operators/data", "", ""},
	{"operators/clock", "", ""},
	{"parser", "parser/source", "github.com/alecthomas/participle/v2/*"},
	{"operators/expr", "operators/data parser/source", "github.com/cockroachdb/apd/v3 github.com/cespare/xxhash/v2 github.com/zeebo/xxh3"},
	{"operators/agg", "operators/data", "github.com/axiomhq/hyperloglog github.com/DataDog/sketches-go/*"},
	{"operators/window", "operators/data", ""},
	{"operators/state", "operators/data", "github.com/zeebo/xxh3 github.com/cockroachdb/pebble/v2"},
	{"operators/watermark", "operators/data operators/clock", ""},
	{"operators/optest", "operators operators/data operators/state", ""},
	{"operators", "operators/*", ""},
	{"connectors/builtin", "connectors/*", ""},
	{"connectors/format", "connectors operators/data", "github.com/valyala/fastjson github.com/parquet-go/parquet-go/* github.com/twmb/avro/* github.com/twmb/avro github.com/bufbuild/protocompile github.com/bufbuild/protocompile/* google.golang.org/protobuf/* github.com/twmb/franz-go/pkg/sr"},
	{"connectors/sqldb", "connectors connectors/format operators/data", "modernc.org/sqlite modernc.org/sqlite/* github.com/jackc/pgx/v5 github.com/jackc/pgx/v5/*"},
	{"connectors/kafka", "connectors connectors/format operators/data", "github.com/segmentio/kafka-go github.com/segmentio/kafka-go/* github.com/klauspost/compress/* github.com/pierrec/lz4/v4"},
	{"connectors/redis", "connectors connectors/format operators/data", "github.com/redis/go-redis/v9"},
	{"connectors/stdio", "connectors connectors/format operators/data", "github.com/mattn/go-runewidth"},
	{"connectors", "connectors connectors/format operators/data", ""},
	{"planner/catalog", "operators/data parser/source", ""},
	{"planner/plan", "operators/data operators/expr operators/agg operators/window planner/catalog parser/source", ""},
	{"planner", "parser parser/source planner/catalog planner/plan operators/data operators/expr operators/agg operators/window", ""},
	{"runtime/dataflow", "operators operators/data operators/watermark operators/clock connectors", ""},
	{"runtime/checkpoint", "operators/state operators/data operators/clock connectors", ""},
	{"runtime/build", "planner/plan planner/catalog operators operators/data operators/expr operators/watermark connectors runtime/dataflow", ""},
	{"runtime/querytest", "parser parser/source planner planner/catalog planner/plan runtime/build runtime/dataflow runtime/engine connectors connectors/format operators operators/data operators/clock operators/watermark", ""},
	{"runtime/engine", "parser parser/source planner/* runtime/* connectors operators/clock operators/data", "github.com/jedib0t/go-pretty/v6/*"},
	{"cmd", "cmd/* runtime/engine runtime/querytest connectors/builtin parser parser/source", "github.com/alecthomas/kong github.com/chzyer/readline github.com/jedib0t/go-pretty/v6/* github.com/mattn/go-isatty github.com/mattn/go-runewidth github.com/dustin/go-humanize golang.org/x/term github.com/vbauerster/mpb/* github.com/alecthomas/chroma/v2/* github.com/rogpeppe/go-internal/diff"},
}

const module = "tidemark/"

// checkImport says why the package in a folder may not import another; "" when it
// may. Packages of the standard library are free for all.
func checkImport(folder, path string) string {
	first, _, _ := strings.Cut(path, "/")
	inner, isOurs := strings.CutPrefix(path, module)
	if !isOurs && !strings.Contains(first, ".") {
		return ""
	}
	for _, r := range rooms {
		if folder != r.folder && !strings.HasPrefix(folder, r.folder+"/") {
			continue
		}
		allowed, target := r.libs, path
		if isOurs {
			allowed, target = r.allows, inner
		}
		if allows(allowed, target) {
			return ""
		}
		if allowed == "" {
			allowed = "none"
		}
		return fmt.Sprintf("%s may not import %s; what it may import of its kind: %s", folder, target, allowed)
	}
	return fmt.Sprintf("no rule says what %s may import; it is no room of the architecture", folder)
}

func allows(list, path string) bool {
	for _, a := range strings.Fields(list) {
		below, wild := strings.CutSuffix(a, "/*")
		if path == below || wild && strings.HasPrefix(path, below+"/") {
			return true
		}
	}
	return false
}

// checkFile returns what is wrong with the imports of a file in a folder of the
// module. Tests are free, but for the commands.
func checkFile(folder, name string, src any) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, "_test.go") {
			if strings.HasPrefix(path, module+"cmd/") {
				wrong = append(wrong, "a test of "+folder+" may not import the command "+path)
			}
			continue
		}
		if why := checkImport(folder, path); why != "" {
			wrong = append(wrong, why)
		}
	}
	return wrong, nil
}

func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "vendor") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		folder = filepath.ToSlash(folder)
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		wrong, err := checkFile(folder, path, src)
		for _, w := range wrong {
			t.Errorf("%s: %s", path, w)
		}
		seen[folder] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 5 {
		t.Fatalf("only %d packages were found from %s", len(seen), root)
	}
}

// The test above must be able to fail.
func TestImportRules(t *testing.T) {
	for _, c := range []struct {
		folder, path string
		ok           bool
	}{
		{"operators/data", "sort", true},
		{"operators/data", "tidemark/operators/expr", false},
		{"operators/data", "github.com/zeebo/xxh3", false},
		{"parser", "github.com/alecthomas/participle/v2/lexer", true},
		{"parser", "tidemark/planner", false},
		{"planner", "github.com/alecthomas/participle/v2", false},
		{"planner", "tidemark/connectors", false},
		{"planner", "tidemark/operators", false},
		{"operators", "tidemark/planner/plan", false},
		{"operators", "tidemark/operators/agg", true},
		{"connectors/file", "tidemark/connectors/format", true},
		{"connectors/file", "tidemark/connectors/sqldb", false},
		{"connectors/file", "tidemark/operators/expr", false},
		{"connectors/sqldb", "modernc.org/sqlite", true},
		{"connectors/file", "modernc.org/sqlite", false},
		{"runtime/dataflow", "tidemark/planner/plan", false},
		{"runtime/build", "tidemark/planner/plan", true},
		{"cmd/tidemark", "tidemark/runtime/engine", true},
		{"cmd/tidemark", "tidemark/planner", false},
		{"pkg/util", "tidemark/operators/data", false},
	} {
		if why := checkImport(c.folder, c.path); (why == "") != c.ok {
			t.Errorf("%s importing %s: allowed should be %v: %s", c.folder, c.path, c.ok, why)
		}
	}
	src := "package data\n\nimport (\n\t\"fmt\"\n\t\"tidemark/runtime/engine\"\n)\n"
	if wrong, err := checkFile("operators/data", "bad.go", src); err != nil || len(wrong) != 1 || !strings.Contains(wrong[0], "runtime/engine") {
		t.Errorf("a forbidden import was not caught: %q, %v", wrong, err)
	}
	test := "package data\n\nimport \"tidemark/runtime/engine\"\n"
	if wrong, err := checkFile("operators/data", "bad_test.go", test); err != nil || len(wrong) != 0 {
		t.Errorf("a test was held to the rules: %q, %v", wrong, err)
	}
	test = "package data\n\nimport \"tidemark/cmd/tidemark\"\n"
	if wrong, err := checkFile("operators/data", "bad_test.go", test); err != nil || len(wrong) != 1 {
		t.Errorf("a test that imports a command was not caught: %q, %v", wrong, err)
	}
}

// Every rule names folders in the order in which they must be tried: the inner
// before the outer.
func TestImportRulesOrder(t *testing.T) {
	for i, r := range rooms {
		for _, later := range rooms[i+1:] {
			if strings.HasPrefix(later.folder, r.folder+"/") {
				t.Errorf("the rule for %s hides the one for %s", r.folder, later.folder)
			}
		}
	}
}
