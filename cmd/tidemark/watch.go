package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"tidemark/runtime/engine"
)

// watch lets others see how the job in hand stands: over HTTP, and by a signal.
type watch struct {
	job    atomic.Pointer[engine.Job]
	server *http.Server
	asked  chan os.Signal
}

// newWatch starts to listen at an address, "" for none, and for the signal that asks
// for the time of the job, which is then written to c.
func newWatch(c *console, address string, quiet bool) (*watch, error) {
	w := &watch{asked: make(chan os.Signal, 1)}
	if address != "" {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		w.server = &http.Server{Handler: w.handler(), ReadHeaderTimeout: 10 * time.Second}
		go w.server.Serve(l)
		if !quiet {
			c.note(fmt.Sprintf("listening on http://%s: /metrics, /status, /watermark", l.Addr()))
		}
	}
	notifyAsked(w.asked)
	go func() {
		for range w.asked {
			if job := w.job.Load(); job != nil {
				c.note(job.TimeText())
			}
		}
	}()
	return w, nil
}

// close stops listening.
func (w *watch) close() {
	signal.Stop(w.asked)
	close(w.asked)
	if w.server != nil {
		w.server.Close()
	}
}

// handler answers what is asked of the job in hand.
func (w *watch) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, answer func(*engine.Job, http.ResponseWriter, *http.Request)) {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			if job := w.job.Load(); job != nil {
				answer(job, rw, r)
				return
			}
			http.Error(rw, "nothing runs", http.StatusServiceUnavailable)
		})
	}
	get := func(path, form string, answer func(*engine.Job, io.Writer) error) {
		handle("GET "+path, func(job *engine.Job, rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", form)
			_ = answer(job, rw) // who has asked has gone
		})
	}
	get("/metrics", "text/plain; version=0.0.4; charset=utf-8", func(j *engine.Job, rw io.Writer) error { return j.WriteMetrics(rw) })
	get("/status", "application/json", func(j *engine.Job, rw io.Writer) error { return json.NewEncoder(rw).Encode(j.Report()) })
	get("/watermark", "text/plain; charset=utf-8", func(j *engine.Job, rw io.Writer) error {
		_, err := io.WriteString(rw, j.TimeText())
		return err
	})
	handle("POST /watermark", advance)
	return http.NewCrossOriginProtection().Handler(mux) // pages of others move nothing
}

// advance moves the watermark of a stream, or of all, as ADVANCE WATERMARK does.
func advance(job *engine.Job, rw http.ResponseWriter, r *http.Request) {
	to, err := engine.ParseTimestamp(r.FormValue("to"))
	if err != nil {
		http.Error(rw, fmt.Sprintf("to = '%s' is not a valid TIMESTAMP: send for example stream=clicks&to=2026-01-05T10:00:00Z", r.FormValue("to")), http.StatusBadRequest)
		return
	}
	if err := job.AdvanceWatermark(r.FormValue("stream"), to); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
	}
}
