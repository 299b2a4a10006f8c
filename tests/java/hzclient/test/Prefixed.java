package hzclient.test;

import com.hazelcast.core.IFunction;

/** A filter of a ringbuffer: texts that begin with a given one. */
public final class Prefixed extends WithText implements IFunction<Object, Boolean> {

    public static final int CLASS_ID = 40;

    public Prefixed() {
        super(CLASS_ID);
    }

    @Override
    public Boolean apply(Object item) {
        return item instanceof String && ((String) item).startsWith(text);
    }
}
