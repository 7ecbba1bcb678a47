// Command tidemark runs streaming SQL.
package main

import (
	"os"
	_ "time/tzdata" // time zones work where the machine knows none
)

// version is set when the binary is built: see the Makefile.
var version = ""

func main() { os.Exit(run(os.Args[1:], newConsole())) }
