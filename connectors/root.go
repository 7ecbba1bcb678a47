package connectors

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Outside returns an error for each option of a relation that names a file outside the
// folder root: by .., by an absolute path, or through a symbolic link. Relative paths
// start from base.
func (r *Registry) Outside(connector string, opts Options, base, root string) []*OptionError {
	c, ok := r.Lookup(connector)
	if !ok {
		return nil
	}
	var errs []*OptionError
	for _, name := range opts.Names() {
		for _, s := range c.Options {
			if s.Kind != "path" || !matchName(s.Name, name) {
				continue
			}
			path := opts.Text(name, "")
			if !inside(root, Resolve(base, path)) {
				errs = append(errs, &OptionError{Option: name, Message: fmt.Sprintf("'%s' is outside the data root '%s'", path, root),
					Hint: "put the file below it, or run with another --data-root"})
			}
		}
	}
	return errs
}

// inside reports whether a path, and what it stands for as a pattern, is below root.
func inside(root, path string) bool {
	root, err := filepath.Abs(root)
	if err != nil {
		return false
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return false
	}
	paths := []string{path}
	if matches, err := filepath.Glob(path); err == nil && strings.ContainsAny(path, "*?[") {
		paths = append(paths, matches...)
	}
	for _, p := range paths {
		p, err := filepath.Abs(p)
		if err != nil {
			return false
		}
		real, err := followed(p)
		if err != nil {
			return false
		}
		rel, err := filepath.Rel(root, real)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return false
		}
	}
	return true
}

// followed returns the place that an absolute path leads to, of which the last parts
// may not be there yet.
func followed(path string) (string, error) {
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if info, lerr := os.Lstat(path); lerr == nil && info.Mode()&fs.ModeSymlink != 0 {
			return "", err // a link to nowhere: what is written there would be made elsewhere
		}
		parent := filepath.Dir(path)
		if parent == path {
			return "", err
		}
		rest, path = filepath.Join(filepath.Base(path), rest), parent
	}
}
