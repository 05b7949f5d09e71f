package kernels

import (
	"errors"

	"github.com/gradus-ml/gradus/engine/backend"
)

// device implements backend.Backend. Everything behind the owner is used by the owner's goroutine only.
type device struct {
	owner    *owner
	gpu      *gpu
	memory   *memory
	inRow    int  // workgroups in a row of a grid, at most
	emulated bool // on the CPU, where other kernels are fast
	unfused  bool // every operation is launched by itself
}

// Info implements backend.Backend.
func (d *device) Info() backend.Info { return d.gpu.info }

// Sync implements backend.Backend.
func (d *device) Sync() error { return d.owner.do(d.gpu.sync) }

// Close implements backend.Backend. It returns the failure that ended the device's use, if there was one.
func (d *device) Close() error {
	failed := d.owner.failed()
	err := d.owner.stop(func() error {
		var err error
		if failed == nil {
			err = d.gpu.sync()
		}
		d.gpu.close()
		return err
	})
	if errors.Is(err, errClosed) {
		return nil
	}
	return errors.Join(failed, err)
}
