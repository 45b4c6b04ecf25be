package main

import (
	"fmt"
	"math/big"
	"strconv"
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

// UnmarshalJSON reads a number of whole nanoseconds, with an exponent or without one.
func (s *seconds) UnmarshalJSON(b []byte) error {
	_, power, scaled := strings.Cut(strings.ToLower(string(b)), "e")
	if exponent, err := strconv.Atoi(power); len(b) > 40 || scaled && (err != nil || max(exponent, -exponent) > 30) {
		return fmt.Errorf("%.40s: is no number of seconds of at most 40 characters with an exponent of at most 30", b)
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
