package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestQuickstart runs the commands of the pages for new users one after the other, in
// one shell, and compares what each prints. What stands for time in it may differ.
func TestQuickstart(t *testing.T) {
	runPage(t, filepath.Join("..", "..", "README.md"), 1)
	runPage(t, filepath.Join("..", "..", "docs", "quickstart.md"), 10)
}

// runPage runs the commands of a page, as many as it is to have.
func runPage(t *testing.T, path string, want int) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	dir := t.TempDir() // a clone that was built
	program, err := exec.LookPath("tidemark")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(dir, "tidemark")); err != nil {
		t.Fatal(err)
	}
	clicks := filepath.Join(dir, "queries", "clicks")
	if err := os.MkdirAll(clicks, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := copyFolder(filepath.Join("..", "..", "queries", "clicks"), clicks); err != nil {
		t.Fatal(err)
	}
	var fresh strings.Builder
	at, ran := 0, 0
	for _, b := range blocks(page) {
		if b.info == "console setup" {
			ran += strings.Count("\n"+b.text, "\n$ ")
		}
		if b.info != "console" {
			continue
		}
		got := ""
		for _, command := range commands(b.text) {
			ran++
			got += "$ " + command + runShell(t, &dir, command)
		}
		if timeless(got) == timeless(b.text) {
			continue
		}
		if !*update {
			t.Errorf("%s:%d: got\n%swant\n%s", path, b.line, got, b.text)
		}
		fresh.WriteString(page[at:b.start] + got)
		at = b.end
	}
	if ran != want {
		t.Errorf("%s has %d commands, and should have %d", path, ran, want)
	}
	if *update && at > 0 {
		if err := os.WriteFile(path, []byte(fresh.String()+page[at:]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// commands returns the commands of a block, each with the here-document that follows.
func commands(text string) []string {
	var list []string
	rest := text
	for {
		_, after, ok := strings.Cut("\n"+rest, "\n$ ")
		if !ok {
			return list
		}
		line, _, _ := strings.Cut(after, "\n")
		end := len(line) + 1
		if _, mark, here := strings.Cut(line, "<<'"); here {
			mark = strings.TrimSuffix(mark, "'")
			end = strings.Index(after, "\n"+mark+"\n") + len(mark) + 2
		}
		list = append(list, after[:end])
		rest = after[end:]
	}
}

// runShell runs a command in dir, which becomes the folder that it ends in.
func runShell(t *testing.T, dir *string, command string) string {
	t.Helper()
	where := filepath.Join(t.TempDir(), "where")
	cmd := exec.Command("sh", "-c", command+"\npwd >"+where)
	cmd.Dir, cmd.Env = *dir, withoutTidemark(os.Environ())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", command, err)
	}
	if now, err := os.ReadFile(where); err == nil {
		*dir = strings.TrimSpace(string(now))
	}
	return string(out)
}

var (
	spentTime = regexp.MustCompile(`\b[0-9.]+ ?(s|ms|µs)\b`)
	pace      = regexp.MustCompile(`, [0-9.]+ ?[kM]? ?rows/s`)
)

// timeless is text without how long things took.
func timeless(text string) string {
	return pace.ReplaceAllString(spentTime.ReplaceAllString(text, "0 s"), "")
}
