package file

import (
	"fmt"
	"io"
	"math"

	"tidemark/connectors"
)

// inflation says how far files may be decompressed, so that a small one cannot stand for
// work without an end.
type inflation struct{ ratio, most int64 }

// freeBytes is how much any file may be decompressed to, whatever the ratio.
const freeBytes = 64 << 20

func inflationOptions() []connectors.OptionSpec {
	return []connectors.OptionSpec{
		{Name: "max_decompressed_ratio", Kind: "int", Default: "1000", Source: true,
			Doc: "Of a .gz file: how many bytes each compressed one may become, once there are more than 64 MiB. What gzip makes of zeros alone comes to 1030."},
		{Name: "max_decompressed_bytes", Kind: "size", Default: "without limit", Source: true, Doc: "Of a .gz file: how much it may become at all."},
	}
}

func newInflation(o connectors.Options) (inflation, error) {
	ratio, err := o.Int("max_decompressed_ratio", 1000, 1, math.MaxInt32)
	if err != nil {
		return inflation{}, err
	}
	most, err := o.Size("max_decompressed_bytes", math.MaxInt64, 1, math.MaxInt64)
	return inflation{ratio, most}, err
}

// packedBytes counts the compressed bytes of one file.
type packedBytes struct {
	r io.Reader
	n int64
}

func (p *packedBytes) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	return n, err
}

// inflated reads decompressed bytes, as many as there may be.
type inflated struct {
	r      io.Reader
	name   string
	packed *packedBytes
	n      int64
	limits inflation
}

// Read implements io.Reader.
func (f *inflated) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	f.n += int64(n)
	switch {
	case f.n > f.limits.most:
		return 0, fmt.Errorf("%s: decompressed it has more than max_decompressed_bytes = %d", f.name, f.limits.most)
	case f.n > freeBytes && f.n/f.limits.ratio > f.packed.n:
		return 0, fmt.Errorf("%s: decompressed it has %d bytes and more, of only %d, which is beyond max_decompressed_ratio = %d: if it is meant so, raise it", f.name, f.n, f.packed.n, f.limits.ratio)
	}
	return n, err
}
