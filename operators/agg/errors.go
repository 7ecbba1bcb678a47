package agg

import (
	"errors"
	"fmt"

	"tidemark/operators/data"
)

// ErrOverflow says that a result does not fit its type.
var ErrOverflow = errors.New("overflow")

// overflow is the error of a result of name that does not fit type t.
func overflow(name string, t data.Type, remedy string) error {
	return fmt.Errorf("%w: the %s does not fit %s%s", ErrOverflow, name, t, remedy)
}
