package kafka

import (
	"fmt"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/twmb/franz-go/pkg/kfake"

	"tidemark/connectors"
)

// benchBatch returns a batch of about a megabyte of JSON values of 100 bytes.
func benchBatch(pack func([]byte) []byte, attributes int16) (batch []byte, messages int) {
	var ms []message
	for i := range 9000 {
		s := fmt.Sprintf(`{"n":%d,"s":"/page-%d","ts":"2026-01-01T00:00:00Z"`, i, i%100)
		ms = append(ms, message{delta: int32(i), value: fmt.Appendf(nil, `%s,"x":"%0*d"}`, s, 92-len(s), 0)})
	}
	return makeBatch(0, attributes, ms, pack), len(ms)
}

// BenchmarkUnpack is what a worker does to batches before it decodes the values: the
// checksum, the decompression, and the copying of values.
func BenchmarkUnpack(b *testing.B) {
	for name, codec := range map[string]int16{"none": codecNone, "snappy": codecSnappy} {
		b.Run(name, func(b *testing.B) {
			var pack func([]byte) []byte
			if codec == codecSnappy {
				pack = func(raw []byte) []byte { return snappy.Encode(nil, raw) }
			}
			raw, n := benchBatch(pack, codec)
			_, u := unpackerOf(b, "format", "json")
			u.keys, u.headers = false, false
			seg, err := segmentOf(&fetched{records: raw}, 0, true)
			if err != nil {
				b.Fatal(err)
			}
			var memory buffers
			var c connectors.Chunk
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				c.Reset()
				u.unpack(&c, &packed{topicPartition{"a", 0}, seg.batches, 0, noEnd, memory.get(0)})
				if c.Fatal != nil || len(c.Messages.Ends) != n {
					b.Fatal(len(c.Messages.Ends), c.Fatal)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mmsg/s")
		})
	}
}

// BenchmarkFetch fetches from the fake cluster, on the same cores, and unpacks.
func BenchmarkFetch(b *testing.B) {
	raw, _ := benchBatch(nil, codecNone)
	c := newCluster(b, kfake.NumBrokers(1), kfake.SyntheticFetch(kfake.SyntheticBatch{Batch: raw}), kfake.SeedTopics(8, "a"))
	s := openSource(b, options(c, "topic", "a"))
	ctx := testContext(b)
	r := openReader(ctx, b, s)
	_, u := unpackerOf(b, "format", "json")
	u.keys, u.headers = false, false
	var chunk connectors.Chunk
	messages := 0
	for b.Loop() {
		if err := r.Next(ctx, &chunk); err != nil {
			b.Fatal(err)
		}
		u.unpack(&chunk, chunk.Store.(*packed))
		messages += len(chunk.Messages.Ends)
	}
	b.SetBytes(int64(len(chunk.Data)))
	b.ReportMetric(float64(messages)/b.Elapsed().Seconds()/1e6, "Mmsg/s")
}
