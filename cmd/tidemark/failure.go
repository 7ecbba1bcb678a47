package main

import (
	"errors"
	"syscall"

	"tidemark/parser/source"
)

// exitClosed is the exit code when the reader of the results has gone, as in
// "tidemark run … | head": what a shell shows for a program that SIGPIPE ended.
const exitClosed = 128 + 13

// closedOutput returns the exit code for an error of writing results, which it
// prints unless the reader has merely gone.
func closedOutput(c *console, err error) int {
	if errors.Is(err, syscall.EPIPE) {
		return exitClosed
	}
	return c.fail(exitFailed, "the results cannot be written: "+reason(err), "")
}

// failed prints why a run failed and returns its exit code.
func (c *console) failed(err error) int {
	var d *source.Diagnostic
	if errors.As(err, &d) {
		c.diagnostics(source.List{d})
		return exitFailed
	}
	hint := ""
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		hint = h.Hint()
	}
	return c.fail(exitFailed, err.Error(), hint)
}
