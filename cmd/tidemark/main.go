// Command tidemark runs streaming SQL.
package main

import (
	"os"
	"runtime/debug"
	_ "time/tzdata" // time zones work where the machine knows none
)

// version is set when the binary is built: see the Makefile.
var version = ""

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	os.Exit(run(os.Args[1:], newConsole()))
}

// garbagePercent is how much garbage there may be beside what is in use before it is
// collected, in percent of that. Most memory is state in flat arrays, which take little time
// to look through, and rows leave next to no garbage: so half of Go's own choice is enough.
const garbagePercent = 50
