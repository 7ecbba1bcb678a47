package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocsREPL pipes every session block of docs/repl.md into tidemark, in a folder with
// the clicks, and compares what comes out with the text block that follows. -update
// writes what came out.
func TestDocsREPL(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "repl.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, at, tested := string(text), 0, 0
	var fresh strings.Builder
	list := blocks(page)
	for i, b := range list {
		if b.info != "session" || i+1 == len(list) || list[i+1].info != "text" {
			continue
		}
		tested++
		want := list[i+1]
		dir := t.TempDir()
		if err := copyFolder(filepath.Join("..", "..", "queries", "clicks"), dir); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("tidemark")
		cmd.Dir, cmd.Env, cmd.Stdin = dir, withoutTidemark(os.Environ()), strings.NewReader(b.text)
		got, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("line %d: %v", b.line, err)
		}
		if string(got) == want.text {
			continue
		}
		if !*update {
			t.Errorf("%s:%d: got\n%swant\n%s", path, b.line, got, want.text)
		}
		fresh.WriteString(page[at:want.start] + string(got))
		at = want.end
	}
	if tested == 0 {
		t.Errorf("%s has no sessions", path)
	}
	if *update && at > 0 {
		if err := os.WriteFile(path, []byte(fresh.String()+page[at:]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
