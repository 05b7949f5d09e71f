package monitor

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// kept is how many events are kept for those who come back.
const kept = 1000

// log is what has happened, for any number of readers.
type log struct {
	mu       sync.Mutex
	name     string // of this log
	events   []event
	next     int // number of the next event
	snapshot any
	changed  chan struct{} // closed, and made anew, with each event
	closed   bool
}

// event is one that is sent as it stands.
type event struct {
	number int
	text   []byte
}

func newLog() *log { return &log{name: rand.Text()[:8], changed: make(chan struct{})} }

// add logs an event, and what a reader is told who knows nothing yet. Both are put into words at once.
func (l *log) add(e, snapshot any) {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // cannot happen: the types are ours
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.events = append(l.events, event{l.next, text})
	if l.next++; len(l.events) > kept {
		l.events = append([]event(nil), l.events[len(l.events)-kept/2:]...)
	}
	l.snapshot = snapshot
	l.wake()
}

func (l *log) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *log) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.wake()
	}
}

// since returns the events after the one with the id, or else a snapshot, and what tells of more. After the end of the log there are no more.
func (l *log) since(id string) (events []event, more <-chan struct{}, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == 0 {
		return nil, l.changed, !l.closed
	}
	from, ok := l.number(id)
	if !ok {
		text, err := json.Marshal(l.snapshot)
		if err != nil {
			panic(err) // cannot happen: the types are ours
		}
		return []event{{l.next - 1, text}}, l.changed, !l.closed
	}
	for _, e := range l.events {
		if e.number > from {
			events = append(events, e)
		}
	}
	return events, l.changed, !l.closed
}

// id returns that of an event.
func (l *log) id(e event) string { return fmt.Sprintf("%s-%d", l.name, e.number) }

// number returns that of an id of this log, if all later events are kept.
func (l *log) number(id string) (int, bool) {
	name, text, ok := strings.Cut(id, "-")
	n, err := strconv.Atoi(text)
	return n, ok && err == nil && name == l.name && n < l.next && n >= l.events[0].number-1
}
