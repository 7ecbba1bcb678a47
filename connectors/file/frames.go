package file

import "context"

// openFrames opens the file called r.name, of a binary format.
func (r *reader) openFrames(ctx context.Context) error {
	input, err := r.open()
	if err != nil {
		return err
	}
	r.frames = r.source.reading.Frames(input, r.name)
	r.pieces = r.frames
	return r.readError(r.frames.Start(ctx))
}
