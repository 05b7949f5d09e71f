package kernels

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/shaders"
)

// launch says how a kernel is run: what is specialised, what is bound, in the order of the bindings, the
// parameters, which are bound last, and how many workgroups.
type launch struct {
	shader    string
	constants []shaders.Constant
	operands  []backend.Operand
	params    []uint32
	x, y      uint32
}

const (
	groupSize = 64     // threads of a workgroup of the element-wise kernels
	maxGroups = 65_535 // in one dimension
)

// elements runs one thread for each of n elements; it puts n and the threads in a row of workgroups before the parameters.
func (l *launch) elements(n int, params ...uint32) {
	l.fold((n + groupSize - 1) / groupSize)
	l.params = append([]uint32{uint32(n), l.x * groupSize}, params...)
}

// rows runs one workgroup for each row of a matrix; the parameters are rows, columns and workgroups in a row of them.
func (l *launch) rows(rows, cols int) {
	l.fold(rows)
	l.params = []uint32{uint32(rows), uint32(cols), l.x}
}

// columnGroup is how many columns a workgroup of the kernels that sum columns handles.
const columnGroup = 16

// columns runs one workgroup for every 16 columns of a matrix; parameters as for rows.
func (l *launch) columns(rows, cols int) {
	l.fold((cols + columnGroup - 1) / columnGroup)
	l.params = []uint32{uint32(rows), uint32(cols), l.x}
}

// fold spreads workgroups over two dimensions if they are too many for one.
func (l *launch) fold(groups int) {
	l.x = uint32(min(groups, maxGroups))
	l.y = uint32((groups + maxGroups - 1) / maxGroups)
}

func bits(v float32) uint32 { return math.Float32bits(v) }

// dispatch makes everything that a launch needs.
func (b *Backend) dispatch(l launch) (dispatch, error) {
	p, err := b.gpu.compile(&l)
	if err != nil {
		return dispatch{}, err
	}
	var bindings []binding
	for _, o := range l.operands {
		part, err := b.operand(o)
		if err != nil {
			return dispatch{}, fmt.Errorf("%s: %w", o.Name, err)
		}
		bindings = append(bindings, part)
	}
	slot, err := b.slots.take()
	if err != nil {
		return dispatch{}, err
	}
	var raw []byte
	for _, v := range l.params {
		raw = binary.LittleEndian.AppendUint32(raw, v)
	}
	if err := b.gpu.write(slot.buffer, slot.offset, raw); err != nil {
		return dispatch{}, b.fail("writing parameters", err)
	}
	group, err := b.gpu.bind(p, l.shader, append(bindings, slot))
	return dispatch{pipeline: p, group: group, slot: slot, x: l.x, y: l.y}, err
}

// operand finds the memory of an operand and checks that the device can bind so much of it.
func (b *Backend) operand(o backend.Operand) (binding, error) {
	buf, ok := o.Region.Buffer.(*buffer)
	switch {
	case !ok || buf.owner != b:
		return binding{}, fmt.Errorf("the buffer is another backend's")
	case buf.memory == nil:
		return binding{}, fmt.Errorf("the buffer has been released")
	}
	size := uint64(o.Region.Bytes()+3) / 4 * 4
	if limit := b.gpu.limits.MaxStorageBufferBindingSize; size > limit {
		return binding{}, fmt.Errorf("%d bytes, but %s binds at most %d", size, b.info.Device, limit)
	}
	return binding{buf.memory.buffer, uint64(o.Region.Offset * o.Region.Kind().Size()), size}, nil
}

// discard gives back what dispatch made.
func (b *Backend) discard(d dispatch) {
	b.gpu.unbind(d.group)
	b.slots.put(d.slot)
}
