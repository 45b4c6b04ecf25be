package logtest_test

import (
	"testing"

	"github.com/forewarn-go/forewarn/adapters/logtest"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
)

// Covers: LIB-003
func TestMemoryKeepsTheContract(t *testing.T) {
	logtest.Run(t, func(testing.TB) storagetest.Under { return storagetest.Under{Store: memory.New()} })
}
