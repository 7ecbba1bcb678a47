package format

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	parquet "github.com/parquet-go/parquet-go"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// click is a row of the benchmark's data.
type click struct {
	EventID   int64  `parquet:"event_id"`
	UserID    string `parquet:"user_id,dict"`
	EventTime int64  `parquet:"event_time,timestamp(microsecond)"`
	Amount    int64  `parquet:"amount,decimal(2:12)"`
	Page      string `parquet:"page,dict"`
}

func benchmarkParquet(b *testing.B, needed ...int) {
	rows := make([]click, 200_000)
	for i := range rows {
		rows[i] = click{int64(3_000_000 + i), fmt.Sprintf("u%d", i*7919%5000), 1_767_225_600_000_000 + int64(i)*10_000, int64(i * 31 % 50_000), fmt.Sprintf("/p/%d", i*31%50)}
	}
	path := writeParquet(b, b.TempDir(), rows, parquet.Compression(&parquet.Snappy))
	cfg := config(schema(b, clicksSchema), "format", "parquet")
	cfg.Needed = needed
	p, err := NewParquet(cfg)
	if err != nil {
		b.Fatal(err)
	}
	dec, err := p.NewDecoder()
	if err != nil {
		b.Fatal(err)
	}
	pool := data.NewPool(cfg.Columns())
	var place connectors.Place
	var c connectors.Chunk
	var done atomic.Int64
	read := 0
	for b.Loop() {
		r, err := p.Open(openTest(b, path), path, &done)
		if err != nil {
			b.Fatal(err)
		}
		for err = r.Next(context.Background(), &c); err == nil; err = r.Next(context.Background(), &c) {
			for finished := false; !finished; {
				batch := pool.Get()
				finished = dec.Decode(&c, batch, &place, 4096)
				read += batch.N
				batch.Release()
			}
		}
		if err != io.EOF || c.Fatal != nil {
			b.Fatal(err, c.Fatal)
		}
		r.Close()
	}
	if read != b.N*len(rows) {
		b.Fatalf("%d rows", read)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(read), "ns/row")
}

func BenchmarkParquet1(b *testing.B) { benchmarkParquet(b, 2) }
func BenchmarkParquet3(b *testing.B) { benchmarkParquet(b, 1, 2, 3) }
func BenchmarkParquet5(b *testing.B) { benchmarkParquet(b, 0, 1, 2, 3, 4) }
