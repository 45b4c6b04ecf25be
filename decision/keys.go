package decision

import "sort"

// keys are the bounds of an ordered column as whole numbers of one scale, so that
// a search compares machine words and allocates nothing.
type keys struct {
	of    []int64
	scale int32 // numbers: digits after the point; date-times: 0 (seconds) or 9
	slow  bool  // a bound does not fit: compare values
}

func newKeys(bounds []Value) keys {
	k := keys{of: make([]int64, len(bounds))}
	for _, b := range bounds {
		switch {
		case b.kind == kindNumber:
			k.scale = max(k.scale, b.exp)
		case b.kind == kindDateTime && b.exp > 0:
			k.scale = 9
		}
	}
	for i := range bounds {
		key, rest := k.key(&bounds[i])
		if rest != exact {
			return keys{slow: true}
		}
		k.of[i] = key
	}
	return k
}

// rest says where a value lies that is not itself a whole number of the scale.
type rest int8

const (
	exact  rest = iota
	above       // between the key and the next
	beyond      // outside of all keys: the key's sign tells on which side
)

// key returns the greatest key that is not above the value.
func (k *keys) key(v *Value) (int64, rest) {
	n, exp := v.n, v.exp
	switch {
	case v.kind == kindDateTime:
		if k.scale == 0 {
			if exp > 0 {
				return n, above
			}
			return n, exact
		}
		n, ok := scaleUp(n, 9)
		if sum := n + int64(exp); ok && sum >= n {
			return sum, exact
		}
		return v.n, beyond
	case v.kind != kindNumber || v.exp == k.scale && v.s == "":
		return n, exact
	case v.s != "":
		return k.bigKey(v)
	case exp < k.scale:
		scaled, ok := scaleUp(n, int(k.scale-exp))
		if !ok {
			return n, beyond
		}
		return scaled, exact
	}
	by := exp - k.scale
	if by >= int32(len(tens)) {
		if n < 0 {
			return -1, above
		}
		return 0, above
	}
	return floorDiv(n, tens[by]), above // its digits past the scale are not all zero
}

// bigKey is key for a number whose digits do not fit into a word.
func (k *keys) bigKey(v *Value) (int64, rest) {
	floor := v.Decimal().Shift(k.scale).Floor().BigInt()
	switch {
	case !floor.IsInt64():
		return v.n, beyond
	case v.exp <= k.scale:
		return floor.Int64(), exact
	}
	return floor.Int64(), above
}

// rank returns the rank of a value of the column's type.
func (k *keys) rank(v *Value, bounds []Value) int32 {
	if k.slow {
		at := sort.Search(len(bounds), func(i int) bool { c, _ := Compare(bounds[i], *v); return c >= 0 })
		if at < len(bounds) && bounds[at] == *v {
			return rankFirst + 2*int32(at) + 1
		}
		return rankFirst + 2*int32(at)
	}
	key, rest := k.key(v)
	if rest == beyond {
		if key < 0 {
			return rankFirst
		}
		return rankFirst + 2*int32(len(k.of))
	}
	at := search(k.of, key)
	switch {
	case at == len(k.of) || k.of[at] != key:
		return rankFirst + 2*int32(at)
	case rest == above:
		return rankFirst + 2*int32(at) + 2
	}
	return rankFirst + 2*int32(at) + 1
}

// search returns how many of the sorted numbers are less than key.
func search(sorted []int64, key int64) int {
	base, n := 0, len(sorted)
	for n > 1 {
		half := n / 2
		if sorted[base+half-1] < key {
			base += half
		}
		n -= half
	}
	if n == 1 && sorted[base] < key {
		base++
	}
	return base
}
