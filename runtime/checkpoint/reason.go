package checkpoint

import (
	"errors"
	"os"
)

// reason returns what is wrong without the path that the error was told with, which
// names files nobody knows.
func reason(err error) error {
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
