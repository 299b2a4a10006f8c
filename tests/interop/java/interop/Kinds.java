package interop;

import com.hazelcast.core.HazelcastJsonValue;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Makes the value of each kind, and describes values in the words that all programs of the tests share. */
final class Kinds {

    private Kinds() {}

    static Object make(String kind) {
        return switch (kind) {
            case "boolean" -> true;
            case "int8" -> (byte) 7;
            case "int16" -> (short) 300;
            case "int32" -> 70_000;
            case "int64" -> 9_007_199_254_740_993L;
            case "float32" -> 1.5f;
            case "float64" -> 2.25;
            case "string" -> "gr\u00fcn \u20ac \ud83d\ude00";
            case "bytes" -> new byte[] {0, 1, -1};
            case "uuid" -> new UUID(1, 2);
            case "decimal" -> new BigDecimal("1.50");
            case "negative_decimal" -> new BigDecimal("-1.50");
            case "big_integer" -> BigInteger.ONE.shiftLeft(80);
            case "date" -> LocalDate.of(2024, 5, 6);
            case "time" -> LocalTime.of(7, 8, 9, 10_000);
            case "timestamp" -> LocalDateTime.of(2024, 5, 6, 7, 8, 9, 10_000);
            case "offset_timestamp" -> OffsetDateTime.of(2024, 5, 6, 7, 8, 9, 10_000, ZoneOffset.ofHours(2));
            case "json" -> new HazelcastJsonValue("{\"a\": 1}");
            case "int_array" -> new int[] {1, 2, 3};
            case "string_array" -> new String[] {"a", "b"};
            case "list" -> new ArrayList<>(Arrays.asList("a", 7, null));
            case "map" -> new HashMap<>(Map.of("a", 7));
            case "compact" -> new Order("z", "a", new BigDecimal("1.50"), 7);
            case "portable" -> Point.of(7, "here");
            default -> throw new IllegalArgumentException("no kind " + kind);
        };
    }

    static String describe(Object value) {
        if (value instanceof byte[] bytes) {
            return "bytes " + HexFormat.of().formatHex(bytes);
        } else if (value instanceof BigDecimal decimal) {
            return "decimal " + decimal.unscaledValue() + "e" + -decimal.scale();
        } else if (value instanceof LocalTime time) {
            return time(time);
        } else if (value instanceof LocalDateTime stamp) {
            return stamp.toLocalDate() + "T" + time(stamp.toLocalTime());
        } else if (value instanceof OffsetDateTime stamp) {
            return describe(stamp.toLocalDateTime()) + "+" + stamp.getOffset().getTotalSeconds();
        } else if (value instanceof HazelcastJsonValue json) {
            return "json " + json.getValue();
        } else if (value instanceof Collection<?> items) {
            return items.stream().map(Kinds::describe).toList().toString();
        } else if (value instanceof Map<?, ?> map) {
            return "map " + map.entrySet().stream().map(e -> e.getKey() + "=" + describe(e.getValue())).toList();
        } else if (value instanceof Order order) {
            return "Order(z=" + order.z() + ", a=" + order.a() + ", m=" + describe(order.m()) + ", n=" + order.n() + ")";
        } else if (value != null && value.getClass().isArray()) {
            List<Object> items = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                items.add(Array.get(value, i));
            }
            return describe(items);
        }
        return String.valueOf(value);
    }

    private static String time(LocalTime time) {
        return String.format(
                "%02d:%02d:%02d.%09d", time.getHour(), time.getMinute(), time.getSecond(), time.getNano());
    }
}
