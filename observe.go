package forewarn

import "context"

// Observer sees every use case begin and end, nested ones too; an adapter makes
// traces and metrics of it. Begin may put something into the context that nested
// use cases then begin with. The function it returns is called once, with the
// number of runs that the unit of work took and the error of the last.
type Observer interface {
	Begin(ctx context.Context, name string, by Actor) (context.Context, func(runs int, err error))
}

type noObserver struct{}

func (noObserver) Begin(ctx context.Context, _ string, _ Actor) (context.Context, func(int, error)) {
	return ctx, func(int, error) {}
}
