//go:build integration

package kafka

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"tidemark/connectors"
	"tidemark/connectors/kafka/kafkatest"
	"tidemark/operators/data"
)

// benchSink opens a sink of a topic with eight partitions, and a function that makes
// visible what was written.
func benchSink(b *testing.B, brokers, delivery string) (s connectors.Sink, topic string, commit func()) {
	b.Helper()
	topic = fmt.Sprintf("bench-%d", time.Now().UnixNano())
	o := connectors.NewOptions(map[string]string{"brokers": brokers, "topic": topic, "format": "json", "delivery": delivery,
		"create_topic": "true", "partitions": "8"})
	s, err := NewSink(connectors.SinkConfig{Name: "out", Schema: sinkSchema, Options: o, Job: &connectors.Job{ID: topic, Sink: "out"}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	ctx := context.Background()
	if delivery == atLeastOnce {
		return s, topic, func() {
			if err := s.Flush(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
	txn := s.(connectors.Transactional)
	m, err := txn.Marked(ctx)
	if err != nil {
		b.Fatal(err)
	}
	return s, topic, func() {
		m.Checkpoint++
		if err := txn.CommitMarked(ctx, m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSinkDelivery writes values of 100 bytes, with a commit a second, for each
// choice of delivery: the cost of transactions.
func BenchmarkSinkDelivery(b *testing.B) {
	brokers := kafkatest.Brokers(b)
	lines := make([]string, 1024)
	for i := range lines {
		lines[i] = fmt.Sprintf("+I %d %s", 1_000_000+i, strings.Repeat("x", 76))
	}
	rows := rows(lines...)
	for _, delivery := range []string{atLeastOnce, exactlyOnce} {
		b.Run(delivery, func(b *testing.B) {
			s, _, commit := benchSink(b, brokers, delivery)
			last, slowest := time.Now(), time.Duration(0)
			flush := func() {
				begin := time.Now()
				commit()
				last = time.Now()
				slowest = max(slowest, last.Sub(begin))
			}
			b.ResetTimer()
			for b.Loop() {
				if err := s.Write(context.Background(), rows); err != nil {
					b.Fatal(err)
				}
				if time.Since(last) >= time.Second {
					flush()
				}
			}
			flush()
			b.ReportMetric(float64(b.N*rows.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(slowest.Milliseconds()), "ms-slowest-commit")
		})
	}
}

// BenchmarkSinkLatency writes 50,000 rows a second and takes the time from the writing of
// a row until a reader of committed messages has it, with commits each 10 ms, 100 ms and
// second. It runs for as long as it takes, so use it with -benchtime 1x.
func BenchmarkSinkLatency(b *testing.B) {
	const perTick, tick, length = 500, 10 * time.Millisecond, 5 * time.Second
	brokers := kafkatest.Brokers(b)
	for _, c := range []struct {
		delivery string
		interval time.Duration
	}{{atLeastOnce, tick}, {exactlyOnce, 100 * time.Millisecond}, {exactlyOnce, time.Second}} {
		b.Run(fmt.Sprintf("%s/%s", c.delivery, c.interval), func(b *testing.B) {
			for range b.N {
				s, topic, commit := benchSink(b, brokers, c.delivery)
				const total = int(length/tick) * perTick
				delays := make(chan []time.Duration, 1)
				go func() { delays <- readDelays(b, brokers, topic, total) }()
				beat := time.NewTicker(tick)
				last := time.Now()
				for written := 0; written < total; written += perTick {
					<-beat.C
					batch := data.NewPool(sinkSchema).Get()
					for range perTick {
						batch.Cols[0].Ints = append(batch.Cols[0].Ints, time.Now().UnixNano())
						batch.Cols[1].AppendNull()
					}
					batch.N = perTick
					if err := s.Write(context.Background(), batch); err != nil {
						b.Fatal(err)
					}
					if time.Since(last) >= c.interval {
						commit()
						last = time.Now()
					}
				}
				beat.Stop()
				commit()
				d := <-delays
				d = d[len(d)/4:] // until then the reader and the topic have found their places
				slices.Sort(d)
				b.ReportMetric(float64(d[len(d)/2].Microseconds())/1e3, "ms-p50")
				b.ReportMetric(float64(d[len(d)*99/100].Microseconds())/1e3, "ms-p99")
			}
		})
	}
}

// readDelays reads messages as a consumer does, and returns how old each is.
func readDelays(b *testing.B, brokers, topic string, n int) []time.Duration {
	c, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		b.Error(err)
		return nil
	}
	defer c.Close()
	delays := make([]time.Duration, 0, n)
	for len(delays) < n {
		fetches := c.PollFetches(context.Background())
		now := time.Now().UnixNano()
		fetches.EachRecord(func(r *kgo.Record) {
			var row struct{ ID int64 }
			if err := json.Unmarshal(r.Value, &row); err != nil {
				b.Error(err)
			}
			delays = append(delays, time.Duration(now-row.ID))
		})
	}
	return delays
}
