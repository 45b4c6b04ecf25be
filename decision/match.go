package decision

// This file is the meaning of cells, without any index: explanations, validation
// and the tests of the index rest on it.

// truth is what a test says of a value: null and missing have no order.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func truly(b bool) truth {
	if b {
		return yes
	}
	return no
}

// Matches reports whether the cell matches a value of a column of that type.
func (c Cell) Matches(v Value, t Type) bool {
	if c.IsAny() {
		return true
	}
	most := no
	for _, test := range c.Tests {
		most = max(most, test.holds(v, t))
	}
	return c.holds(most)
}

// holds says whether the cell matches a value of which its tests say at most that.
func (c Cell) holds(most truth) bool {
	if c.Not {
		return most == no
	}
	return most == yes
}

func (t Test) holds(v Value, typ Type) truth {
	switch t.Op {
	case Equal:
		return truly(equal(v, t.Value, typ))
	case Empty:
		return truly(v.IsNull() || v.IsMissing() || typ.IsText() && v.kind == kindText && typ.spell(v.s) == "")
	}
	low, ok := Compare(v, t.Value)
	if !ok {
		return unknown
	}
	switch t.Op {
	case Less:
		return truly(low < 0)
	case AtMost:
		return truly(low <= 0)
	case Greater:
		return truly(low > 0)
	case AtLeast:
		return truly(low >= 0)
	case Within:
		high, ok := Compare(v, t.High)
		if !ok {
			return unknown
		}
		return truly((low > 0 || low == 0 && !t.LowOpen) && (high < 0 || high == 0 && !t.HighOpen))
	}
	return unknown
}

// equal reports whether two values are the same in a column of that type.
func equal(a, b Value, t Type) bool {
	if a == b {
		return true
	}
	return t.IsLoose() && a.kind == kindText && b.kind == kindText && fold(a.s) == fold(b.s)
}
