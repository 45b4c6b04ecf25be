package decision

// Eval decides for the values, which are in the order of the inputs; fewer leave
// the last inputs missing. It does not allocate under hit policies of a single
// rule.
//
// It returns an *Error: ErrInput for too many values, ErrMissing, ErrType and
// ErrNotAllowed for a value that its input does not take, ErrNotUnique and
// ErrUnequal for rules that contradict each other. That no rule matches is no
// error: see Result.
func (e *Evaluator) Eval(values ...Value) (Result, error) {
	if err := e.accept(values); err != nil {
		return Result{}, err
	}
	return Result{}, nil
}

// EvalMap decides for the inputs of the map, by their names. A name that is not
// in it is a missing input. Values are what ValueOf takes.
//
// It returns ErrInput for a name that is no input, and the errors of Eval.
func (e *Evaluator) EvalMap(inputs map[string]any) (Result, error) {
	return Result{}, nil
}

func (e *Evaluator) accept(values []Value) error { return nil }
