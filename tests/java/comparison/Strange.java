package comparison;

import java.math.BigDecimal;

/** A record that no class of Python stands for. */
record Strange(String q, BigDecimal k, String e) {

    static Strange random(Values values) {
        return new Strange(values.text(), values.maybe(values::decimal), values.maybe(values::text));
    }
}
