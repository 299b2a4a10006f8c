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
            entry(SetValue.CLASS_ID, SetValue::new),
            entry(Prefixed.CLASS_ID, Prefixed::new),
            entry(Echo.CLASS_ID, Echo::new),
            entry(WhereAmI.CLASS_ID, WhereAmI::new),
            entry(Fail.CLASS_ID, Fail::new),
            entry(Offer.CLASS_ID, Offer::new),
            entry(Estimate.CLASS_ID, Estimate::new),
            entry(RemoveEntry.CLASS_ID, RemoveEntry::new),
            entry(StoredValue.CLASS_ID, StoredValue::new),
            entry(AppendSuffix.CLASS_ID, AppendSuffix::new),
            entry(DescendingOrder.CLASS_ID, DescendingOrder::new),
            entry(Multiply.CLASS_ID, Multiply::new),
            entry(AppendText.CLASS_ID, AppendText::new),
            entry(ClientStatisticsOf.CLASS_ID, ClientStatisticsOf::new));

    @Override
    public IdentifiedDataSerializable create(int classId) {
        Supplier<IdentifiedDataSerializable> constructor = CLASSES.get(classId);
        if (constructor == null) {
            throw new IllegalArgumentException("factory " + FACTORY_ID + " has no class " + classId);
        }
        return constructor.get();
    }
}
