package psew

import (
	"fmt"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

func quote[S ~string](s S) string { return strconv.Quote(string(s)) }

func numbered(prefix string, n int64) string { return fmt.Sprintf("%s%07d", prefix, n) }
