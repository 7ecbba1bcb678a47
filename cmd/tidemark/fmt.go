package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"

	"tidemark/parser"
)

// exitDiffers is the exit code of fmt --diff when a script would change.
const exitDiffers = 1

// fmtCmd is tidemark fmt.
type fmtCmd struct {
	Write bool     `short:"w" xor:"to" help:"Rewrite the files in place."`
	Diff  bool     `xor:"to" help:"Show what would change. Ends with 1 if anything would."`
	Files []string `arg:"" optional:"" name:"file" help:"Scripts; - is standard input, which is also read when no file is named."`
}

// Help is the part of tidemark fmt --help below the usage.
func (*fmtCmd) Help() string {
	return `Writes scripts in the canonical layout to standard output: keywords in upper case, one clause a line, lines within 100 characters where that is possible. Comments stay where they are, names and literals as they are written.

A script with an error is left alone, and what is wrong is shown.

Examples:

    tidemark fmt clicks.sql
    tidemark fmt -w queries/*.sql
    tidemark fmt --diff queries/*.sql
    tidemark fmt < clicks.sql

Exit codes: 0 done, 1 --diff has something to show or a file cannot be written, 2 a script has an error.`
}

// Run formats the scripts.
func (k *fmtCmd) Run(c *console) error {
	list, err := (&scripts{Files: k.Files}).load(c)
	if err != nil {
		return err
	}
	code := 0
	for _, s := range list {
		code = max(code, k.format(c, s))
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// format formats one script and returns the exit code.
func (k *fmtCmd) format(c *console, s script) int {
	if k.Write && s.stdin {
		return c.fail(exitWrong, "standard input cannot be rewritten", "leave out -w: the script is written to standard output")
	}
	text, problems := parser.Format(s.file)
	if problems.HasErrors() {
		c.diagnostics(problems)
		return exitWrong
	}
	switch {
	case k.Diff:
		if text == s.file.Text {
			return 0
		}
		if err := k.print(c, string(diff.Diff(s.file.Name, []byte(s.file.Text), s.file.Name+" (formatted)", []byte(text)))); err != nil {
			return c.fail(exitFailed, err.Error(), "")
		}
		return exitDiffers
	case k.Write:
		if text == s.file.Text {
			return 0
		}
		if err := rewrite(s.file.Name, text); err != nil {
			return c.fail(exitFailed, fmt.Sprintf("%s cannot be written: %s", s.file.Name, reason(err)), "the file is as it was")
		}
		return 0
	}
	if err := k.print(c, text); err != nil {
		return c.fail(exitFailed, err.Error(), "")
	}
	return 0
}

// print writes to standard output. Nobody reading any more is no error.
func (*fmtCmd) print(c *console, text string) error {
	if _, err := io.WriteString(c.stdout, text); err != nil && !c.stdout.readerGone() {
		return fmt.Errorf("standard output cannot be written: %s", reason(err))
	}
	return nil
}

// rewrite replaces the text of a file at once: whoever reads it meanwhile sees
// the old text or the new one.
func rewrite(name, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails when it has been renamed
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
