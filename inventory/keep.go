package inventory

import "github.com/forewarn-go/forewarn"

// Keep tells an engine of the kinds that Stored reads. New does so too; a service that reads Stored calls it when it is made, so that an engine over
// which nobody made a Service reads an empty inventory and not none.
func Keep(e *forewarn.Engine) error { return e.Keep(items.Kind(), links.Kind()) }
