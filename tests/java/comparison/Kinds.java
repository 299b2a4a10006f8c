package comparison;

import com.hazelcast.nio.serialization.FieldKind;
import com.hazelcast.nio.serialization.genericrecord.GenericRecord;
import com.hazelcast.nio.serialization.genericrecord.GenericRecordBuilder;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Fields of generic records by their kinds. */
final class Kinds {

    private static final Map<String, Class<?>> PRIMITIVES = Map.of(
            "BOOLEAN", boolean.class,
            "CHAR", char.class,
            "INT8", byte.class,
            "INT16", short.class,
            "INT32", int.class,
            "INT64", long.class,
            "FLOAT32", float.class,
            "FLOAT64", double.class);

    private static final Map<String, Class<?>> OBJECTS = Map.ofEntries(
            Map.entry("BOOLEAN", Boolean.class),
            Map.entry("INT8", Byte.class),
            Map.entry("INT16", Short.class),
            Map.entry("INT32", Integer.class),
            Map.entry("INT64", Long.class),
            Map.entry("FLOAT32", Float.class),
            Map.entry("FLOAT64", Double.class),
            Map.entry("STRING", String.class),
            Map.entry("DECIMAL", BigDecimal.class),
            Map.entry("TIME", LocalTime.class),
            Map.entry("DATE", LocalDate.class),
            Map.entry("TIMESTAMP", LocalDateTime.class),
            Map.entry("TIMESTAMP_WITH_TIMEZONE", OffsetDateTime.class),
            Map.entry("COMPACT", GenericRecord.class),
            Map.entry("PORTABLE", GenericRecord.class));

    private Kinds() {}

    static Object get(GenericRecord record, String name, FieldKind kind) {
        return call(GenericRecord.class, record, "get", kind, name);
    }

    static void set(GenericRecordBuilder builder, String name, FieldKind kind, Object value) {
        call(GenericRecordBuilder.class, builder, "set", kind, name, value);
    }

    static boolean isArray(FieldKind kind) {
        return kind.name().startsWith("ARRAY_OF_");
    }

    /** The kind without array and nullable. */
    static String base(FieldKind kind) {
        return kind.name().replace("ARRAY_OF_", "").replace("NULLABLE_", "");
    }

    /** Whether a value, or an item of an array, may be null. */
    static boolean isNullable(FieldKind kind) {
        return !PRIMITIVES.containsKey(kind.name().replace("ARRAY_OF_", ""));
    }

    static Object newArray(FieldKind kind, int length) {
        return Array.newInstance((isNullable(kind) ? OBJECTS : PRIMITIVES).get(base(kind)), length);
    }

    private static Object call(Class<?> type, Object target, String verb, FieldKind kind, Object... arguments) {
        String name = verb + Arrays.stream(kind.name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining())
                .replaceAll("(Compact|Portable)$", "GenericRecord");
        for (Method method : type.getMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
                try {
                    return method.invoke(target, arguments);
                } catch (InvocationTargetException e) {
                    throw new IllegalStateException(name + " failed", e.getCause());
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        throw new IllegalArgumentException(type + " has no " + name);
    }
}
