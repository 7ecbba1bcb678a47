package connectors

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRetry(t *testing.T) {
	gone, broken := &Unavailable{errors.New("gone")}, errors.New("broken")
	for _, c := range []*struct {
		name  string
		retry Retry
		fails int
		last  error // behind the failures
		waits []time.Duration
		want  error
	}{
		{"at once", Retry{Delay: time.Second, Times: 3}, 0, nil, nil, nil},
		{"another error", Retry{Delay: time.Second, Times: 3}, 1, broken, []time.Duration{time.Second}, broken},
		{"never again", Retry{Delay: time.Second}, 1, nil, nil, gone},
		{"so often", Retry{Delay: time.Second, Times: 2}, 2, nil, []time.Duration{1e9, 2e9}, nil},
		{"too often", Retry{Delay: time.Second, Times: 2}, 3, nil, []time.Duration{1e9, 2e9}, gone},
		{"so long", Retry{Delay: 4 * time.Second, Times: -1, Limit: 20 * time.Second}, 9, nil, []time.Duration{4e9, 8e9, 1e10}, gone},
	} {
		var waits []time.Duration
		c.retry.Wait = func(_ context.Context, d time.Duration) error {
			if _, err := c.retry.Trouble(); err != gone {
				t.Errorf("%s: the trouble is %v", c.name, err)
			}
			waits = append(waits, d)
			return nil
		}
		failed := 0
		err := c.retry.Do(context.Background(), func() error {
			if failed == c.fails {
				return c.last
			}
			failed++
			return gone
		})
		if err != c.want || !slices.Equal(waits, c.waits) {
			t.Errorf("%s: got %v after %v, want %v after %v", c.name, err, waits, c.want, c.waits)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	r := Retry{Delay: time.Hour, Times: -1}
	if err := r.Do(ended, func() error { return gone }); !errors.Is(err, context.Canceled) {
		t.Errorf("at the end: %v", err)
	}
}

// TestRetryEnds lets the context end while it waits: the error says for what.
func TestRetryEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := Retry{Delay: time.Hour, Times: -1}
	err := r.Do(ctx, func() error {
		cancel()
		return &Unavailable{errors.New("the server is away")}
	})
	if !errors.Is(err, context.Canceled) || IsUnavailable(err) || !strings.HasSuffix(err.Error(), ": the server is away") {
		t.Errorf("got %v", err)
	}
	if since, trouble := r.Trouble(); since != 0 || trouble != nil {
		t.Errorf("there is still trouble: %v", trouble)
	}
}
