package hzclient.test;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.Map;

/** An entry processor that sets the entry's value to a given text and returns that text. */
public final class SetValue implements EntryProcessor<Object, Object, Object>, IdentifiedDataSerializable {

    public static final int CLASS_ID = 1;

    private String value;

    @Override
    public Object process(Map.Entry<Object, Object> entry) {
        entry.setValue(value);
        return value;
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
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeString(value);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        value = in.readString();
    }
}
