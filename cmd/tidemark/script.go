package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// scripts are the flags and arguments that say which scripts a command is about.
type scripts struct {
	Execute *string           `short:"e" placeholder:"SQL" help:"The script itself."`
	Define  map[string]string `short:"D" mapsep:"none" placeholder:"NAME=VALUE" help:"Value of $${NAME} in the script. May be repeated."`
	Files   []string          `arg:"" optional:"" name:"file" help:"Scripts, each run on its own; - is standard input."`
}

// script is one script to work on.
type script struct {
	file *source.File
	// dir is the folder that its relative paths start from, "" for the working
	// directory.
	dir   string
	stdin bool // it was read from standard input
}

// isTest reports whether the script is a query test.
func (s script) isTest() bool { return strings.HasSuffix(s.file.Name, parser.TestSuffix) }

// load reads the scripts, and warns of variables that none of them uses. An error
// has been printed.
func (s *scripts) load(c *console) ([]script, error) {
	list, err := s.read(c)
	if err == nil {
		c.diagnostics(s.unused(list))
	}
	return list, err
}

// unused warns of the values of -D that have no use: a name that is not spelled as
// in the script would leave a default in force.
func (s *scripts) unused(list []script) source.List {
	var used []string
	for _, x := range list {
		used = append(used, source.Variables(x.file)...)
	}
	var problems source.List
	for _, name := range slices.Sorted(maps.Keys(s.Define)) {
		if slices.Contains(used, name) {
			continue
		}
		hint := "leave it out, or write ${" + name + "} in the script"
		if near := source.Near(name, used); near != "" {
			hint = "did you mean -D " + near + "=" + s.Define[name] + "?"
		}
		problems.Warnf(nil, source.Span{}, hint, "-D %s is not used: there is no ${%s}", name, name)
	}
	return problems
}

func (s *scripts) read(c *console) ([]script, error) {
	if s.Execute != nil {
		if len(s.Files) > 0 {
			return nil, exitError(c.fail(exitWrong, "give either -e or files, not both", ""))
		}
		return []script{{file: source.NewFile("-e", *s.Execute)}}, nil
	}
	files := s.Files
	if len(files) == 0 {
		if isTerminal(os.Stdin) {
			return nil, exitError(c.fail(exitWrong, "there is no script", "name a file, give -e SQL, or pipe a script in"))
		}
		files = []string{"-"}
	}
	var list []script
	for _, name := range files {
		if name == "-" {
			text, err := io.ReadAll(c.stdin)
			if err != nil {
				return nil, exitError(c.fail(exitFailed, "standard input cannot be read: "+reason(err), ""))
			}
			list = append(list, script{file: source.NewFile("<stdin>", string(text)), stdin: true})
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			message, hint := unreadable(name, err)
			return nil, exitError(c.fail(exitWrong, message, hint))
		}
		list = append(list, script{file: source.NewFile(name, string(text)), dir: engine.BaseDir(name)})
	}
	return list, nil
}

// unreadable says why a script cannot be read, and names the one that was most
// likely meant.
func unreadable(name string, err error) (message, hint string) {
	info, statErr := os.Stat(name)
	switch {
	case statErr == nil && info.IsDir():
		return fmt.Sprintf("%s is a folder, not a script", name), nearScript(name, "")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("there is no file %s", name), nearScript(filepath.Dir(name), filepath.Base(name))
	}
	return fmt.Sprintf("%s cannot be read: %s", name, reason(err)), ""
}

// nearScript names the scripts of a folder, or the one whose name is near base.
func nearScript(dir, base string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sql") && (base != "" || !strings.HasSuffix(e.Name(), parser.TestSuffix)) {
			names = append(names, e.Name())
		}
	}
	if near := source.Near(base, names); near != "" && base != "" {
		return "did you mean " + filepath.Join(dir, near) + "?"
	}
	if len(names) == 0 || len(names) > 8 {
		return ""
	}
	return "the scripts there are " + strings.Join(names, ", ")
}

// reason returns an operating system's error without the name of the call.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// taken is the standard input of a script that was itself read from there.
type taken struct{}

func (taken) Read([]byte) (int, error) {
	return 0, errors.New("standard input holds the script; name the script as a file to read rows from there")
}
