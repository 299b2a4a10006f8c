package hzclient.test;

import com.hazelcast.core.IFunction;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** A function that appends a given text to another, or begins with it where there is none. */
public final class AppendText implements IFunction<String, String>, IdentifiedDataSerializable {

    public static final int CLASS_ID = 141;

    private String suffix;

    @Override
    public String apply(String text) {
        return text == null ? suffix : text + suffix;
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
