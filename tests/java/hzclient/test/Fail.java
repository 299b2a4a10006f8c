package hzclient.test;

import java.util.concurrent.Callable;

/** A task that fails with a given message. */
public final class Fail extends WithText implements Callable<String> {

    public static final int CLASS_ID = 43;

    public Fail() {
        super(CLASS_ID);
    }

    @Override
    public String call() {
        throw new IllegalStateException(text);
    }
}
