package sqlstore

import (
	"testing"

	"github.com/forewarn-go/forewarn/adapters/logtest"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
)

// TestLog runs the suite.
func TestLog(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		db := open(t, url, storagetest.Kinds()...)
		logtest.Run(t, func(testing.TB) storagetest.Under { return under(db) })
	})
}
