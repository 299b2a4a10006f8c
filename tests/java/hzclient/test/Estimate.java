package hzclient.test;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.concurrent.Callable;

/** A task that adds the words of a text to a cardinality estimator. */
public final class Estimate implements Callable<Boolean>, HazelcastInstanceAware, IdentifiedDataSerializable {

    public static final int CLASS_ID = 45;

    private String estimator;
    private String texts;

    private transient HazelcastInstance hazelcast;

    @Override
    public void setHazelcastInstance(HazelcastInstance hazelcast) {
        this.hazelcast = hazelcast;
    }

    @Override
    public Boolean call() {
        for (String text : texts.split(" ")) {
            hazelcast.getCardinalityEstimator(estimator).add(text);
        }
        return true;
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
        out.writeString(estimator);
        out.writeString(texts);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        estimator = in.readString();
        texts = in.readString();
    }
}
