package interop;

import java.math.BigDecimal;

/** A compact value. Its fields are not in the order of their names. */
public record Order(String z, String a, BigDecimal m, int n) {}
