package onnx

import (
	"google.golang.org/protobuf/proto"

	schema "github.com/gradus-ml/gradus/internal/schema/onnx"
)

// An Attribute is an option of an operator.
type Attribute func() *schema.AttributeProto

// Int is an attribute that is a whole number.
func Int(name string, value int64) Attribute {
	return func() *schema.AttributeProto {
		return &schema.AttributeProto{Name: proto.String(name), Type: schema.AttributeProto_INT.Enum(), I: proto.Int64(value)}
	}
}

// Ints is an attribute that is a list of whole numbers.
func Ints(name string, values ...int64) Attribute {
	return func() *schema.AttributeProto {
		return &schema.AttributeProto{Name: proto.String(name), Type: schema.AttributeProto_INTS.Enum(), Ints: values}
	}
}

// Float is an attribute that is a number.
func Float(name string, value float32) Attribute {
	return func() *schema.AttributeProto {
		return &schema.AttributeProto{Name: proto.String(name), Type: schema.AttributeProto_FLOAT.Enum(), F: proto.Float32(value)}
	}
}
