package comparison;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** A record with a component of each type that Java writes without a serializer. A Python dataclass is its twin. */
record Everything(
        boolean flag,
        byte int8,
        short int16,
        int int32,
        long int64,
        float float32,
        double float64,
        Boolean maybeFlag,
        Byte maybeInt8,
        Integer maybeInt32,
        Long maybeInt64,
        Double maybeFloat64,
        String text,
        BigDecimal decimal,
        LocalDate date,
        LocalTime time,
        LocalDateTime timestamp,
        OffsetDateTime offsetTimestamp,
        Color color,
        byte[] bytes,
        int[] ints,
        long[] longs,
        double[] doubles,
        boolean[] flags,
        String[] texts,
        Color[] colors,
        Point point,
        Point[] points,
        List<Point> pointList,
        List<String> textList,
        List<Long> longList,
        Set<String> textSet,
        Set<Long> longSet,
        Map<String, Integer> scores,
        Map<Long, Point> places) {

    static Everything random(Values values) {
        Supplier<Color> color = () -> Color.values()[values.random().nextInt(3)];
        Supplier<Point> point = () -> Point.random(values);
        return new Everything(
                values.flag(),
                (byte) values.integer(8),
                (short) values.integer(16),
                (int) values.integer(32),
                values.integer(64),
                values.narrowFloating(),
                values.floating(),
                values.maybe(values::flag),
                values.maybe(() -> (byte) values.integer(8)),
                values.maybe(() -> (int) values.integer(32)),
                values.maybe(() -> values.integer(64)),
                values.maybe(values::floating),
                values.maybe(values::text),
                values.maybe(values::decimal),
                values.maybe(values::date),
                values.maybe(values::time),
                values.maybe(values::timestamp),
                values.maybe(values::offsetTimestamp),
                values.maybe(color),
                values.maybe(() -> {
                    byte[] bytes = new byte[values.length()];
                    values.random().nextBytes(bytes);
                    return bytes;
                }),
                values.maybe(() -> values.random().ints(values.length()).toArray()),
                values.maybe(() -> values.random().longs(values.length()).toArray()),
                values.maybe(() -> values.random().doubles(values.length()).toArray()),
                values.maybe(() -> flags(values)),
                values.maybe(() -> list(values, values::text).toArray(new String[0])),
                values.maybe(() -> list(values, color).toArray(new Color[0])),
                values.maybe(point),
                values.maybe(() -> list(values, point).toArray(new Point[0])),
                values.maybe(() -> list(values, point)),
                values.maybe(() -> list(values, values::text)),
                values.maybe(() -> list(values, () -> values.maybe(() -> values.integer(64)))),
                values.maybe(() -> new HashSet<>(list(values, values::text))),
                values.maybe(() -> new HashSet<>(list(values, () -> values.integer(64)))),
                values.maybe(() -> map(values, values::text, () -> (int) values.integer(32))),
                values.maybe(() -> map(values, () -> values.integer(64), point)));
    }

    private static boolean[] flags(Values values) {
        boolean[] flags = new boolean[values.length()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = values.flag();
        }
        return flags;
    }

    private static <T> List<T> list(Values values, Supplier<T> item) {
        List<T> items = new ArrayList<>();
        for (int i = values.length(); i > 0; i--) {
            items.add(item.get());
        }
        return items;
    }

    private static <K, V> Map<K, V> map(Values values, Supplier<K> key, Supplier<V> value) {
        Map<K, V> map = new HashMap<>();
        for (int i = values.length(); i > 0; i--) {
            map.put(key.get(), value.get());
        }
        return map;
    }
}
