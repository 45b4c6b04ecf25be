package forewarn

import (
	"fmt"
	"strconv"
)

// Version is the version of a record as its readers see it: opaque, compared
// for equality only, text in JSON, forms and ETags. As what a command expects,
// zero expects nothing.
type Version int64

// String returns the version as MarshalText does.
func (v Version) String() string { return strconv.FormatInt(int64(v), 36) }

// MarshalText returns a short text; "0" for the zero version.
func (v Version) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(v), 36), nil }

// UnmarshalText reads what MarshalText wrote, and nothing else; the empty text is zero.
func (v *Version) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*v = 0
		return nil
	}
	n, err := strconv.ParseInt(string(b), 36, 64)
	var written [13]byte // room for the largest
	if err != nil || n < 0 || string(strconv.AppendInt(written[:0], n, 36)) != string(b) {
		return fmt.Errorf("%q is no version", b)
	}
	*v = Version(n)
	return nil
}
