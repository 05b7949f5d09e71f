package kernels

// The parts of SPIR-V that withoutWorkgroupZeros looks at (Khronos, SPIR-V specification 1.3).
const (
	headerWords      = 5
	opConstantNull   = 46
	opVariable       = 59
	opStore          = 62
	storageWorkgroup = 4
)

// withoutWorkgroupZeros returns the module without the stores that set whole variables in workgroup memory to zero.
func withoutWorkgroupZeros(code []uint32) []uint32 {
	if len(code) < headerWords {
		return code
	}
	nulls, workgroup := map[uint32]bool{}, map[uint32]bool{}
	kept := append([]uint32(nil), code[:headerWords]...)
	for at := headerWords; at < len(code); {
		length, op := int(code[at]>>16), code[at]&0xffff
		if length == 0 || at+length > len(code) {
			return code // not SPIR-V as we know it
		}
		words := code[at : at+length]
		at += length
		switch {
		case op == opConstantNull && length == 3:
			nulls[words[2]] = true
		case op == opVariable && length >= 4 && words[3] == storageWorkgroup:
			workgroup[words[2]] = true
		case op == opStore && length >= 3 && workgroup[words[1]] && nulls[words[2]]:
			continue
		}
		kept = append(kept, words...)
	}
	return kept
}
