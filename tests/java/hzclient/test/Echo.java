package hzclient.test;

import java.util.concurrent.Callable;

/** A task that returns a given text. */
public final class Echo extends WithText implements Callable<String> {

    public static final int CLASS_ID = 41;

    public Echo() {
        super(CLASS_ID);
    }

    @Override
    public String call() {
        return text;
    }
}
