//go:build integration

package kafka

import (
	"testing"

	"tidemark/connectors"
	"tidemark/connectors/kafka/kafkatest"
)

// TestIntegrationSink runs the tests of the sink against a real Kafka.
func TestIntegrationSink(t *testing.T) {
	brokers := kafkatest.Brokers(t)
	sinkTests(t, brokers)
	t.Run("name", func(t *testing.T) {
		r := newRig(t, brokers, 1)
		r.topic = "not a name!"
		_, err := NewSink(r.config(nil, "create_topic", "true"))
		wantError(t, err, "'not a name!' is no name of a topic")
	})
}

// TestIntegrationSinkOutage kills the broker in the middle of what a sink writes and
// starts it again: of a transaction, of a commit, and without transactions. What was
// committed is there once, and nothing else.
func TestIntegrationSinkOutage(t *testing.T) {
	server, err := kafkatest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	outage := func() {
		t.Helper()
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := server.Revive(); err != nil {
			t.Fatal(err)
		}
	}
	r := newRig(t, server.Brokers, 3)
	s, _ := r.exact()
	from := 0
	step := func(rows, checkpoint int, trouble func()) {
		t.Helper()
		m := connectors.Mark{Checkpoint: int64(checkpoint), Rows: int64(from + rows)}
		for done := false; !done; {
			err := s.Write(testContext(t), numbered(from, rows))
			if err == nil {
				trouble()
				trouble = func() {}
				err = s.CommitMarked(testContext(t), m)
			}
			if err != nil && !connectors.IsUnavailable(err) {
				t.Fatal(err)
			}
			done = err == nil
		}
		from += rows
	}
	step(100, 1, func() {})
	step(100, 2, func() {
		if err := s.(*exactSink).out.flush(testContext(t)); err != nil {
			t.Fatal(err)
		}
		outage()
	})
	revived := make(chan error)
	step(100, 3, func() {
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		go func() { revived <- server.Revive() }() // while the sink tries to commit
	})
	if err := <-revived; err != nil {
		t.Fatal(err)
	}
	r.connect()
	r.committed(expect(0, 300)...)
	if _, m := r.exact(); m != (connectors.Mark{Checkpoint: 3, Rows: 300}) {
		t.Errorf("the mark is %v", m)
	}

	r = newRig(t, server.Brokers, 3)
	plain := r.open(r.config(nil))
	r.write(plain, numbered(0, 100))
	outage()
	r.flush(plain)
	r.write(plain, numbered(100, 100))
	r.flush(plain)
	r.connect()
	r.committed(expect(0, 200)...)
}
