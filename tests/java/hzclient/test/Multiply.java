package hzclient.test;

import com.hazelcast.core.IFunction;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** A function that multiplies a long number by a given factor. */
public final class Multiply implements IFunction<Long, Long>, IdentifiedDataSerializable {

    public static final int CLASS_ID = 140;

    private long factor;

    @Override
    public Long apply(Long number) {
        return number * factor;
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
        out.writeLong(factor);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        factor = in.readLong();
    }
}
