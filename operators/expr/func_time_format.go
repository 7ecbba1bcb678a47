package expr

import "tidemark/operators/data"

// timeTextEntries read and write values of time as text.
func timeTextEntries() []*entry {
	const s, ts = data.String, data.Timestamp
	return []*entry{
		{name: "TO_TIMESTAMP", doc: "The timestamp a text names, or that many seconds after 1970-01-01 00:00:00 UTC.",
			examples: [][2]string{{"TO_TIMESTAMP('2024-03-05 06:07:08')", "2024-03-05T06:07:08Z"}, {"TO_TIMESTAMP(1.5)", "1970-01-01T00:00:01.5Z"}},
			overloads: append([]*Function{
				{Params: []data.Kind{s}, Returns: ts, kernel: func(*Call) kernel { return parseKernel(data.Of(ts), false) }},
			}, fromSeconds()...)},
	}
}
