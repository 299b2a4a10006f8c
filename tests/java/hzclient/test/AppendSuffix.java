package hzclient.test;

import com.hazelcast.map.MapInterceptor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** An interceptor that appends a text to each value that is put, and refuses to remove anything. */
public final class AppendSuffix implements MapInterceptor, IdentifiedDataSerializable {

    public static final int CLASS_ID = 32;

    private static final long serialVersionUID = 1L;

    private String suffix;

    @Override
    public Object interceptGet(Object value) {
        return null; // leaves the value as it is
    }

    @Override
    public void afterGet(Object value) {
        // Nothing is to be done then.
    }

    @Override
    public Object interceptPut(Object oldValue, Object newValue) {
        return newValue + suffix;
    }

    @Override
    public void afterPut(Object value) {
        // Nothing is to be done then.
    }

    @Override
    public Object interceptRemove(Object removedValue) {
        throw new UnsupportedOperationException("nothing is removed here");
    }

    @Override
    public void afterRemove(Object oldValue) {
        // Nothing is to be done then.
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
        out.writeString(suffix);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        suffix = in.readString();
    }
}
