package main

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/hazelcast/hazelcast-go-client/serialization"
	"github.com/hazelcast/hazelcast-go-client/types"
)

// Order is a compact value. Its fields are not in the order of their names.
type Order struct {
	Z *string
	A *string
	M *types.Decimal
	N int32
}

// OrderSerializer writes the fields in the order in which other languages declare them.
type OrderSerializer struct{}

func (OrderSerializer) Type() reflect.Type { return reflect.TypeOf(Order{}) }

func (OrderSerializer) TypeName() string { return "interop.Order" }

func (OrderSerializer) Read(reader serialization.CompactReader) interface{} {
	return Order{
		Z: reader.ReadString("z"),
		A: reader.ReadString("a"),
		M: reader.ReadDecimal("m"),
		N: reader.ReadInt32("n"),
	}
}

func (OrderSerializer) Write(writer serialization.CompactWriter, value interface{}) {
	order := value.(Order)
	writer.WriteString("z", order.Z)
	writer.WriteString("a", order.A)
	writer.WriteDecimal("m", order.M)
	writer.WriteInt32("n", order.N)
}

// Point is a portable value.
type Point struct {
	X     int32
	Label string
}

func (*Point) FactoryID() int32 { return 7 }

func (*Point) ClassID() int32 { return 1 }

func (p *Point) WritePortable(writer serialization.PortableWriter) {
	writer.WriteInt32("x", p.X)
	writer.WriteString("label", p.Label)
}

func (p *Point) ReadPortable(reader serialization.PortableReader) {
	p.X = reader.ReadInt32("x")
	p.Label = reader.ReadString("label")
}

// PointFactory makes points for the client to read into.
type PointFactory struct{}

func (PointFactory) FactoryID() int32 { return 7 }

func (PointFactory) Create(int32) serialization.Portable { return &Point{} }

// makeValue returns the value of a kind.
func makeValue(kind string) (interface{}, error) {
	day := time.Date(2024, 5, 6, 7, 8, 9, 10_000, time.UTC)
	switch kind {
	case "boolean":
		return true, nil
	case "int8":
		return byte(7), nil
	case "int16":
		return int16(300), nil
	case "int32":
		return int32(70_000), nil
	case "int64":
		return int64(9_007_199_254_740_993), nil
	case "float32":
		return float32(1.5), nil
	case "float64":
		return 2.25, nil
	case "string":
		return "grün € 😀", nil
	case "bytes":
		return []byte{0, 1, 255}, nil
	case "uuid":
		return types.NewUUIDWith(1, 2), nil
	case "decimal":
		return types.NewDecimal(big.NewInt(150), 2), nil
	case "negative_decimal":
		return types.NewDecimal(big.NewInt(-150), 2), nil
	case "big_integer":
		return new(big.Int).Lsh(big.NewInt(1), 80), nil
	case "date":
		return types.LocalDate(day), nil
	case "time":
		return types.LocalTime(day), nil
	case "timestamp":
		return types.LocalDateTime(day), nil
	case "offset_timestamp":
		return types.OffsetDateTime(time.Date(2024, 5, 6, 7, 8, 9, 10_000, time.FixedZone("", 7200))), nil
	case "json":
		return serialization.JSON(`{"a": 1}`), nil
	case "int_array":
		return []int32{1, 2, 3}, nil
	case "string_array":
		return []string{"a", "b"}, nil
	case "list":
		return []interface{}{"a", int32(7), nil}, nil
	case "compact":
		z, a, m := "z", "a", types.NewDecimal(big.NewInt(150), 2)
		return Order{Z: &z, A: &a, M: &m, N: 7}, nil
	case "portable":
		return &Point{X: 7, Label: "here"}, nil
	}
	return nil, fmt.Errorf("no kind %s", kind)
}

// describe says what a value is, in the words that all programs of the tests share.
func describe(value interface{}) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []byte:
		return "bytes " + hex.EncodeToString(v)
	case types.Decimal:
		return fmt.Sprintf("decimal %se%d", v.UnscaledValue(), -v.Scale())
	case *types.Decimal:
		return describe(*v)
	case types.LocalDate:
		return time.Time(v).Format("2006-01-02")
	case types.LocalTime:
		return time.Time(v).Format("15:04:05.000000000")
	case types.LocalDateTime:
		return time.Time(v).Format("2006-01-02T15:04:05.000000000")
	case types.OffsetDateTime:
		_, offset := time.Time(v).Zone()
		return time.Time(v).Format("2006-01-02T15:04:05.000000000") + fmt.Sprintf("+%d", offset)
	case serialization.JSON:
		return "json " + string(v)
	case Order:
		return fmt.Sprintf("Order(z=%s, a=%s, m=%s, n=%d)", *v.Z, *v.A, describe(v.M), v.N)
	case *Point:
		return fmt.Sprintf("Point(x=%d, label=%s)", v.X, v.Label)
	}
	if items := reflect.ValueOf(value); items.Kind() == reflect.Slice {
		texts := make([]string, items.Len())
		for i := range texts {
			texts[i] = describe(items.Index(i).Interface())
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	return fmt.Sprint(value)
}
