package hzclient.test;

import com.hazelcast.core.IFunction;

/** A function that appends a given text to another, or begins with it where there is none. */
public final class AppendText extends WithText implements IFunction<String, String> {

    public static final int CLASS_ID = 141;

    public AppendText() {
        super(CLASS_ID);
    }

    @Override
    public String apply(String start) {
        return start == null ? text : start + text;
    }
}
