package comparison;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.function.Supplier;

/** Random values, the extreme ones among them, that Python can hold: no nanoseconds, years 1 to 9999. */
final class Values {

    private final Random random;

    Values(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    long integer(int bits) {
        switch (random.nextInt(8)) {
            case 0: return 0;
            case 1: return -1;
            case 2: return (1L << (bits - 1)) - 1;
            case 3: return -(1L << (bits - 1));
            default: return random.nextLong() >> (64 - bits);
        }
    }

    double floating() {
        double[] special = {0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE};
        return random.nextInt(4) == 0 ? special[random.nextInt(special.length)] : random.nextGaussian() * 1e6;
    }

    float narrowFloating() {
        return (float) floating();
    }

    boolean flag() {
        return random.nextBoolean();
    }

    char letter() {
        char unit = (char) random.nextInt(0x10000);
        return Character.isSurrogate(unit) ? '\u20ac' : unit;
    }

    String text() {
        int[] limits = {0x80, 0x800, 0x10000, 0x110000};
        StringBuilder result = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(50) == 0 ? 400 : 12); i > 0; i--) {
            int code = random.nextInt(limits[random.nextInt(limits.length)]);
            result.appendCodePoint(code >= 0xd800 && code < 0xe000 ? 'x' : code);
        }
        return result.toString();
    }

    BigInteger bigInteger() {
        BigInteger value = new BigInteger(random.nextInt(200), random);
        return flag() ? value : value.negate();
    }

    BigDecimal decimal() {
        return new BigDecimal(bigInteger(), random.nextInt(100) - 50);
    }

    LocalDate date() {
        return LocalDate.of(1 + random.nextInt(9999), 1 + random.nextInt(12), 1 + random.nextInt(28));
    }

    LocalTime time() {
        return LocalTime.of(random.nextInt(24), random.nextInt(60), random.nextInt(60), random.nextInt(1_000_000) * 1000);
    }

    LocalDateTime timestamp() {
        return LocalDateTime.of(date(), time());
    }

    OffsetDateTime offsetTimestamp() {
        return timestamp().atOffset(ZoneOffset.ofTotalSeconds(random.nextInt(36 * 3600 + 1) - 18 * 3600));
    }

    <T> T maybe(Supplier<T> value) {
        return random.nextInt(4) == 0 ? null : value.get();
    }

    int length() {
        return random.nextInt(random.nextInt(20) == 0 ? 300 : 6);
    }

    Object of(String base) {
        switch (base) {
            case "BOOLEAN": return flag();
            case "CHAR": return letter();
            case "INT8": return (byte) integer(8);
            case "INT16": return (short) integer(16);
            case "INT32": return (int) integer(32);
            case "INT64": return integer(64);
            case "FLOAT32": return narrowFloating();
            case "FLOAT64": return floating();
            case "STRING": return text();
            case "DECIMAL": return decimal();
            case "TIME": return time();
            case "DATE": return date();
            case "TIMESTAMP": return timestamp();
            case "TIMESTAMP_WITH_TIMEZONE": return offsetTimestamp();
            default: throw new IllegalArgumentException("no values of the kind " + base);
        }
    }
}
