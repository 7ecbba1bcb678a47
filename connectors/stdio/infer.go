package stdio

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// Infer returns the columns of the standard input as its beginning suggests them:
// its first megabyte, or, where it is not expected to end, its first record, for
// the next one may be long in coming. What is looked at remains to be read:
// cfg.Stdin must be an *Ahead.
func Infer(ctx context.Context, cfg connectors.SourceConfig) (data.Schema, error) {
	if err := checkFormat(cfg); err != nil {
		return nil, err
	}
	ahead, ok := cfg.Stdin.(*connectors.Ahead)
	if !ok {
		return nil, &connectors.OptionError{Option: "connector", Message: "the columns of the standard input cannot be told before it is read", Hint: "declare the columns"}
	}
	bounded, err := cfg.Options.Bool("bounded", true)
	if err != nil {
		return nil, err
	}
	length, err := format.SampleLength(cfg, !bounded)
	if err != nil {
		return nil, err
	}
	unread, err := ahead.Look(ctx, func(b []byte) bool { return length(b) > 0 })
	if err != nil && err != io.EOF {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("the standard input cannot be read: %w", err)
	}
	sample := unread
	if n := length(unread); n > 0 {
		sample = unread[:n]
	}
	return format.Infer(ctx, cfg, format.Direct{Reader: bytes.NewReader(sample)}, stdinName)
}
