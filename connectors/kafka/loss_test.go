package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// TestLossWhileReading deletes messages that the reader has not come to.
func TestLossWhileReading(t *testing.T) {
	for _, mode := range []string{"fail", "earliest"} {
		t.Run(mode, func(t *testing.T) {
			ctx := testContext(t)
			c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
			p := writer(t, address(c))
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
			p := writer(t, address(c))
			write(ctx, t, p, "a", 0, 0, 3)
			s := openSource(t, options(c, "topic", "a", "on_data_loss", mode, "discovery_interval", "5ms"))
			r := openReader(ctx, t, s)
			want(ctx, t, s, r, "0 1 2")
			stopped := stopFetches(c)
			stopped.Wait(ctx, 1)
			recreate(ctx, t, p, "a")
			write(ctx, t, writer(t, address(c)), "a", 0, 10, 16)
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
