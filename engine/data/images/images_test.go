package images

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data"
)

// plain is an image of one colour.
func plain(width, height int, c color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, c)
	}
	return img
}

func encoded(t testing.TB, kind string, img image.Image) []byte {
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, img)
	case "jpeg":
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	default:
		err = gif.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	red  = color.NRGBA{255, 0, 0, 255}
	blue = color.NRGBA{0, 0, 255, 255}
)

// folder writes files by path.
func folder(t testing.TB, files map[string][]byte) string {
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, text, 0o600))
	}
	return dir
}

func ExampleReadFolder() {
	set, err := ReadFolder("testdata/shapes", Options{Height: 2, Width: 2, Grayscale: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Names, set.Labels, set.Shape)
	fmt.Println(set.Bytes)
	// Output:
	// [bar dot] [0 0 1] [2 2 1]
	// [255 0 255 0 0 0 255 255 255 0 0 0]
}

func TestReadFolder(t *testing.T) {
	dir := folder(t, map[string][]byte{
		"b/2.PNG":         encoded(t, "png", plain(2, 1, red)),
		"b/10.jpg":        encoded(t, "jpeg", plain(2, 1, blue)),
		"b/deeper/1.gif":  encoded(t, "gif", plain(2, 1, blue)),
		"a/half.png":      encoded(t, "png", plain(2, 1, color.NRGBA{255, 255, 255, 128})),
		"a/.hidden.png":   nil,
		"a/notes.txt":     []byte("not an image"),
		".cache/x/1.png":  nil,
		"beside.png":      nil,
		"c and d/16b.png": encoded(t, "png", image.NewGray16(image.Rect(0, 0, 2, 1))),
	})
	set, err := ReadFolder(dir, Options{})
	require.NoError(t, err)
	assert.NoError(t, set.Check())
	assert.Equal(t, []string{"a", "b", "c and d"}, set.Names)
	assert.Equal(t, []int{0, 1, 1, 1, 2}, set.Labels)
	assert.Equal(t, []int{1, 2, 3}, set.Shape)
	want := []uint8{128, 128, 128, 128, 128, 128, 0, 0, 254, 0, 0, 254, 255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0}
	for i, v := range want {
		assert.InDelta(t, v, set.Bytes[i], 1, "byte %d", i)
	}
	chosen, err := ReadFolder(dir, Options{Classes: []string{"c and d", "b"}, Grayscale: true})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1, 1, 1}, chosen.Labels)
	assert.Equal(t, []int{1, 2, 1}, chosen.Shape)
	assert.InDelta(t, 0.114*255, chosen.Bytes[2], 2, "blue")
	assert.InDelta(t, 0.299*255, chosen.Bytes[4], 2, "red")
	bare, err := ReadFolder(filepath.Join(dir, "b"), Options{Unlabelled: true})
	require.NoError(t, err)
	assert.Equal(t, 3, bare.Len())
	assert.False(t, bare.Answered())
	assert.NoError(t, bare.CheckExamples())
}

// Half red, half blue from left to right: what is cut off and what is distorted shows in the columns.
func TestSizes(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 40, 10))
	for i := range 400 {
		c := red
		if i%40 >= 15 {
			c = blue
		}
		img.Set(i%40, i/40, c)
	}
	dir := folder(t, map[string][]byte{"a/1.png": encoded(t, "png", img)})
	for _, row := range []struct {
		o    Options
		reds int // columns of four
	}{
		{Options{Height: 4, Width: 40, Interpolation: Nearest}, 15},
		{Options{Height: 4, Width: 80, Interpolation: Nearest}, 30},
		{Options{Height: 10, Width: 10, Interpolation: Nearest, CropToAspectRatio: true}, 0},
		{Options{Height: 20, Width: 40, Interpolation: Nearest, CropToAspectRatio: true}, 10},
		{Options{Height: 3, Width: 8}, 3},
		{Options{Height: 3, Width: 8, Interpolation: CatmullRom}, 3},
	} {
		set, err := ReadFolder(dir, row.o)
		require.NoError(t, err)
		reds := 0
		for x := range row.o.Width {
			if set.Bytes[3*x] > 127 {
				reds++
			}
		}
		assert.Equal(t, row.reds, reds, "%+v", row.o)
	}
}

// bomb is a PNG that says it is much larger than it is.
func bomb() []byte {
	header := append([]byte("IHDR"), 0, 1, 0, 0, 0, 1, 0, 0, 8, 2, 0, 0, 0)
	chunk := binary.BigEndian.AppendUint32(nil, 13)
	chunk = append(append([]byte("\x89PNG\r\n\x1a\n"), chunk...), header...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(header))
}

func TestRefused(t *testing.T) {
	good := encoded(t, "png", plain(2, 1, red))
	for _, row := range []struct {
		name  string
		files map[string][]byte
		o     Options
		want  string
	}{
		{"no folders", map[string][]byte{"1.png": good}, Options{}, "no folder in it, want one for each class"},
		{"a class without images", map[string][]byte{"a/1.png": good, "b/1.txt": good}, Options{}, "b: no image"},
		{"no such class", map[string][]byte{"a/1.png": good}, Options{Classes: []string{"a", "z"}}, "z: "},
		{"a class outside", map[string][]byte{"a/1.png": good}, Options{Classes: []string{"../a"}}, "invalid argument"},
		{"no image", map[string][]byte{"a/1.png": []byte("GIF?")}, Options{}, filepath.FromSlash("a/1.png: image: unknown format")},
		{"an empty file", map[string][]byte{"a/1.png": nil}, Options{}, filepath.FromSlash("a/1.png: ")},
		{"cut off", map[string][]byte{"a/1.png": good[:len(good)-20]}, Options{}, filepath.FromSlash("a/1.png: ")},
		{"damaged", map[string][]byte{"a/1.png": bytes.Replace(good, []byte("IDAT"), []byte("IDAU"), 1)}, Options{}, "png: "},
		{"a bomb", map[string][]byte{"a/1.png": bomb()}, Options{Height: 2, Width: 2}, "65536 × 65536 pixels, want"},
		{"another size", map[string][]byte{"a/1.png": good, "a/2.png": encoded(t, "png", plain(3, 3, red))}, Options{}, filepath.FromSlash("a/2.png: 3 × 3 pixels: want the size of the first")},
		{"half a size", map[string][]byte{"a/1.png": good}, Options{Height: 3}, "height is 3, width 0"},
		{"a negative size", map[string][]byte{"a/1.png": good}, Options{Height: -3, Width: -3}, "height is -3"},
		{"no such interpolation", map[string][]byte{"a/1.png": good}, Options{Interpolation: 9}, "interpolation 9"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ReadFolder(folder(t, row.files), row.o)
			assert.ErrorContains(t, err, row.want)
			assert.ErrorContains(t, err, "images: ")
		})
	}
	_, err := ReadFolder(filepath.Join(t.TempDir(), "none"), Options{})
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// A stream gives every image once an epoch, in an order that follows from seed and epoch.
func TestStream(t *testing.T) {
	files := map[string][]byte{}
	for i := range 20 {
		files[fmt.Sprintf("%c/%02d.png", 'a'+i%2, i)] = encoded(t, "png", plain(1, 1, color.NRGBA{uint8(10 * i), 0, 0, 255}))
	}
	f, err := Open(folder(t, files), Options{})
	require.NoError(t, err)
	epoch := func(seed uint64, number, part int) (seen []string) {
		s := f.Stream(part, seed)
		assert.Equal(t, 20, s.Len)
		for set, err := range s.Parts(context.Background(), number) {
			require.NoError(t, err)
			require.NoError(t, set.Check())
			for i, label := range set.Labels {
				seen = append(seen, fmt.Sprint(label, set.Bytes[3*i]))
			}
		}
		return seen
	}
	want := epoch(1, 0, 7)
	assert.Equal(t, want, epoch(1, 0, 3))
	assert.ElementsMatch(t, want, epoch(1, 1, 7))
	assert.NotEqual(t, want, epoch(1, 1, 7))
	assert.NotEqual(t, want, epoch(2, 0, 7))
	all, err := f.read(context.Background(), f.numbers())
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("0", 10)+strings.Repeat("1", 10), strings.Trim(strings.ReplaceAll(fmt.Sprint(all.Labels), " ", ""), "[]"))
	var _ data.Source = f.Stream(1, 1)
}

// Whatever the bytes, there is an error or an image of the size.
func FuzzDecode(f *testing.F) {
	for _, kind := range []string{"png", "jpeg", "gif"} {
		seed := encoded(f, kind, plain(5, 3, red))
		f.Add(seed, true)
		f.Add(seed[:len(seed)/2], false)
	}
	f.Add(bomb(), false)
	f.Fuzz(func(t *testing.T, text []byte, gray bool) {
		folder, err := list(fstest.MapFS{"a/1.png": {Data: text}}, "fuzz", Options{Height: 4, Width: 6, Grayscale: gray})
		if err != nil {
			t.Fatal(err)
		}
		set, err := folder.read(context.Background(), folder.numbers())
		if err == nil && set.Check() != nil {
			t.Error(set.Check())
		}
	})
}
