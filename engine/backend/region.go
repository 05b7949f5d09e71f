package backend

import "fmt"

// Kind is the type of a buffer's elements.
type Kind uint8

// The kinds. U8 is packed, four elements to a 32-bit word, and only ever read by operations.
const (
	F32 Kind = iota
	U32
	U8
)

// String returns f32, u32 or u8.
func (k Kind) String() string {
	switch k {
	case F32:
		return "f32"
	case U32:
		return "u32"
	case U8:
		return "u8"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Size returns the bytes of one element.
func (k Kind) Size() int {
	if k == U8 {
		return 1
	}
	return 4
}

// Alignment is the step, in bytes, that region offsets keep when operations bind them:
// the storage buffer offset alignment that every WebGPU device grants.
const Alignment = 256

// Aligned rounds n elements of the kind up to the next offset at which a region may start.
func Aligned(kind Kind, n int) int {
	step := Alignment / kind.Size()
	return (n + step - 1) / step * step
}

// A Region is Len elements of a buffer from element Offset on.
type Region struct {
	Buffer Buffer
	Offset int
	Len    int
}

// Whole returns the region that covers the buffer.
func Whole(b Buffer) Region { return Region{Buffer: b, Len: b.Len()} }

// Kind returns the kind of the region's elements.
func (r Region) Kind() Kind { return r.Buffer.Kind() }

// Bytes returns the region's size.
func (r Region) Bytes() int64 { return int64(r.Len) * int64(r.Buffer.Kind().Size()) }

// Valid reports whether the region lies within its buffer.
func (r Region) Valid() error {
	switch {
	case r.Buffer == nil:
		return fmt.Errorf("no buffer")
	case r.Offset < 0 || r.Len < 1 || r.Len > r.Buffer.Len() || r.Offset > r.Buffer.Len()-r.Len:
		return fmt.Errorf("elements [%d, %d) of a buffer of %d", r.Offset, r.Offset+r.Len, r.Buffer.Len())
	}
	return nil
}

// Overlaps reports whether the regions share an element.
func (r Region) Overlaps(s Region) bool {
	return r.Buffer == s.Buffer && r.Offset < s.Offset+s.Len && s.Offset < r.Offset+r.Len
}

// Access says what an operation does to an operand.
type Access uint8

// The accesses. Write means that every element is overwritten and none is read before.
const (
	Read Access = iota
	Write
	ReadWrite
)

// Reads reports whether the operand's old content matters.
func (a Access) Reads() bool { return a != Write }

// Writes reports whether the operand changes.
func (a Access) Writes() bool { return a != Read }

// An Operand is a region with the name and the access under which an operation uses it.
type Operand struct {
	Name   string
	Region Region
	Access Access
}

// CheckOp applies an operation's own rules and those that hold for all of them: regions lie within their
// buffers and start at aligned offsets, and a buffer that one operand writes is used by no other operand, unless that
// one writes too and does not overlap it (the usage rule of WebGPU).
func CheckOp(op Op) error {
	if err := op.Check(); err != nil {
		return err
	}
	return CheckOperands(op.Name(), op.Operands())
}

// CheckOperands applies the rules that hold for all operations to the operands of one of the name.
func CheckOperands(name string, operands []Operand) error {
	for i, o := range operands {
		if err := o.Region.Valid(); err != nil {
			return fmt.Errorf("%s: %s: %w", name, o.Name, err)
		}
		if o.Region.Offset*o.Region.Kind().Size()%Alignment != 0 {
			return fmt.Errorf("%s: %s: offset %d is not aligned to %d bytes", name, o.Name, o.Region.Offset, Alignment)
		}
		for _, p := range operands[:i] {
			if clash(o, p) {
				return fmt.Errorf("%s: %s and %s share a buffer that one of them writes", name, p.Name, o.Name)
			}
		}
	}
	return nil
}

func clash(a, b Operand) bool {
	if a.Region.Buffer != b.Region.Buffer || !a.Access.Writes() && !b.Access.Writes() {
		return false
	}
	return a.Access.Writes() != b.Access.Writes() || a.Region.Overlaps(b.Region)
}
