package comparison;

import java.math.BigDecimal;

/** A record whose components are not declared in the order of their names. */
record Ord(String z, String a, BigDecimal m) {

    static Ord random(Values values) {
        return new Ord(values.maybe(values::text), values.text(), values.maybe(values::decimal));
    }
}
