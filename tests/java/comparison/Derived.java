package comparison;

import java.math.BigDecimal;

/** A class with fields of its own and of two bases, declared in no order of names. */
final class Derived extends Middle {

    private String y;
    private BigDecimal b;

    static Derived random(Values values) {
        Derived derived = new Derived();
        derived.y = values.text();
        derived.b = values.decimal();
        derived.setMiddle(values.text(), values.text());
        derived.setBase(values.text(), values.integer(64), values.text());
        return derived;
    }
}
