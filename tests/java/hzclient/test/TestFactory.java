package hzclient.test;

import static java.util.Map.entry;

import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.util.Map;
import java.util.function.Supplier;

/** Makes every class of this package that a client sends to a member, or a member to a client. */
public final class TestFactory implements DataSerializableFactory {

    public static final int FACTORY_ID = 66;

    private static final Map<Integer, Supplier<IdentifiedDataSerializable>> CLASSES = Map.ofEntries(
            entry(SetValue.CLASS_ID, SetValue::new));

    @Override
    public IdentifiedDataSerializable create(int classId) {
        Supplier<IdentifiedDataSerializable> constructor = CLASSES.get(classId);
        if (constructor == null) {
            throw new IllegalArgumentException("factory " + FACTORY_ID + " has no class " + classId);
        }
        return constructor.get();
    }
}
