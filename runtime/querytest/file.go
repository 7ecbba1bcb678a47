// Package querytest runs query tests: scripts whose sources are fed, whose sinks are
// captured and whose time is virtual, with statements that say what is expected.
package querytest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
)

// file is a test file, cut into what its tests have in common and the tests.
type file struct {
	source *source.File
	// scripts are those that LOAD names, then what the file itself declares.
	scripts []*parser.Script
	// setup are the statements before the first TEST that each test begins with.
	setup []*parser.Statement
	tests []*test
}

// test is a TEST and the statements up to the next.
type test struct {
	name  string
	at    source.Span
	steps []*parser.Statement
	// declares are its own CREATEs.
	declares []*parser.Statement
}

// Find returns the test files that a path names: a file, or all files *.test.sql below
// a folder, in the order of their names.
func Find(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	var list []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != path && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(p, parser.TestSuffix):
			list = append(list, p)
		}
		return nil
	})
	return list, err
}

// load parses a test file and the scripts that it loads.
func load(name, text string) (*file, source.List) {
	f := &file{source: source.NewFile(name, text)}
	script, problems := parser.ParseTest(f.source)
	if problems.HasErrors() {
		return nil, problems
	}
	own := &parser.Script{File: f.source}
	var current *test
	for _, s := range script.Statements {
		switch {
		case s.Load != nil && current != nil:
			problems.Errorf(f.source, s.Span(), "move it there", "LOAD stands before the first TEST")
		case s.Load != nil:
			loaded, more := f.loadScript(s.Load)
			problems = append(problems, more...)
			if loaded != nil {
				f.scripts = append(f.scripts, loaded)
			}
		case s.Test != nil:
			if i := slices.IndexFunc(f.tests, func(t *test) bool { return t.name == s.Test.Name.Value }); i >= 0 {
				problems.Errorf(f.source, s.Test.Name.Span(), "give one of them another name", "there is a test '%s' already", s.Test.Name.Value)
			}
			current = &test{name: s.Test.Name.Value, at: s.Span()}
			f.tests = append(f.tests, current)
		case declares(s):
			if current == nil {
				own.Statements = append(own.Statements, s)
			} else {
				current.declares = append(current.declares, s)
			}
		case !isStep(s):
			problems.Errorf(f.source, s.Span(), "write CREATE VIEW v AS SELECT …, and EXPECT v …", "this statement does nothing in a test")
		case current == nil:
			f.setup = append(f.setup, s)
		default:
			current.steps = append(current.steps, s)
		}
	}
	f.scripts = append(f.scripts, own)
	if len(f.tests) == 0 { // the file is one test
		f.tests = []*test{{name: strings.TrimSuffix(filepath.Base(name), parser.TestSuffix), steps: f.setup}}
		f.setup = nil
	}
	return f, problems
}

// watched returns the names whose rows a test expects.
func (f *file) watched(t *test) []*parser.Name {
	var names []*parser.Name
	for _, list := range [][]*parser.Statement{f.setup, t.steps} {
		for _, s := range list {
			if s.Expect == nil || s.Expect.Target == nil {
				continue
			}
			n := s.Expect.Target
			if !slices.ContainsFunc(names, func(w *parser.Name) bool { return strings.EqualFold(w.Text, n.Text) }) {
				names = append(names, n)
			}
		}
	}
	return names
}

// loadScript reads the script of a LOAD.
func (f *file) loadScript(l *parser.Load) (*parser.Script, source.List) {
	var problems source.List
	path := filepath.Join(filepath.Dir(f.source.Name), l.File.Value)
	if filepath.IsAbs(l.File.Value) {
		path = l.File.Value
	}
	text, err := os.ReadFile(path)
	if err != nil {
		problems.Errorf(f.source, l.File.Span(), "the path is relative to the folder of the test", "%s cannot be read: %s", path, reason(err))
		return nil, problems
	}
	raw := source.NewFile(path, string(text))
	known := source.Variables(raw)
	vars := map[string]string{}
	for _, o := range l.Options {
		value, isLiteral := o.Value.X.(*parser.Literal)
		if !isLiteral {
			problems.Errorf(f.source, o.Value.Span(), "write "+o.Key.Text+" = 'value'", "the value of a variable must be a constant")
			continue
		}
		if !slices.Contains(known, o.Key.Text) {
			hint := "leave it out, or write ${" + o.Key.Text + "} in the script"
			if near := source.Near(o.Key.Text, known); near != "" {
				hint = "did you mean " + near + "?"
			}
			problems.Errorf(f.source, o.Key.Span(), hint, "%s has no variable ${%s}", l.File.Value, o.Key.Text)
		}
		vars[o.Key.Text] = value.Text
	}
	expanded, more := source.Expand(raw, vars)
	problems = append(problems, more...)
	if problems.HasErrors() {
		return nil, problems
	}
	script, more := parser.Parse(expanded)
	return script, append(problems, more...)
}

// reason returns an operating system's error without the name of the call.
func reason(err error) string {
	if p, ok := err.(*fs.PathError); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// declares reports whether a statement is part of what is tested: a CREATE, SET, or an
// INSERT of a query.
func declares(s *parser.Statement) bool {
	return s.Create != nil || s.View != nil || s.Function != nil || s.Drop != nil || s.Set != nil || s.Reset != nil ||
		s.Insert != nil && listed(s.Insert) == nil
}

// isStep reports whether a statement does something when its turn comes.
func isStep(s *parser.Statement) bool {
	return s.Insert != nil || s.Feed != nil || s.Advance != nil || s.Clock != nil || s.Idle != nil || s.Checkpoint != nil ||
		s.Crash != nil || s.Finish != nil || s.Expect != nil
}

// listed returns the rows of an INSERT … VALUES; nil for others.
func listed(i *parser.Insert) *parser.Values {
	q := i.Query
	if len(q.With) > 0 || len(q.Rest) > 0 || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil || i.ByName {
		return nil
	}
	return q.First.Values
}
