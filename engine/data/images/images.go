// Package images reads folders of PNG, JPEG and GIF files as data sets: a folder for each class, as Keras's image_dataset_from_directory has it.
package images

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // to be decoded
	_ "image/jpeg" // to be decoded
	_ "image/png"  // to be decoded
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/draw"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/random"
)

// Interpolation says how an image gets its size.
type Interpolation uint8

// The interpolations.
const (
	Bilinear Interpolation = iota // of all pixels under a new one when the image is made smaller
	CatmullRom
	Nearest
)

// Options say what becomes of the images.
type Options struct {
	Height, Width int  // of every image; zeros mean those of the first, and others are refused
	Grayscale     bool // one channel: 0.299 R + 0.587 G + 0.114 B; else three
	// CropToAspectRatio cuts off what is too wide or too high before the image gets its size; else it is distorted.
	CropToAspectRatio bool
	Interpolation     Interpolation
	// Classes are the folders to be read, in the order of the labels; nil means all, sorted by name.
	Classes []string
	// Unlabelled reads the images of the folder itself, and of those in it, as examples without classes.
	Unlabelled bool
}

// maxPixels refuses images that would take more memory than any that is trained on.
const maxPixels = 1 << 26

// extensions are of files that are images.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif"}

// A Folder lists the images of a folder.
type Folder struct {
	files   fs.FS
	root    string
	paths   []string
	labels  []int
	classes []string
	options Options
}

// Open lists the images of a folder: those of each class sorted by path, class after class, in folders within it too. Files whose names begin with a point
// or do not end in .png, .jpg, .jpeg or .gif are left out. Of a GIF the first image counts. Directions that a camera has noted (EXIF) do not count.
func Open(dir string, o Options) (*Folder, error) {
	f, err := list(os.DirFS(dir), dir, o)
	if err != nil {
		return nil, fmt.Errorf("images: %w", err)
	}
	return f, nil
}

// ReadFolder reads all images of a folder, as bytes of the shape [height width 1] or [height width 3] that are fed as b/255.
func ReadFolder(dir string, o Options) (*data.Set, error) {
	f, err := Open(dir, o)
	if err != nil {
		return nil, err
	}
	return f.read(context.Background(), f.numbers())
}

func list(files fs.FS, root string, o Options) (*Folder, error) {
	f := &Folder{files: files, root: root, options: o, classes: o.Classes}
	if o.Height < 0 || o.Width < 0 || (o.Height == 0) != (o.Width == 0) || int64(o.Height)*int64(o.Width) > maxPixels || o.Interpolation > Nearest {
		return nil, fmt.Errorf("height is %d, width %d and interpolation %d, want a size of at most %d pixels, or zeros for that of the first image",
			o.Height, o.Width, o.Interpolation, maxPixels)
	}
	if o.Unlabelled {
		return f, f.walk(".", -1)
	}
	if err := f.findClasses(); err != nil {
		return nil, err
	}
	for label, class := range f.classes {
		if err := f.walk(class, label); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// findClasses takes each folder for a class.
func (f *Folder) findClasses() error {
	entries, err := fs.ReadDir(f.files, ".")
	if err != nil {
		return fmt.Errorf("%s: %w", f.root, err)
	}
	if f.classes != nil {
		return nil
	}
	for _, e := range entries { // sorted by name
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			f.classes = append(f.classes, e.Name())
		}
	}
	if len(f.classes) == 0 {
		return fmt.Errorf("%s: no folder in it, want one for each class, or Options.Unlabelled", f.root)
	}
	return nil
}

// walk adds the images below a folder.
func (f *Folder) walk(dir string, label int) error {
	before := len(f.paths)
	err := fs.WalkDir(f.files, dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && slices.Contains(extensions, strings.ToLower(path.Ext(name))):
			f.paths = append(f.paths, name)
			if label >= 0 {
				f.labels = append(f.labels, label)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", f.root, err)
	}
	if len(f.paths) == before {
		return fmt.Errorf("%s: no image: want files that end in %s", filepath.Join(f.root, dir), strings.Join(extensions, ", "))
	}
	return nil
}

// Len returns the number of images.
func (f *Folder) Len() int { return len(f.paths) }

// Classes returns the names of the classes.
func (f *Folder) Classes() []string { return slices.Clone(f.classes) }

func (f *Folder) numbers() []uint32 {
	list := make([]uint32, len(f.paths))
	for i := range list {
		list[i] = uint32(i)
	}
	return list
}

// orders is the number of the first random stream for the order of files.
const orders = 1 << 36

// Stream returns a stream that reads the images, in parts of so many, in a random order of their files, another in each epoch, that follows from the seed.
func (f *Folder) Stream(part int, seed uint64) *data.Stream {
	part = max(part, 1)
	return &data.Stream{Len: f.Len(), Parts: func(ctx context.Context, epoch int) iter.Seq2[*data.Set, error] {
		return func(yield func(*data.Set, error) bool) {
			order := f.numbers()
			random.NewStream(seed, orders+uint64(epoch)).Shuffle(order)
			for numbers := range slices.Chunk(order, part) {
				set, err := f.read(ctx, numbers)
				if !yield(set, err) || err != nil {
					return
				}
			}
		}
	}}
}

// read decodes the images with the numbers, several at a time.
func (f *Folder) read(ctx context.Context, numbers []uint32) (*data.Set, error) {
	o, err := f.sized()
	if err != nil {
		return nil, err
	}
	channels := 3
	if o.Grayscale {
		channels = 1
	}
	size := o.Height * o.Width * channels
	set := &data.Set{Shape: []int{o.Height, o.Width, channels}, Bytes: make([]uint8, size*len(numbers)), Names: f.classes}
	errs := make([]error, len(numbers))
	var group sync.WaitGroup
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, number := range numbers {
		if f.labels != nil {
			set.Labels = append(set.Labels, f.labels[number])
		}
		limit <- struct{}{}
		group.Go(func() {
			defer func() { <-limit }()
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = f.decode(f.paths[number], o, set.Bytes[i*size:][:size])
			}
		})
	}
	group.Wait()
	for _, err := range errs { // the first in the order
		if err != nil {
			return nil, fmt.Errorf("images: %w", err)
		}
	}
	return set, nil
}

// sized returns the options with the size of the first image where there is none.
func (f *Folder) sized() (Options, error) {
	o := f.options
	if o.Height > 0 {
		return o, nil
	}
	c, err := f.config(f.paths[0])
	if err != nil {
		return o, fmt.Errorf("images: %w", err)
	}
	o.Height, o.Width = c.Height, c.Width
	return o, nil
}

// config reads the size of an image, and refuses one that is too large to be decoded.
func (f *Folder) config(name string) (image.Config, error) {
	file, err := f.files.Open(name)
	if err != nil {
		return image.Config{}, fmt.Errorf("%s: %w", f.root, err)
	}
	defer file.Close()
	c, _, err := image.DecodeConfig(file)
	switch {
	case err != nil:
		return c, fmt.Errorf("%s: %w", filepath.Join(f.root, name), err)
	case c.Width < 1 || c.Height < 1 || int64(c.Width)*int64(c.Height) > maxPixels:
		return c, fmt.Errorf("%s: %d × %d pixels, want at least 1 and at most %d in all", filepath.Join(f.root, name), c.Width, c.Height, maxPixels)
	}
	return c, nil
}

var errSize = errors.New("want the size of the first image, or Options.Height and Width")

// decode puts the pixels of an image to dst.
func (f *Folder) decode(name string, o Options, dst []uint8) error {
	c, err := f.config(name)
	if err == nil && f.options.Height == 0 && (c.Height != o.Height || c.Width != o.Width) {
		err = fmt.Errorf("%s: %d × %d pixels: %w", filepath.Join(f.root, name), c.Width, c.Height, errSize)
	}
	if err != nil {
		return err
	}
	file, err := f.files.Open(name)
	if err != nil {
		return fmt.Errorf("%s: %w", f.root, err)
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(f.root, name), err)
	}
	put(img, o, dst)
	return nil
}

// put gives the image its size and its channels.
func put(img image.Image, o Options, dst []uint8) {
	bounds := img.Bounds()
	if o.CropToAspectRatio {
		bounds = cropped(bounds, o.Width, o.Height)
	}
	rgba := image.NewRGBA(image.Rect(0, 0, o.Width, o.Height)) // black beneath what is transparent
	if bounds.Dx() == o.Width && bounds.Dy() == o.Height {
		draw.Draw(rgba, rgba.Bounds(), img, bounds.Min, draw.Over)
	} else {
		scaler := [...]draw.Scaler{draw.BiLinear, draw.CatmullRom, draw.NearestNeighbor}[o.Interpolation]
		scaler.Scale(rgba, rgba.Bounds(), img, bounds, draw.Over, nil)
	}
	for i := range o.Width * o.Height {
		p := rgba.Pix[4*i:]
		if o.Grayscale {
			dst[i] = color.GrayModel.Convert(color.RGBA{p[0], p[1], p[2], 255}).(color.Gray).Y
			continue
		}
		copy(dst[3*i:3*i+3], p)
	}
}

// cropped returns the middle of the rectangle that has the ratio of width to height.
func cropped(r image.Rectangle, width, height int) image.Rectangle {
	w, h := r.Dx(), r.Dy()
	w, h = min(w, max(1, h*width/height)), min(h, max(1, w*height/width))
	x, y := r.Min.X+(r.Dx()-w)/2, r.Min.Y+(r.Dy()-h)/2
	return image.Rect(x, y, x+w, y+h)
}
