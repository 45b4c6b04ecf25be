package main

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// seconds is a duration that is read and written as a number of seconds, exactly to the nanosecond.
type seconds time.Duration

// MarshalJSON writes the number without trailing zeros.
func (s seconds) MarshalJSON() ([]byte, error) {
	d, sign := time.Duration(s), ""
	whole, rest := d/time.Second, d%time.Second
	if d < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	text := fmt.Sprintf("%s%d", sign, uint64(whole))
	if rest != 0 {
		text += strings.TrimRight(fmt.Sprintf(".%09d", rest), "0")
	}
	return []byte(text), nil
}

// UnmarshalJSON reads a number with at most nine digits after the point.
func (s *seconds) UnmarshalJSON(b []byte) error {
	if len(b) > 40 || strings.ContainsAny(string(b), "eE") {
		return fmt.Errorf("%.40s: is no plain number of seconds", b)
	}
	n, ok := new(big.Rat).SetString(string(b))
	if !ok {
		return fmt.Errorf("%s: is no number of seconds", b)
	}
	n.Mul(n, big.NewRat(int64(time.Second), 1))
	if !n.IsInt() || !n.Num().IsInt64() {
		return fmt.Errorf("%s: is finer than nanoseconds or longer than 292 years", b)
	}
	*s = seconds(n.Num().Int64())
	return nil
}
