//go:build !unix

package main

import "os"

// notifyAsked does nothing: there is no signal to ask with.
func notifyAsked(chan<- os.Signal) {}
