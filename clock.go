package forewarn

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Clock tells the time. A unit of work asks it once.
type Clock interface{ Now() time.Time }

// IDSource makes ids. NewID is safe for concurrent use.
type IDSource interface{ NewID() uuid.UUID }

// SystemClock is the clock of the machine.
var SystemClock Clock = systemClock{}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// RandomIDs makes version 7 UUIDs, which lie together in an index.
var RandomIDs IDSource = randomIDs{}

type randomIDs struct{}

func (randomIDs) NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// SeededIDs returns a source that makes the same version 4 UUIDs for the same seed, for tests and examples.
func SeededIDs(seed uint64) IDSource {
	return &seededIDs{rand: rand.NewPCG(seed, 0x9e3779b97f4a7c15)}
}

type seededIDs struct {
	mu   sync.Mutex
	rand *rand.PCG
}

func (s *seededIDs) NewID() uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], s.rand.Uint64())
	binary.BigEndian.PutUint64(id[8:], s.rand.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}
