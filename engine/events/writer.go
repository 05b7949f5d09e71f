// Package events writes the event files that TensorBoard shows: numbers over time, histograms, and the graph of a network. TensorBoard, a callback, writes those
// of a training; a Writer takes what else is to be seen.
//
//	model.Fit(ctx, train, engine.Fit{Epochs: 10, Callbacks: []engine.Callback{&events.TensorBoard{LogDir: "logs/run1", HistogramFreq: 1}}})
//
// and then `tensorboard --logdir logs`.
package events

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	schema "github.com/gradus-ml/gradus/internal/schema/events"
)

// A Writer appends events to one file. It is not for concurrent use.
type Writer struct {
	file *os.File
	w    *bufio.Writer
	now  func() time.Time
}

// Create begins a new file in a folder, a run of TensorBoard's, which is made if there is none. The file is named after the time, so that several may be in one folder.
func Create(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	host, _ := os.Hostname() // only for the name
	now := time.Now()
	file, err := os.CreateTemp(dir, fmt.Sprintf("events.out.tfevents.%d.%s.%d.*.v2", now.Unix(), filepath.Base("x" + host)[1:], os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	w := &Writer{file: file, w: bufio.NewWriter(file), now: time.Now}
	err = errors.Join(file.Chmod(0o644), w.write(0, &schema.Event{What: &schema.Event_FileVersion{FileVersion: "brain.Event:2"}}), w.Flush())
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return w, nil
}

// Name returns the name of the file.
func (w *Writer) Name() string { return w.file.Name() }

// Scalar writes a number. Tags with a slash are shown in groups: "norms/dense".
func (w *Writer) Scalar(tag string, step int, value float64) error {
	return w.summary(step, &schema.Summary_Value{Tag: tag, Value: &schema.Summary_Value_SimpleValue{SimpleValue: float32(value)}})
}

// Histogram writes how numbers are distributed, in 30 parts of equal width as Keras does. What is not finite is left out; if nothing is left, nothing is written.
func (w *Writer) Histogram(tag string, step int, values []float32) error {
	h := histogram(values)
	if h.Num == 0 {
		return nil
	}
	return w.summary(step, &schema.Summary_Value{Tag: tag, Value: &schema.Summary_Value_Histo{Histo: h}})
}

func (w *Writer) summary(step int, value *schema.Summary_Value) error {
	return w.write(step, &schema.Event{What: &schema.Event_Summary{Summary: &schema.Summary{Value: []*schema.Summary_Value{value}}}})
}

func (w *Writer) write(step int, e *schema.Event) error {
	e.WallTime, e.Step = float64(w.now().UnixNano())/1e9, int64(step)
	data, err := proto.Marshal(e)
	if err == nil {
		err = writeRecord(w.w, data)
	}
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	return nil
}

// Flush sees to it that TensorBoard can read what was written.
func (w *Writer) Flush() error {
	if err := w.w.Flush(); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	return nil
}

// Close flushes and closes the file.
func (w *Writer) Close() error { return errors.Join(w.Flush(), w.file.Close()) }

// parts of a histogram.
const parts = 30

// histogram counts the finite numbers. The first bucket is empty: its limit is the least number, since a bucket has a limit on the right only.
func histogram(values []float32) *schema.HistogramProto {
	h := &schema.HistogramProto{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, value := range values {
		if value-value != 0 {
			continue
		}
		v := float64(value)
		h.Min, h.Max = math.Min(h.Min, v), math.Max(h.Max, v)
		h.Num, h.Sum, h.SumSquares = h.Num+1, h.Sum+v, h.SumSquares+v*v
	}
	low, width := h.Min, (h.Max-h.Min)/parts
	if width == 0 {
		low, width = h.Min-0.5, 1.0/parts
	}
	h.Bucket = make([]float64, parts+1)
	for i := range parts + 1 {
		h.BucketLimit = append(h.BucketLimit, low+float64(i)*width)
	}
	for _, v := range values {
		if v-v == 0 {
			h.Bucket[1+min(max(int((float64(v)-low)/width), 0), parts-1)]++
		}
	}
	return h
}
