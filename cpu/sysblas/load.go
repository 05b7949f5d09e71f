//go:build (linux || darwin || freebsd || windows) && (amd64 || arm64)

package sysblas

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"unsafe"

	"github.com/go-webgpu/goffi/ffi"
	"github.com/go-webgpu/goffi/types"
	"golang.org/x/sys/cpu"
)

// Candidates lists what Open looks for, in this order.
func Candidates() []string {
	switch runtime.GOOS {
	case "darwin":
		return []string{"/System/Library/Frameworks/Accelerate.framework/Accelerate"}
	case "windows":
		return []string{"mkl_rt.2.dll", "libopenblas.dll"}
	}
	return []string{"libmkl_rt.so.2", "libopenblas.so.0", "libblis.so.4"}
}

// caller calls a library's cblas_sgemm. Its frames are pooled: a call allocates nothing.
type caller struct {
	function unsafe.Pointer
	shape    *types.CallInterface
	frames   *sync.Pool
}

// frame holds the arguments of a call, and their addresses. It is on the heap, where nothing moves.
type frame struct {
	forms   [3]int32
	sizes   [6]int32
	factors [2]float32
	data    [3]*float32
	args    [14]unsafe.Pointer
}

func newFrame() any {
	f := &frame{}
	f.args = [14]unsafe.Pointer{
		unsafe.Pointer(&f.forms[0]), unsafe.Pointer(&f.forms[1]), unsafe.Pointer(&f.forms[2]),
		unsafe.Pointer(&f.sizes[0]), unsafe.Pointer(&f.sizes[1]), unsafe.Pointer(&f.sizes[2]), unsafe.Pointer(&f.factors[0]),
		unsafe.Pointer(&f.data[0]), unsafe.Pointer(&f.sizes[3]), unsafe.Pointer(&f.data[1]), unsafe.Pointer(&f.sizes[4]), unsafe.Pointer(&f.factors[1]),
		unsafe.Pointer(&f.data[2]), unsafe.Pointer(&f.sizes[5]),
	}
	return f
}

// sgemm calls the library. The sizes are m, n, k and the distances of rows of A, B and C.
func (c caller) sgemm(forms [3]int32, sizes [6]int32, factors [2]float32, data [3]*float32) {
	f := c.frames.Get().(*frame)
	f.forms, f.sizes, f.factors, f.data = forms, sizes, factors, data
	if _, err := ffi.CallFunction(c.shape, c.function, nil, f.args[:]); err != nil {
		panic(fmt.Sprintf("sysblas: cblas_sgemm: %v", err)) // the shape of the call was accepted
	}
	runtime.KeepAlive(data)
	f.data = [3]*float32{}
	c.frames.Put(f)
}

// load opens the library and looks its product up.
func load(path string, o Options) (caller, string, error) {
	if err := prepare(o); err != nil {
		return caller{}, "", err
	}
	handle, err := ffi.LoadLibrary(path)
	if err != nil {
		return caller{}, "", err
	}
	function, err := ffi.GetSymbol(handle, "cblas_sgemm")
	if err != nil {
		return caller{}, "", err
	}
	i, p, f := types.SInt32TypeDescriptor, types.PointerTypeDescriptor, types.FloatTypeDescriptor
	shape := &types.CallInterface{}
	err = ffi.PrepareCallInterface(shape, types.DefaultCall, types.VoidTypeDescriptor, []*types.TypeDescriptor{i, i, i, i, i, i, f, p, i, p, i, f, p, i})
	if err != nil {
		return caller{}, "", err
	}
	limit(handle, o.Threads)
	return caller{function, shape, &sync.Pool{New: newFrame}}, configOf(handle), nil
}

// prepare sets the environment that OpenBLAS looks at, in the C library, since Go's is another.
func prepare(o Options) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	if o.CoreType == "" && cpu.X86.HasAVX512DQ {
		o.CoreType = "SkylakeX"
	}
	if o.CoreType == "" || os.Getenv("OPENBLAS_CORETYPE") != "" {
		return nil
	}
	libc, err := ffi.LoadLibrary("libc.so.6")
	if err != nil {
		return nil // another C library: OpenBLAS chooses by itself
	}
	setenv, err := ffi.GetSymbol(libc, "setenv")
	if err != nil {
		return err
	}
	p, i := types.PointerTypeDescriptor, types.SInt32TypeDescriptor
	shape := &types.CallInterface{}
	if err := ffi.PrepareCallInterface(shape, types.DefaultCall, i, []*types.TypeDescriptor{p, p, i}); err != nil {
		return err
	}
	key, value, overwrite, result := []byte("OPENBLAS_CORETYPE\x00"), []byte(o.CoreType+"\x00"), int32(0), int32(0)
	first, second := unsafe.Pointer(&key[0]), unsafe.Pointer(&value[0])
	_, err = ffi.CallFunction(shape, setenv, unsafe.Pointer(&result), []unsafe.Pointer{unsafe.Pointer(&first), unsafe.Pointer(&second), unsafe.Pointer(&overwrite)})
	return err
}

// limit tells the library how many threads to use, if it can be told.
func limit(handle unsafe.Pointer, threads int) {
	if threads == 0 {
		return
	}
	n := int32(threads)
	for _, name := range []string{"openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"} {
		function, err := ffi.GetSymbol(handle, name)
		if err != nil {
			continue
		}
		shape := &types.CallInterface{}
		if ffi.PrepareCallInterface(shape, types.DefaultCall, types.VoidTypeDescriptor, []*types.TypeDescriptor{types.SInt32TypeDescriptor}) == nil {
			_, _ = ffi.CallFunction(shape, function, nil, []unsafe.Pointer{unsafe.Pointer(&n)})
		}
	}
}

// configOf returns what OpenBLAS says of itself and of the processor that it sees.
func configOf(handle unsafe.Pointer) string {
	text := ""
	for _, name := range []string{"openblas_get_config", "openblas_get_corename"} {
		function, err := ffi.GetSymbol(handle, name)
		if err != nil {
			return ""
		}
		shape, result := &types.CallInterface{}, unsafe.Pointer(nil)
		if ffi.PrepareCallInterface(shape, types.DefaultCall, types.PointerTypeDescriptor, nil) != nil {
			return ""
		}
		if _, err := ffi.CallFunction(shape, function, unsafe.Pointer(&result), nil); err != nil || result == nil {
			return ""
		}
		for i := 0; ; i++ {
			c := *(*byte)(unsafe.Add(result, i))
			if c == 0 {
				break
			}
			text += string(rune(c))
		}
		text += " "
	}
	return text + strconv.Itoa(runtime.NumCPU()) + " processors"
}
