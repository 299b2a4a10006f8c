package comparison;

import com.hazelcast.core.HazelcastJsonValue;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/** Random values of the types that every client knows. */
final class Constants {

    private static final List<Function<Values, Object>> TYPES = List.of(
            Values::flag,
            values -> (byte) values.integer(8),
            values -> (short) values.integer(16),
            values -> (int) values.integer(32),
            values -> values.integer(64),
            Values::narrowFloating,
            Values::floating,
            Values::letter,
            Values::text,
            Values::bigInteger,
            Values::decimal,
            Values::date,
            Values::time,
            Values::timestamp,
            Values::offsetTimestamp,
            values -> new UUID(values.integer(64), values.integer(64)),
            values -> new Date(values.integer(40)),
            values -> String.class,
            values -> new HazelcastJsonValue("{\"a\": " + values.integer(32) + "}"),
            values -> bytes(values),
            values -> new boolean[] {values.flag(), values.flag()},
            values -> values.text().replaceAll("[^\\u0000-\\ud7ff\\ue000-\\uffff]", "").toCharArray(),
            values -> new short[] {(short) values.integer(16), (short) values.integer(16)},
            values -> values.random().ints(values.length()).toArray(),
            values -> values.random().longs(values.length()).toArray(),
            values -> new float[] {values.narrowFloating(), values.narrowFloating()},
            values -> new double[] {values.floating(), values.floating()},
            values -> new String[] {values.text(), null, values.text()},
            values -> new Object[] {values.text(), values.integer(64), null},
            values -> new ArrayList<>(items(values)),
            values -> new LinkedList<>(items(values)),
            values -> new CopyOnWriteArrayList<>(items(values)),
            values -> new HashSet<>(items(values)),
            values -> new LinkedHashSet<>(items(values)),
            values -> new CopyOnWriteArraySet<>(items(values)),
            values -> new TreeSet<>(texts(values)),
            values -> new ConcurrentSkipListSet<>(texts(values)),
            values -> new ArrayDeque<>(texts(values)),
            values -> new LinkedBlockingQueue<>(texts(values)),
            values -> new PriorityQueue<>(texts(values)),
            values -> fill(values, new HashMap<>()),
            values -> fill(values, new LinkedHashMap<>()),
            values -> fill(values, new TreeMap<>()),
            values -> fill(values, new ConcurrentHashMap<>()),
            values -> fill(values, new ConcurrentSkipListMap<>()),
            values -> new AbstractMap.SimpleEntry<>(values.text(), values.integer(64)),
            values -> new AbstractMap.SimpleImmutableEntry<>(values.text(), values.integer(64)),
            values -> Optional.ofNullable(values.maybe(values::text)));

    private Constants() {}

    static int count() {
        return TYPES.size();
    }

    static Object random(Values values, int type) {
        return TYPES.get(type).apply(values);
    }

    private static byte[] bytes(Values values) {
        byte[] bytes = new byte[values.length()];
        values.random().nextBytes(bytes);
        return bytes;
    }

    private static List<Object> items(Values values) {
        return new ArrayList<>(Arrays.asList(values.text(), values.integer(64), values.date(), null));
    }

    private static List<String> texts(Values values) {
        return List.of(values.text(), values.text() + "x", values.text() + "y");
    }

    private static <M extends Map<String, Object>> M fill(Values values, M map) {
        for (String key : texts(values)) {
            map.put(key, values.integer(64));
        }
        return map;
    }
}
