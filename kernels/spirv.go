package kernels

import "fmt"

const (
	opConstantNull = 46
	opVariable     = 59
	opStore        = 62

	storageWorkgroup = 4
	spirvHeader      = 5 // words
)

// withoutZeroStores removes the stores with which naga sets workgroup memory to zero: one store of a whole array, which drivers
// take apart element by element. No kernel relies on it.
func withoutZeroStores(code []uint32) ([]uint32, error) {
	zeros, shared := map[uint32]bool{}, map[uint32]bool{}
	out := append([]uint32(nil), code[:min(spirvHeader, len(code))]...)
	for at := spirvHeader; at < len(code); {
		op, n := code[at]&0xffff, int(code[at]>>16)
		if n < 1 || at+n > len(code) {
			return nil, fmt.Errorf("malformed SPIR-V: an instruction of %d words at word %d of %d", n, at, len(code))
		}
		words := code[at : at+n]
		at += n
		switch {
		case op == opConstantNull && n > 2:
			zeros[words[2]] = true
		case op == opVariable && n > 3 && words[3] == storageWorkgroup:
			shared[words[2]] = true
		case op == opStore && n > 2 && shared[words[1]] && zeros[words[2]]:
			continue
		}
		out = append(out, words...)
	}
	return out, nil
}
