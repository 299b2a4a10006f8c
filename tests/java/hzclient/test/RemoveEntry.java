package hzclient.test;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.util.Map;

/** An entry processor that removes the entry and returns null. */
public final class RemoveEntry implements EntryProcessor<Object, Object, Object>, IdentifiedDataSerializable {

    public static final int CLASS_ID = 30;

    @Override
    public Object process(Map.Entry<Object, Object> entry) {
        entry.setValue(null);
        return null;
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
