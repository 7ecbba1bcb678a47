package kafka

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"tidemark/connectors"
)

// TestRegistryAway reads while the registry of the messages' schemas is away: the reader
// tells what is waited for, and all rows come once it is back.
func TestRegistryAway(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
	var back atomic.Bool
	asked := make(chan bool)
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if back.Load() {
			fmt.Fprintf(w, `{"schema":%q}`, `{"type":"record","name":"r","fields":[{"name":"n","type":"long"}]}`)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		select {
		case asked <- true:
		case <-ctx.Done():
		}
	}))
	defer registry.Close()
	var records []*kgo.Record
	for n := range byte(3) {
		records = append(records, &kgo.Record{Topic: "a", Value: []byte{0, 0, 0, 0, 1, 2 * n}})
	}
	if err := writer(t, address(c)).ProduceSync(ctx, records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s := openSource(t, options(c, "topic", "a", "format", "avro", "schema_registry.url", registry.URL))
	r := openReader(ctx, t, s)
	read := make(chan string)
	go func() {
		rows, _, err := drain(ctx, t, s, r, 3)
		read <- fmt.Sprint(numbers(rows, ""), " ", err)
	}()
	<-asked
	<-asked // again, so the first answer is known
	since, err := r.(connectors.Troubled).Trouble()
	if wantError(t, err, "cannot be asked about schema 1: it answers 503"); since == 0 {
		t.Error("it is not told since when")
	}
	back.Store(true)
	if got := <-read; got != "0 1 2 <nil>" {
		t.Error(got)
	}
	if _, err := r.(connectors.Troubled).Trouble(); err != nil {
		t.Error(err)
	}
}
