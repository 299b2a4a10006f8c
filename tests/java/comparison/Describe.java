package comparison;

import com.hazelcast.core.HazelcastJsonValue;
import com.hazelcast.nio.serialization.FieldKind;
import com.hazelcast.nio.serialization.genericrecord.GenericRecord;
import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Says what a value is in words that the Python side of the comparison uses as well. */
final class Describe {

    private Describe() {}

    static String of(Object value) {
        if (value == null) {
            return "null";
        } else if (value instanceof Boolean || value instanceof BigInteger) {
            return value.toString();
        } else if (value instanceof Float || value instanceof Double) {
            return String.format("f%016x", Double.doubleToLongBits(((Number) value).doubleValue()));
        } else if (value instanceof BigDecimal decimal) {
            return decimal.unscaledValue() + "e" + -decimal.scale();
        } else if (value instanceof Number) {
            return value.toString();
        } else if (value instanceof String || value instanceof Character) {
            return text(value.toString());
        } else if (value instanceof Class<?> type) {
            return text(type.getName());
        } else if (value instanceof Enum<?> constant) {
            return text(constant.name());
        } else if (value instanceof UUID) {
            return "uuid " + value;
        } else if (value instanceof HazelcastJsonValue json) {
            return "json " + text(json.getValue());
        } else if (value instanceof Date instant) {
            return "instant " + instant.getTime();
        } else if (value instanceof Optional<?> optional) {
            return of(optional.orElse(null));
        } else if (value.getClass().isArray()) {
            List<String> items = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                items.add(of(Array.get(value, i)));
            }
            return items.toString();
        }
        String time = time(value);
        return time != null ? time : structure(value);
    }

    private static String structure(Object value) {
        if (value instanceof Set<?> set) {
            return "set " + set.stream().map(Describe::of).sorted().toList();
        } else if (value instanceof Collection<?> items) {
            return items.stream().map(Describe::of).toList().toString();
        } else if (value instanceof Map<?, ?> map) {
            return "map " + map.entrySet().stream().map(Describe::entry).sorted().toList();
        } else if (value instanceof Map.Entry<?, ?> entry) {
            return entry(entry);
        } else if (value instanceof GenericRecord) {
            return record((GenericRecord) value);
        } else if (value instanceof Record) {
            return components((Record) value);
        } else if (value instanceof Described described) {
            return described.description();
        }
        throw new IllegalArgumentException("no words for " + value.getClass());
    }

    private static String time(Object value) {
        if (value instanceof LocalDate date) {
            return "date " + date.getYear() + " " + date.getMonthValue() + " " + date.getDayOfMonth();
        } else if (value instanceof LocalTime time) {
            return "time " + time.getHour() + " " + time.getMinute() + " " + time.getSecond() + " " + time.getNano();
        } else if (value instanceof LocalDateTime stamp) {
            return of(stamp.toLocalDate()) + " " + of(stamp.toLocalTime());
        } else if (value instanceof OffsetDateTime stamp) {
            return of(stamp.toLocalDateTime()) + " " + stamp.getOffset().getTotalSeconds();
        }
        return null;
    }

    private static String entry(Map.Entry<?, ?> entry) {
        return of(entry.getKey()) + "=" + of(entry.getValue());
    }

    private static String record(GenericRecord record) {
        List<String> fields = new ArrayList<>();
        for (String name : record.getFieldNames()) {
            FieldKind kind = record.getFieldKind(name);
            fields.add(text(name) + ":" + kind + "=" + of(Kinds.get(record, name, kind)));
        }
        fields.sort(null);
        return "record " + fields;
    }

    private static String components(Record record) {
        List<String> fields = new ArrayList<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                component.getAccessor().setAccessible(true);
                fields.add(component.getName() + "=" + of(component.getAccessor().invoke(record)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        fields.sort(null);
        return record.getClass().getSimpleName() + " " + fields;
    }

    static String fields(String name, Object... values) {
        return name + " " + of(Arrays.asList(values));
    }

    /** Only printable ASCII, so that order and equality are the same everywhere. */
    private static String text(String value) {
        StringBuilder result = new StringBuilder("'");
        for (char unit : value.toCharArray()) {
            if (unit > ' ' && unit < 127 && unit != '\\' && unit != '\'') {
                result.append(unit);
            } else {
                result.append(String.format("\\%04x", (int) unit));
            }
        }
        return result.append("'").toString();
    }

    /** An object that knows its own words. */
    interface Described {
        String description();
    }
}
