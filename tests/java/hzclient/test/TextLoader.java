package hzclient.test;

import com.hazelcast.map.MapLoader;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A map loader that knows the keys "a", "b" and "c", and any other one if asked; values are "loaded " + key. */
public final class TextLoader implements MapLoader<String, String> {

    @Override
    public String load(String key) {
        return "loaded " + key;
    }

    @Override
    public Map<String, String> loadAll(Collection<String> keys) {
        Map<String, String> found = new HashMap<>();
        keys.forEach(key -> found.put(key, load(key)));
        return found;
    }

    @Override
    public Iterable<String> loadAllKeys() {
        return List.of("a", "b", "c");
    }
}
