package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"tidemark/connectors"
)

// find returns the files that path names, in the order of their names. A name
// with the pattern characters * ? [ that exists as it is, is that file.
func find(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil && strings.ContainsAny(path, "*?[") {
		return glob(path)
	}
	if err != nil {
		return nil, openError(path, err)
	}
	if info.IsDir() {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("'%s' is a folder", path),
			Hint: fmt.Sprintf("to read the files in it write for example path = '%s'", filepath.Join(path, "*.csv"))}
	}
	return []string{path}, nil
}

func glob(pattern string) ([]string, error) {
	all, err := filepath.Glob(pattern)
	if err != nil {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("'%s' is not a valid pattern", pattern),
			Hint: "* stands for any text, ? for one character, [abc] for one of some; a [ must be closed"}
	}
	var names []string
	for _, name := range all {
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("no file matches '%s'", pattern),
			Hint: neighbours(filepath.Dir(pattern), filepath.Base(pattern))}
	}
	sort.Strings(names)
	return names, nil
}

// openError says why a file cannot be opened.
func openError(path string, err error) error {
	e := &connectors.OptionError{Option: "path"}
	switch {
	case errors.Is(err, os.ErrNotExist):
		e.Message = fmt.Sprintf("there is no file '%s'", path)
		e.Hint = neighbours(filepath.Dir(path), filepath.Base(path))
	case errors.Is(err, os.ErrPermission):
		e.Message = fmt.Sprintf("no permission to open '%s'", path)
		e.Hint = "let the user that runs tidemark read it: chmod a+r, and a+x for its folders"
	default:
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		e.Message = fmt.Sprintf("'%s' cannot be opened: %v", path, err)
	}
	return e
}

// neighbours is a hint that names the file in dir that was meant, or some that
// are there.
func neighbours(dir, name string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Sprintf("there is no folder '%s'; paths start from the script's folder", dir)
		}
		return ""
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	if near := connectors.Near(name, names); near != "" {
		return "did you mean '" + filepath.Join(dir, near) + "'?"
	}
	const most = 8
	switch {
	case len(names) == 0:
		return fmt.Sprintf("the folder '%s' has no files", dir)
	case len(names) > most:
		return fmt.Sprintf("the folder has %s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return "the folder has " + strings.Join(names, ", ")
}
