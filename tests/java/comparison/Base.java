package comparison;

/** The first base of {@link Derived}. */
class Base {

    private String x;
    private long n;
    private String c;

    void setBase(String x, long n, String c) {
        this.x = x;
        this.n = n;
        this.c = c;
    }
}
