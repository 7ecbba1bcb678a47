package kafka

import (
	"context"
	"net"
	"sync"
)

// connections are those that a client has open, so that they can all be ended at once,
// whatever is waited for on them.
type connections struct {
	mu     sync.Mutex
	open   map[*connection]struct{}
	closed bool
}

// connection is one to a broker.
type connection struct {
	net.Conn
	of *connections
}

// dial connects to an address.
func (s *connections) dial(ctx context.Context, network, address string) (net.Conn, error) {
	inner, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		inner.Close()
		return nil, net.ErrClosed
	}
	if s.open == nil {
		s.open = map[*connection]struct{}{}
	}
	c := &connection{inner, s}
	s.open[c] = struct{}{}
	return c, nil
}

// Close ends the connection.
func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// close ends all connections, and lets none begin.
func (s *connections) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		c.Conn.Close()
	}
	s.open = nil
}
