package hzclient.test;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.concurrent.Callable;

/** A task that offers a text to a queue and returns the text. */
public final class Offer implements Callable<String>, HazelcastInstanceAware, IdentifiedDataSerializable {

    public static final int CLASS_ID = 44;

    private String queue;
    private String text;

    private transient HazelcastInstance hazelcast;

    @Override
    public void setHazelcastInstance(HazelcastInstance hazelcast) {
        this.hazelcast = hazelcast;
    }

    @Override
    public String call() {
        hazelcast.getQueue(queue).offer(text);
        return text;
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
        out.writeString(queue);
        out.writeString(text);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        queue = in.readString();
        text = in.readString();
    }
}
