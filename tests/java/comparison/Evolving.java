package comparison;

import java.util.List;

/** A record that has a field more, and one less, than its Python twin. */
record Evolving(String name, int age, String email, Integer rank, long[] numbers, List<Long> boxes) {

    static Evolving random(Values values) {
        return new Evolving(
                values.text(),
                (int) values.integer(32),
                values.maybe(values::text),
                values.maybe(() -> (int) values.integer(32)),
                values.random().longs(values.length()).toArray(),
                values.random().longs(values.length()).boxed().toList());
    }
}
