package hzclient.test;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** What a client sends with one text in it. */
abstract class WithText implements IdentifiedDataSerializable {

    protected String text;

    private final int classId;

    WithText(int classId) {
        this.classId = classId;
    }

    @Override
    public final int getFactoryId() {
        return TestFactory.FACTORY_ID;
    }

    @Override
    public final int getClassId() {
        return classId;
    }

    @Override
    public final void writeData(ObjectDataOutput out) throws IOException {
        out.writeString(text);
    }

    @Override
    public final void readData(ObjectDataInput in) throws IOException {
        text = in.readString();
    }
}
