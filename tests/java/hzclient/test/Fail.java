package hzclient.test;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.concurrent.Callable;

/** A task that fails with a given message. */
public final class Fail implements Callable<String>, IdentifiedDataSerializable {

    public static final int CLASS_ID = 43;

    private String message;

    @Override
    public String call() {
        throw new IllegalStateException(message);
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
        out.writeString(message);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        message = in.readString();
    }
}
