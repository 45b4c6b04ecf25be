package decision

// Evaluator is a compiled table. It never changes, and any number of goroutines
// may use it at once.
type Evaluator struct {
	table Table
	names map[string]int // of the inputs
}

// Compile checks a table and makes its evaluator. It copies what it keeps: the
// table may be changed afterwards. The error is Errors and names all defects, at
// most a hundred.
func Compile(t Table) (*Evaluator, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	e := &Evaluator{table: t.Clone(), names: map[string]int{}}
	for i, in := range e.table.Inputs {
		e.names[in.Name] = i
	}
	return e, nil
}

// Table returns a copy of the table that was compiled.
func (e *Evaluator) Table() Table { return e.table.Clone() }
