package comparison;

/** The class between {@link Base} and {@link Derived}. */
class Middle extends Base {

    private String w;
    private String d;

    void setMiddle(String w, String d) {
        this.w = w;
        this.d = d;
    }
}
