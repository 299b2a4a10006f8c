package comparison;

/** A record within a record. */
record Point(int x, long y, String label) {

    static Point random(Values values) {
        return new Point((int) values.integer(32), values.integer(64), values.maybe(values::text));
    }
}
