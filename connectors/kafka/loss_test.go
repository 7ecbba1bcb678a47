package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"tidemark/connectors"
)

// TestResume reads on from the positions of another reader.
func TestResume(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(2), kfake.SeedTopics(3, "a"))
	p := writer(t, c)
	write(ctx, t, p, "a", 0, 0, 3)
	write(ctx, t, p, "a", 1, 10, 12)
	o := options(c, "topic", "a")
	s := openSource(t, o)
	r := openReader(ctx, t, s)
	_, after, err := drain(ctx, t, s, r, 5)
	if err != nil {
		t.Fatal(err)
	}
	write(ctx, t, p, "a", 0, 3, 5)
	write(ctx, t, p, "a", 2, 20, 21)
	resumed := func(o connectors.Options) (connectors.Source, connectors.Reader, error) {
		var at []connectors.Position
		for name, pos := range after {
			at = append(at, connectors.Position{Partition: name, At: pos})
		}
		s := openSource(t, o)
		r, err := s.(connectors.Resumable).OpenAt(ctx, at)
		if err == nil {
			t.Cleanup(func() { r.Close() })
		}
		return s, r, err
	}
	s2, r2, err := resumed(o)
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err := drain(ctx, t, s2, r2, 3)
	if got := numbers(rows, "a/0") + " " + numbers(rows, "a/1") + " " + numbers(rows, "a/2"); err != nil || got != "3 4  20" {
		t.Error(got, err)
	}

	deleteBefore(ctx, t, p, "a", 0, 4)
	_, _, err = resumed(o)
	wantError(t, err, "a/0: offset 3 is gone: the log begins at 4 now", "on_data_loss = 'earliest'")
	s2, r2, err = resumed(o.With("on_data_loss", "earliest"))
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err = drain(ctx, t, s2, r2, 2)
	if got := numbers(rows, "a/0") + " " + numbers(rows, "a/2"); err != nil || got != "4 20" {
		t.Error(got, err)
	}
	recreate(ctx, t, p, "a")
	_, _, err = resumed(o)
	wantError(t, err, "a/0: the messages from offset 3 on are gone: the topic was deleted and created again")
	delete(after, "a/0")
	_, _, err = resumed(o)
	wantError(t, err, "a/1: the messages from offset 2 on are gone: the partition is not there any more")
}

// TestLossWhileReading deletes messages that the reader has not come to.
func TestLossWhileReading(t *testing.T) {
	for _, mode := range []string{"fail", "earliest"} {
		t.Run(mode, func(t *testing.T) {
			ctx := testContext(t)
			c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
			p := writer(t, c)
			write(ctx, t, p, "a", 0, 0, 3)
			s := openSource(t, options(c, "topic", "a", "on_data_loss", mode))
			r := openReader(ctx, t, s)
			want(ctx, t, s, r, "0 1 2")
			stopped := stopFetches(c)
			stopped.Wait(ctx, 1)
			write(ctx, t, p, "a", 0, 3, 8)
			deleteBefore(ctx, t, p, "a", 0, 6)
			stopped.Remove()
			if mode == "earliest" {
				want(ctx, t, s, r, "6 7")
				return
			}
			_, _, err := drain(ctx, t, s, r, 1)
			wantError(t, err, "a/0: offsets 3 to 5 are gone: the log begins at 6 now")
		})
	}
}

// TestTopicReplaced creates the topic again under the reader.
func TestTopicReplaced(t *testing.T) {
	for _, mode := range []string{"fail", "earliest"} {
		t.Run(mode, func(t *testing.T) {
			ctx := testContext(t)
			c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
			p := writer(t, c)
			write(ctx, t, p, "a", 0, 0, 3)
			s := openSource(t, options(c, "topic", "a", "on_data_loss", mode, "discovery_interval", "5ms"))
			r := openReader(ctx, t, s)
			want(ctx, t, s, r, "0 1 2")
			stopped := stopFetches(c)
			stopped.Wait(ctx, 1)
			recreate(ctx, t, p, "a")
			write(ctx, t, writer(t, c), "a", 0, 10, 16)
			stopped.Remove()
			if mode == "earliest" {
				want(ctx, t, s, r, "10 11 12 13 14 15")
				return
			}
			_, _, err := drain(ctx, t, s, r, 1)
			wantError(t, err, "a/0: the messages from offset 3 on are gone: the topic was deleted and created again")
		})
	}
}
