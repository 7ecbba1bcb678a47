package operators_test

import (
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
)

// A row sees the watermark that those before it have made, wherever batches end.
func TestStamp(t *testing.T) {
	in := data.Schema{{Name: "k", Type: data.Of(data.BigInt)}}
	optest.Run(t, optest.Case{
		In: in, Out: append(in, data.Column{Name: "wm", Type: data.Of(data.Timestamp)}), Steps: true,
		Input: `1
			2
			wm 2026-01-01T00:00:00Z
			3
			wm 2026-01-01T00:01:00Z
			wm 2026-01-01T00:02:00Z
			NULL
			5
			end`,
		Want: `+I 1 NULL
			+I 2 NULL
			wm 2026-01-01T00:00:00Z
			+I 3 2026-01-01T00:00:00Z
			wm 2026-01-01T00:01:00Z
			wm 2026-01-01T00:02:00Z
			+I NULL 2026-01-01T00:02:00Z
			+I 5 2026-01-01T00:02:00Z
			end`,
		New: func() operators.Operator { return operators.NewStamp(in) },
	})
}
