package worker_test

import (
	"testing"

	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/worker/workertest"
)

func TestOverMemory(t *testing.T) {
	workertest.Run(t, func(testing.TB) workertest.Under { return workertest.Under{Store: memory.New()} })
}
