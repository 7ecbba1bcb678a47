package file

import (
	"context"
	"fmt"
	"os"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// Infer returns the columns of the first of the files that the options name, as
// its beginning suggests them.
func Infer(ctx context.Context, cfg connectors.SourceConfig) (data.Schema, error) {
	path, err := pathOf(cfg)
	if err != nil {
		return nil, err
	}
	names, err := find(path)
	if err != nil {
		return nil, err
	}
	if connectors.InferFormat(cfg.Options) == parquet {
		f, err := openParquet(names[0])
		if err != nil {
			return nil, err
		}
		return format.InferParquet(f, names[0])
	}
	if info, err := os.Stat(names[0]); err == nil && !info.Mode().IsRegular() {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("the columns of '%s' cannot be told: what is read from it to see them is gone for the query", path),
			Hint: "declare the columns, or read it as the standard input"}
	}
	limits, err := newInflation(cfg.Options)
	if err != nil {
		return nil, err
	}
	r := &reader{name: names[0], source: &source{limits: limits}}
	defer r.Close()
	in, err := r.open()
	if err != nil {
		return nil, err
	}
	if connectors.InferFormat(cfg.Options) == "avro" {
		schema, err := format.InferAvro(ctx, in, r.name)
		return schema, r.readError(err)
	}
	schema, err := format.Infer(ctx, cfg, in, r.name)
	return schema, r.readError(err)
}
