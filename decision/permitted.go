package decision

// permitted are the allowed values of a column, for asking many times.
type permitted struct {
	cell   Cell
	typ    Type
	listed map[Value]struct{} // by key, when the cell lists them one by one; else nil
	empty  bool               // the empty text is one of them
}

func newPermitted(c Cell, t Type) permitted {
	p := permitted{cell: c, typ: t}
	if values, ok := c.values(); ok && !c.IsAny() {
		p.listed = make(map[Value]struct{}, len(values))
		for _, v := range values {
			p.listed[t.key(v)] = struct{}{}
		}
	}
	p.empty = t.IsText() && p.has(Text(""))
	return p
}

// has reports whether the column takes a value.
func (p *permitted) has(v Value) bool {
	if p.listed == nil {
		return p.cell.Matches(v, p.typ)
	}
	_, ok := p.listed[p.typ.key(v)]
	return ok
}
