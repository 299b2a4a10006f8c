package hzclient.test;

import com.hazelcast.core.IFunction;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** A filter of a ringbuffer: texts that begin with a given one. */
public final class Prefixed implements IFunction<Object, Boolean>, IdentifiedDataSerializable {

    public static final int CLASS_ID = 40;

    private String prefix;

    @Override
    public Boolean apply(Object item) {
        return item instanceof String && ((String) item).startsWith(prefix);
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
        out.writeString(prefix);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        prefix = in.readString();
    }
}
