package redis

import (
	"crypto/tls"
	"net"
	"sync"
	"testing"

	"tidemark/connectors"
	"tidemark/connectors/tlstest"
)

// TestUntrusted connects to a server whose certificate nobody knows: that is refused at
// once, and not tried again.
func TestUntrusted(t *testing.T) {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{tlstest.New(t).Certificate}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer c.Close(); c.(*tls.Conn).Handshake() })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	s, err := NewSink(connectors.SinkConfig{Name: "users", Schema: schema, Key: []int{0},
		Options: connectors.NewOptions(map[string]string{"url": "rediss://127.0.0.1:" + port})})
	if err == nil {
		defer s.Close()
		write(t, s, "+I anna 1 5 x")
		err = s.Flush(t.Context())
	}
	want := "Redis at 127.0.0.1:" + port + ": its certificate is not to be trusted: x509: certificate signed by unknown authority"
	if err == nil || connectors.IsUnavailable(err) || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
