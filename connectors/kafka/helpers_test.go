package kafka

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"tidemark/connectors"
)

// newCluster starts a cluster in this process.
func newCluster(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// address returns the brokers of a cluster as the option has them.
func address(c *kfake.Cluster) string { return strings.Join(c.ListenAddrs(), ",") }

// options returns options for a cluster: those of pairs, name after name and value.
func options(c *kfake.Cluster, pairs ...string) connectors.Options {
	m := map[string]string{"connector": "kafka", "brokers": address(c)}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return connectors.NewOptions(m)
}

// testContext ends long before the test would be given up, so that what waits for
// ever fails by itself.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// wantError fails the test unless err says all of parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("got %q, which lacks %q", err, p)
		}
	}
}
