package repl

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// deepest is how many scripts may run one another by \i.
const deepest = 20

// include is \i: it runs a script, whose paths start from its folder.
func (r *REPL) include(c *command) {
	name := c.arg(0)
	if r.depth == deepest {
		r.wrong(c, "", "scripts run one another more than %d deep", deepest)
		return
	}
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if filepath.IsAbs(name) {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		r.wrong(c, r.nearFile(name), "%s cannot be read: %s", name, reason(err))
		return
	}
	dir := r.dir
	r.depth++
	r.dir = engine.BaseDir(name)
	if !filepath.IsAbs(name) {
		r.dir = filepath.Join(dir, r.dir)
	}
	code := r.code
	r.code = exitOK
	r.script(source.NewFile(name, string(text)))
	if code != exitOK {
		r.code = code
	}
	r.depth--
	r.dir = dir
}

// nearFile names a script that was most likely meant.
func (r *REPL) nearFile(name string) string {
	list, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Join(r.dir, name)), "*.sql"))
	var names []string
	for _, p := range list {
		names = append(names, filepath.Base(p))
	}
	if near := source.Near(filepath.Base(name), names); near != "" {
		return "did you mean " + filepath.Join(filepath.Dir(name), near) + "?"
	}
	return ""
}

// changeDir is \cd. What was declared before keeps to the folder that it was declared in.
func (r *REPL) changeDir(c *command) {
	dir := c.arg(0)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(r.dir, dir)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		if err == nil {
			err = errors.New("it is not a folder")
		}
		r.wrong(c, "", "%s cannot be changed to: %s", c.arg(0), reason(err))
		return
	}
	r.dir = dir
}

// shell is \!.
func (r *REPL) shell(c *command) {
	if err := r.system(exec.Command("sh", "-c", c.rest)); err != nil {
		r.wrong(c, "", "the command failed: %s", err)
	}
}

// system runs a command on the terminal.
func (r *REPL) system(cmd *exec.Cmd) error {
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir = os.Stdin, r.cfg.Out, r.cfg.Err, r.dir
	if r.cfg.Terminal == nil {
		cmd.Stdin = nil // which has the script
	}
	return cmd.Run()
}

// output is \o.
func (r *REPL) output(c *command) {
	r.closeOut()
	if c.arg(0) == "" {
		return
	}
	name := c.arg(0)
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.dir, name)
	}
	f, err := os.Create(name)
	if err != nil {
		r.wrong(c, "", "%s cannot be written: %s", c.arg(0), reason(err))
		return
	}
	r.file = f
}

// edit is \e: it opens the statement in an editor and runs what comes back.
func (r *REPL) edit(c *command) {
	editor := os.Getenv("VISUAL")
	if editor == "" {
		editor = os.Getenv("EDITOR")
	}
	if editor == "" {
		editor = "vi"
	}
	if r.cfg.Terminal == nil {
		r.wrong(c, "", "there is no editor without a terminal")
		return
	}
	text := r.buffer
	if strings.TrimSpace(text) == "" {
		text = r.last + "\n"
	}
	edited, err := r.edited(editor, text)
	if err != nil {
		r.wrong(c, "set EDITOR to one that is installed", "the editor failed: %s", err)
		return
	}
	r.buffer = ""
	for line := range strings.Lines(edited) {
		r.Feed(strings.TrimRight(line, "\r\n"))
	}
}

// edited returns what an editor has made of a text.
func (r *REPL) edited(editor, text string) (string, error) {
	f, err := os.CreateTemp("", "tidemark-*.sql")
	if err != nil {
		return "", fmt.Errorf("a file for it cannot be made: %w", reason(err))
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return "", fmt.Errorf("the file for it cannot be written: %w", reason(err))
	}
	if err := r.system(exec.Command("sh", "-c", editor+` "$1"`, "sh", f.Name())); err != nil {
		return "", err
	}
	edited, err := os.ReadFile(f.Name())
	return string(edited), err
}
