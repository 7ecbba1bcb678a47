package connectors

import (
	"context"
	"fmt"
	"strings"

	"tidemark/operators/data"
)

// Infer reads the schema of a source that declares none from the beginning of
// its input. name is the connector's. Errors are in people's words; an
// *OptionError names the option at fault.
func (r *Registry) Infer(ctx context.Context, name string, cfg SourceConfig) (data.Schema, error) {
	c, ok := r.Lookup(name)
	if !ok {
		return nil, &OptionError{"connector", fmt.Sprintf("there is no connector '%s'", name), didYouMean(name, r.Names())}
	}
	if c.NewSource == nil {
		return nil, r.wrongDirection(c, false)
	}
	if c.Infer == nil {
		return nil, &OptionError{"connector", fmt.Sprintf("the columns of %s cannot be read from its input: connector '%s' does not know them", cfg.Name, c.Name),
			"declare the columns: CREATE STREAM " + cfg.Name + " (id BIGINT, …)"}
	}
	return c.Infer(ctx, cfg)
}

// MetadataType returns the type of what a METADATA column asks for by key. An
// unknown key is an *OptionError that lists those there are.
func (c *Connector) MetadataType(key string) (data.Type, error) {
	var keys []string
	for _, m := range c.Metadata {
		if strings.EqualFold(m.Key, key) {
			return m.Type, nil
		}
		keys = append(keys, m.Key)
	}
	e := &OptionError{Option: "connector", Message: fmt.Sprintf("connector '%s' has no metadata '%s'", c.Name, key)}
	if len(keys) == 0 {
		e.Hint = "it has none; leave the column out"
	} else {
		e.Hint = didYouMean(key, keys)
	}
	return data.Type{}, e
}
