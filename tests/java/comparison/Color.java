package comparison;

/** An enum that a Python enum has the names of. */
enum Color {
    RED,
    GREEN,
    BLUE
}
