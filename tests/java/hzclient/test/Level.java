package hzclient.test;

/** A comparable value that members read from compact data: predicates compare with it. */
public class Level implements Comparable<Level> {
    private int height;

    @Override
    public int compareTo(Level other) {
        return Integer.compare(height, other.height);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Level && ((Level) other).height == height;
    }

    @Override
    public int hashCode() {
        return height;
    }
}
