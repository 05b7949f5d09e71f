// Package atomicfile writes files that are there as a whole or not at all, whenever the process or the machine stops.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Suffix ends the names of files that are not complete, or never were: they are left by a process that was killed.
const Suffix = ".part"

// Write gives write an empty file in the folder of path, and when that returns without an error, syncs it, gives it the name path, and
// syncs the folder. After an error, what was at path is as it was.
func Write(path string, write func(f *os.File) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+Suffix)
	if err != nil {
		return err
	}
	if err = errors.Join(write(f), f.Chmod(mode(path))); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// mode is that of the file that is replaced, or what files usually have.
func mode(path string) os.FileMode {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return info.Mode().Perm()
	}
	return 0o644
}

// syncFolder makes the names in a folder last; Windows and browsers have no such call.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
