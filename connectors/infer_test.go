package connectors

import (
	"context"
	"testing"

	"tidemark/operators/data"
)

func TestRegistryInfer(t *testing.T) {
	r := NewRegistry()
	r.Register(Connector{Name: "tape", NewSource: func(SourceConfig) (Source, error) { return nil, nil }})
	r.Register(Connector{Name: "hole", NewSink: func(SinkConfig) (Sink, error) { return nil, nil }})
	r.Register(Connector{Name: "file", NewSource: func(SourceConfig) (Source, error) { return nil, nil },
		Infer: func(_ context.Context, cfg SourceConfig) (data.Schema, error) {
			return data.Schema{{Name: cfg.Name}}, nil
		}})
	cfg := SourceConfig{Name: "s"}
	if s, err := r.Infer(context.Background(), "FILE", cfg); err != nil || len(s) != 1 || s[0].Name != "s" {
		t.Errorf("%v, %v", s, err)
	}
	for name, want := range map[string]string{
		"tape": "the columns of s cannot be read from its input: connector 'tape' does not know them (declare the columns: CREATE STREAM s (id BIGINT, …))",
		"hole": "connector 'hole' cannot be read from (use one of these as a source: file, tape)",
		"fiel": "there is no connector 'fiel' (did you mean file?)",
	} {
		if _, err := r.Infer(context.Background(), name, cfg); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
