package hzclient.test;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.util.Map;

/** An entry processor that returns what {@link MemoryStore} has under the entry's key. */
public final class StoredValue implements EntryProcessor<Object, Object, Object>, IdentifiedDataSerializable {

    public static final int CLASS_ID = 31;

    @Override
    public Object process(Map.Entry<Object, Object> entry) {
        return MemoryStore.STORED.get(entry.getKey());
    }

    @Override
    public int getFactoryId() {
        return TestFactory.FACTORY_ID;
    }

    @Override
    public int getClassId() {
        return CLASS_ID;
    }

    @Override
    public void writeData(ObjectDataOutput out) {
        // It has no fields.
    }

    @Override
    public void readData(ObjectDataInput in) {
        // It has no fields.
    }
}
