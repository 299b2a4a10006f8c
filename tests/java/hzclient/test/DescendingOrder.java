package hzclient.test;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Map;

/** Orders entries by their values, the largest first. */
public final class DescendingOrder
        implements Comparator<Map.Entry<Object, Comparable<Object>>>, Serializable, IdentifiedDataSerializable {

    public static final int CLASS_ID = 33;

    private static final long serialVersionUID = 1L;

    @Override
    public int compare(Map.Entry<Object, Comparable<Object>> one, Map.Entry<Object, Comparable<Object>> other) {
        return other.getValue().compareTo(one.getValue());
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
