//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyAsked lets SIGUSR1 ask for the time of a job.
func notifyAsked(ch chan<- os.Signal) { signal.Notify(ch, syscall.SIGUSR1) }
