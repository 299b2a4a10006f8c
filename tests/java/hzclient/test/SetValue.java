package hzclient.test;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;

/** An entry processor that sets the entry's value to a given text and returns that text. */
public final class SetValue extends WithText implements EntryProcessor<Object, Object, Object> {

    public static final int CLASS_ID = 1;

    public SetValue() {
        super(CLASS_ID);
    }

    @Override
    public Object process(Map.Entry<Object, Object> entry) {
        entry.setValue(text);
        return text;
    }
}
