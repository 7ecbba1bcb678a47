package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// stopper turns SIGINT and SIGTERM into the end of a context. The first one asks
// for a stop: what was read goes through, sinks are flushed. The second ends the
// process at once.
type stopper struct {
	ctx    context.Context
	cancel context.CancelFunc
	ch     chan os.Signal
	got    atomic.Int32 // the number of the first signal
}

// watchSignals starts to listen. It also makes a write to a closed pipe an error
// of that write, not the end of the process: the other sinks are to be flushed.
func watchSignals() *stopper {
	s := &stopper{ch: make(chan os.Signal, 2)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(s.ch, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		for sig := range s.ch {
			n, _ := sig.(syscall.Signal)
			if !s.got.CompareAndSwap(0, int32(n)) {
				os.Exit(128 + int(n))
			}
			s.cancel()
		}
	}()
	return s
}

// stopped returns the exit code of a run that the signal has cut short, or 0
// when there was no signal.
func (s *stopper) stopped() int {
	if n := s.got.Load(); n != 0 {
		return 128 + int(n)
	}
	return 0
}

// close stops listening.
func (s *stopper) close() {
	signal.Stop(s.ch)
	close(s.ch)
	s.cancel()
}
