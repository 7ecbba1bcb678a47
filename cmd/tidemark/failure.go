package main

import (
	"errors"
	"regexp"
	"syscall"
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

// badRecord matches the messages about records that could not be decoded.
var badRecord = regexp.MustCompile(`^.+:\d+: (column |not valid JSON|the record |the text |a quote|text after )`)

// remedy says what to do about a run that failed; it may be empty.
func remedy(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	if badRecord.MatchString(err.Error()) {
		return "mend the record, or set on_error = 'skip' on the stream to count such records and go on ('dead_letter' keeps them)"
	}
	return ""
}
