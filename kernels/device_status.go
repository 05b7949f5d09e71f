package kernels

import (
	"encoding/binary"
	"fmt"

	"github.com/gogpu/wgpu"
)

const (
	statusWords = 64
	statusBytes = 4 * statusWords
)

// status counts submissions on both sides. The last kernel of submission i adds 1 to word i modulo 64 on the device.
// A word that stays behind tells that a submission was lost, which some drivers do without a word.
type status struct {
	buffer  *wgpu.Buffer
	counter [statusWords]command
	want    [statusWords]uint32
	count   uint64 // submissions
	checked uint64 // of them known to have run
}

// openStatus makes the status words and the kernels that count.
func (g *gpu) openStatus() error {
	b, err := g.newBuffer(statusBytes, deviceUsage)
	if err != nil {
		return err
	}
	params, err := g.newBuffer(slotBytes*statusWords, paramsUsage)
	if err != nil {
		return err
	}
	p, err := g.pipeline("status", nil)
	if err != nil {
		return err
	}
	if err := g.write(b, 0, make([]byte, statusBytes)); err != nil {
		return err
	}
	s := status{buffer: b}
	for i := range s.counter {
		at := int64(i) * slotBytes
		if err := g.write(params, at, binary.LittleEndian.AppendUint32(nil, uint32(i))); err != nil {
			return err
		}
		group, err := g.bind(p, []span{{b, 0, statusBytes}, {params, at, slotBytes}})
		if err != nil {
			return fmt.Errorf("kernels: status.wgsl: %w", err)
		}
		s.counter[i] = command{p, group, grid{1, 1}}
	}
	g.status = s
	return nil
}

func (s *status) span() span { return span{s.buffer, 0, statusBytes} }

// next returns the kernel that counts the submission being recorded.
func (s *status) next() *command { return &s.counter[s.count%statusWords] }

func (s *status) submitted() {
	s.want[s.count%statusWords]++
	s.count++
}

// check compares the words that were read back with what was submitted.
func (s *status) check(words []byte) error {
	for i := s.checked; i < s.count && i < s.checked+statusWords; i++ {
		slot := i % statusWords
		if got := binary.LittleEndian.Uint32(words[4*slot:]); got != s.want[slot] {
			return fmt.Errorf("%w: submission %d of %d did not run to its end (the driver gave up on it: a time limit, a lack of memory or a fault)",
				errFailed, i+1, s.count)
		}
	}
	s.checked = s.count
	return nil
}
