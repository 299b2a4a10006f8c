package hzclient.test;

import com.hazelcast.map.MapInterceptor;

/** An interceptor that appends a text to each value that is put, and refuses to remove anything. */
public final class AppendSuffix extends WithText implements MapInterceptor {

    public static final int CLASS_ID = 32;

    private static final long serialVersionUID = 1L;

    public AppendSuffix() {
        super(CLASS_ID);
    }

    @Override
    public Object interceptGet(Object value) {
        return null; // leaves the value as it is
    }

    @Override
    public void afterGet(Object value) {
        // Nothing is to be done then.
    }

    @Override
    public Object interceptPut(Object oldValue, Object newValue) {
        return newValue + text;
    }

    @Override
    public void afterPut(Object value) {
        // Nothing is to be done then.
    }

    @Override
    public Object interceptRemove(Object removedValue) {
        throw new UnsupportedOperationException("nothing is removed here");
    }

    @Override
    public void afterRemove(Object oldValue) {
        // Nothing is to be done then.
    }
}
