package kafka

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestSinkSettles closes sinks whose broker is still about to make what they have committed
// visible: as long as the broker says so of their transactional id, they wait.
func TestSinkSettles(t *testing.T) {
	c, r := faulty(t, 1)
	concurrent := kfake.Fault{Keys: []kmsg.Key{kmsg.InitProducerID}, Err: kerr.ConcurrentTransactions, Count: 3, TopLevel: true}

	s, _ := r.exact()
	r.write(s, numbered(0, 3))
	r.commit(s, 1, 3)
	h := c.Fault(concurrent)
	if err := s.Close(); err != nil || h.Hits() != 3 {
		t.Errorf("asked %d times, %v", h.Hits(), err)
	}

	s, _ = r.exact()
	r.commit(s, 2, 3)
	s.(*exactSink).txn.settling = time.Millisecond
	concurrent.Count = -1
	h = c.Fault(concurrent)
	wantError(t, s.Close(), r.topic, "committed", "after 1ms", "visible")
	h.Remove()
}

// Once a sink is closed everyone reads what it has committed, without waiting.
func testSettled(t *testing.T, brokers string) {
	for range 3 {
		r := newRig(t, brokers, 40)
		s, _ := r.exact()
		r.write(s, numbered(0, 400))
		r.commit(s, 1, 400)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		r.want(r.all(true), expect(0, 400)...)
	}
}

// A sink whose job another process has taken over leaves the transaction of that one alone.
func testSettledByItsOwn(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1)
	first, _ := r.exact()
	r.write(first, numbered(0, 3))
	r.commit(first, 1, 3)
	second, _ := r.exact()
	r.write(second, numbered(3, 3))
	if err := second.(*exactSink).out.flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	r.commit(second, 2, 6)
	r.committed(expect(0, 6)...)
}
