// The value of each kind, and the words for values that all programs of the tests share.

import hazelcast from 'hazelcast-client';
import Long from 'long';

const { BigDecimal, HazelcastJsonValue, LocalDate, LocalDateTime, LocalTime, OffsetDateTime, UUID } = hazelcast;

/** A compact value. Its fields are not in the order of their names. */
export class Order {
    constructor(z, a, m, n) {
        Object.assign(this, { z, a, m, n });
    }
}

/** Writes the fields in the order in which other languages declare them. */
export class OrderSerializer {
    getClass() {
        return Order;
    }

    getTypeName() {
        return 'interop.Order';
    }

    read(reader) {
        return new Order(
            reader.readString('z'), reader.readString('a'), reader.readDecimal('m'), reader.readInt32('n'));
    }

    write(writer, order) {
        writer.writeString('z', order.z);
        writer.writeString('a', order.a);
        writer.writeDecimal('m', order.m);
        writer.writeInt32('n', order.n);
    }
}

/** A portable value. */
export class Point {
    factoryId = 7;
    classId = 1;

    constructor(x, label) {
        Object.assign(this, { x, label });
    }

    writePortable(writer) {
        writer.writeInt('x', this.x);
        writer.writeString('label', this.label);
    }

    readPortable(reader) {
        this.x = reader.readInt('x');
        this.label = reader.readString('label');
    }
}

const MAKERS = {
    boolean: () => true,
    int32: () => 70000,
    int64: () => Long.fromString('9007199254740993'),
    float64: () => 2.25,
    string: () => 'grün € 😀',
    bytes: () => Buffer.from([0, 1, 255]),
    uuid: () => new UUID(Long.fromNumber(1), Long.fromNumber(2)),
    decimal: () => BigDecimal.fromString('1.50'),
    minus_one: () => BigDecimal.fromString('-1'),
    negative_decimal: () => BigDecimal.fromString('-1.50'),
    big_integer: () => 1n << 80n,
    date: () => new LocalDate(2024, 5, 6),
    time: () => new LocalTime(7, 8, 9, 10000),
    timestamp: () => LocalDateTime.from(2024, 5, 6, 7, 8, 9, 10000),
    offset_timestamp: () => OffsetDateTime.from(2024, 5, 6, 7, 8, 9, 10000, 7200),
    json: () => new HazelcastJsonValue('{"a": 1}'),
    int_array: () => [1, 2, 3],
    string_array: () => ['a', 'b'],
    compact: () => new Order('z', 'a', BigDecimal.fromString('1.50'), 7),
    portable: () => new Point(7, 'here'),
};

/** Makes the value of a kind. */
export function make(kind) {
    if (!(kind in MAKERS)) {
        throw new Error(`no kind ${kind}`);
    }
    return MAKERS[kind]();
}

/** Says what a value is. */
export function describe(value) {
    if (value === null || value === undefined) {
        return 'null';
    } else if (Buffer.isBuffer(value)) {
        return `bytes ${value.toString('hex')}`;
    } else if (value instanceof BigDecimal) {
        return `decimal ${value.unscaledValue}e${-value.scale}`;
    } else if (value instanceof LocalDate) {
        return `${value.year}-${digits(value.month)}-${digits(value.date)}`;
    } else if (value instanceof LocalTime) {
        const nanos = String(value.nano).padStart(9, '0');
        return `${digits(value.hour)}:${digits(value.minute)}:${digits(value.second)}.${nanos}`;
    } else if (value instanceof LocalDateTime) {
        return `${describe(value.localDate)}T${describe(value.localTime)}`;
    } else if (value instanceof OffsetDateTime) {
        return `${describe(value.localDateTime)}+${value.offsetSeconds}`;
    } else if (value instanceof HazelcastJsonValue) {
        return `json ${value}`;
    } else if (value instanceof Order) {
        return `Order(z=${value.z}, a=${value.a}, m=${describe(value.m)}, n=${value.n})`;
    } else if (value instanceof Point) {
        return `Point(x=${value.x}, label=${value.label})`;
    } else if (Array.isArray(value)) {
        return `[${value.map(describe).join(', ')}]`;
    }
    return String(value);
}

function digits(number) {
    return String(number).padStart(2, '0');
}
