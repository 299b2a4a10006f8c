package hzclient.test;

import com.hazelcast.map.MapStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A map store in the memory of the member; all maps that use it share it, so tests take keys of their own.
 * It tells of no keys on its own: a map loads a key when the key is asked for.
 */
public final class MemoryStore implements MapStore<Object, Object> {

    static final Map<Object, Object> STORED = new ConcurrentHashMap<>();

    @Override
    public void store(Object key, Object value) {
        STORED.put(key, value);
    }

    @Override
    public void storeAll(Map<Object, Object> entries) {
        STORED.putAll(entries);
    }

    @Override
    public void delete(Object key) {
        STORED.remove(key);
    }

    @Override
    public void deleteAll(Collection<Object> keys) {
        keys.forEach(STORED::remove);
    }

    @Override
    public Object load(Object key) {
        return STORED.get(key);
    }

    @Override
    public Map<Object, Object> loadAll(Collection<Object> keys) {
        Map<Object, Object> found = new HashMap<>();
        for (Object key : keys) {
            Object value = STORED.get(key);
            if (value != null) {
                found.put(key, value);
            }
        }
        return found;
    }

    @Override
    public Iterable<Object> loadAllKeys() {
        return List.of();
    }
}
