package kernels

import (
	"encoding/binary"

	"github.com/gogpu/wgpu"
)

const (
	slotBytes    = 256 // what every device lets a uniform binding begin at
	slotsPerPage = 256
)

// slots lends places in uniform memory for the parameters of kernels.
type slots struct {
	gpu  *gpu
	free []slot
}

type slot struct {
	page   *wgpu.Buffer
	offset int64
}

func (s slot) span() span { return span{s.page, s.offset, slotBytes} }

// put returns a slot that holds the parameters from the next submission on.
func (s *slots) put(params []uint32) (slot, error) {
	if len(s.free) == 0 {
		page, err := s.gpu.newBuffer(slotBytes*slotsPerPage, paramsUsage)
		if err != nil {
			return slot{}, err
		}
		for i := slotsPerPage - 1; i >= 0; i-- {
			s.free = append(s.free, slot{page, int64(i) * slotBytes})
		}
	}
	at := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	data := make([]byte, 0, slotBytes)
	for _, v := range params {
		data = binary.LittleEndian.AppendUint32(data, v)
	}
	return at, s.gpu.write(at.page, at.offset, data)
}

// giveBack makes a slot free; the device must be idle.
func (s *slots) giveBack(at slot) { s.free = append(s.free, at) }
