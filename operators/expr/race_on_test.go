//go:build race

package expr

// raceDetector says that the tests run under the race detector, where pools of the
// standard library drop what they are given.
const raceDetector = true
