package decision

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func parseTime(s string) (Value, bool) {
	for _, layout := range []string{"15:04:05.999999999", "15:04"} {
		if at, err := time.Parse(layout, s); err == nil {
			return TimeOf(at), true
		}
	}
	return Value{}, false
}

func parseDateTime(s string) (Value, bool) {
	s = strings.Replace(s, " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			return DateTimeOf(at), true
		}
	}
	return Value{}, false
}

// parseDuration reads P1DT2H3M4.5S, with a sign before it.
func parseDuration(s string) (Value, bool) {
	s, negative := strings.CutPrefix(s, "-")
	s, ok := strings.CutPrefix(s, "P")
	if !ok || s == "" {
		return Value{}, false
	}
	days, clock, timed := strings.Cut(s, "T")
	if timed && clock == "" {
		return Value{}, false
	}
	var sum int64
	add := func(text string, size int64) bool {
		part, ok := parseNumber(text)
		if !ok || text[0] == '-' || part.s != "" || strings.ContainsAny(text, "eE") || size != int64(time.Second) && part.exp > 0 || part.exp > 9 {
			return false
		}
		size /= tens[part.exp]
		if part.n > 0 && size > (math.MaxInt64-sum)/part.n {
			return false
		}
		sum += part.n * size
		return true
	}
	for _, u := range []struct {
		of     *string
		letter string
		size   time.Duration
	}{{&days, "D", 24 * time.Hour}, {&clock, "H", time.Hour}, {&clock, "M", time.Minute}, {&clock, "S", time.Second}} {
		if before, after, found := strings.Cut(*u.of, u.letter); found {
			if before == "" || !add(before, int64(u.size)) {
				return Value{}, false
			}
			*u.of = after
		}
	}
	if days != "" || clock != "" {
		return Value{}, false
	}
	if negative {
		sum = -sum
	}
	return Value{kind: kindDuration, n: sum}, true
}

// parseMonths reads P1Y2M, with a sign before it.
func parseMonths(s string) (Value, bool) {
	s, negative := strings.CutPrefix(s, "-")
	s, ok := strings.CutPrefix(s, "P")
	if !ok || s == "" {
		return Value{}, false
	}
	var sum int64
	for _, u := range []struct {
		letter string
		size   int64
	}{{"Y", 12}, {"M", 1}} {
		if before, after, found := strings.Cut(s, u.letter); found {
			n, err := strconv.ParseUint(before, 10, 40)
			if err != nil {
				return Value{}, false
			}
			sum, s = sum+int64(n)*u.size, after
		}
	}
	if s != "" {
		return Value{}, false
	}
	if negative {
		sum = -sum
	}
	return MonthsOf(sum), true
}
