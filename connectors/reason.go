package connectors

import (
	"errors"
	"os"
)

// Reason returns what is wrong in an error about a file, without the operation and the
// path, which may be of a file that nobody has heard of.
func Reason(err error) error {
	var p *os.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}
