package comparison;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.partition.PartitionAware;
import java.io.IOException;
import java.util.Objects;

/** A key that is placed with its owner. */
final class Owned implements IdentifiedDataSerializable, PartitionAware<Object> {

    static final int CLASS_ID = 2;

    private Object owner;
    private int number;

    @Override
    public Object getPartitionKey() {
        return owner;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeObject(owner);
        out.writeInt(number);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        owner = in.readObject();
        number = in.readInt();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Owned owned && Objects.equals(owner, owned.owner) && number == owned.number;
    }

    @Override
    public int hashCode() {
        return Objects.hash(owner, number);
    }

    @Override
    public int getFactoryId() {
        return Thing.FACTORY_ID;
    }

    @Override
    public int getClassId() {
        return CLASS_ID;
    }
}
