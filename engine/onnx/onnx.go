// Package onnx writes networks as ONNX files, which onnxruntime, browsers, phones and other programs run.
//
// The file holds the network as it is in inference: dropout and noise are gone, BatchNorm uses its moving averages. It is for opset 17 (IR version 8). The
// first axis of each input and output is the batch and may be of any length. Inputs are named input_layer, input_layer_1 …, as Model.Summary shows
// them, outputs after the layers that make them, and the initialisers are the model's variables under their names ("dense/kernel"). Inputs are float32 as
// the network is fed them: bytes of a data.Set are multiplied by its Scale, 1/255, before.
//
// What is exported are the operations that the layers record, so layers and activation functions of a user's own are too, if they are made of functions
// of package graph; see docs/decisions/0015 and Exporter.
package onnx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"google.golang.org/protobuf/proto"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/internal/atomicfile"
	schema "github.com/gradus-ml/gradus/internal/schema/onnx"
)

// Opset is the version of ONNX's operators that files are written for.
const Opset = 17

// irVersion is that of the file format, of the same release of ONNX.
const irVersion = 8

// maxBytes is what one message of protobuf holds.
const maxBytes = 1<<31 - 1

// Export writes the model's network with its present weights to w. It fails, before anything is written, if the network has an operation that ONNX
// lacks, naming the layer, and if the file would be larger than 2 GiB, which protobuf does not allow.
func Export(w io.Writer, m *engine.Model) error {
	encoded, err := encode(m)
	if err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	if _, err := io.Copy(w, bytes.NewReader(encoded)); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return nil
}

// Save is Export to a file, which is there as a whole or not at all.
func Save(name string, m *engine.Model) error {
	encoded, err := encode(m)
	if err != nil {
		return fmt.Errorf("onnx: %s: %w", name, err)
	}
	if err := atomicfile.Write(name, func(f *os.File) error { _, err := f.Write(encoded); return err }); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return nil
}

func encode(m *engine.Model) ([]byte, error) {
	if m == nil {
		return nil, errors.New("no model")
	}
	graph, err := convert(m)
	if err != nil {
		return nil, err
	}
	model := &schema.ModelProto{
		IrVersion:    proto.Int64(irVersion),
		ProducerName: proto.String("gradus"),
		OpsetImport:  []*schema.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(Opset)}},
		Graph:        graph,
	}
	if size := proto.Size(model); size > maxBytes {
		return nil, fmt.Errorf("the file would have %d bytes, want at most %d", size, maxBytes)
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(model)
}
