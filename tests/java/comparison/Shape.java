package comparison;

import com.hazelcast.nio.serialization.ClassDefinition;
import com.hazelcast.nio.serialization.ClassDefinitionBuilder;
import com.hazelcast.nio.serialization.FieldKind;
import com.hazelcast.nio.serialization.genericrecord.GenericRecord;
import com.hazelcast.nio.serialization.genericrecord.GenericRecordBuilder;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Names and kinds of the fields of a class that exists in no language. */
record Shape(String name, List<Field> fields) {

    private static final int FACTORY_ID = 1;

    private static final Map<String, String> PORTABLE_NAMES = Map.ofEntries(
            Map.entry("BOOLEAN", "Boolean"),
            Map.entry("CHAR", "Char"),
            Map.entry("INT8", "Byte"),
            Map.entry("INT16", "Short"),
            Map.entry("INT32", "Int"),
            Map.entry("INT64", "Long"),
            Map.entry("FLOAT32", "Float"),
            Map.entry("FLOAT64", "Double"),
            Map.entry("STRING", "String"),
            Map.entry("DECIMAL", "Decimal"),
            Map.entry("TIME", "Time"),
            Map.entry("DATE", "Date"),
            Map.entry("TIMESTAMP", "Timestamp"),
            Map.entry("TIMESTAMP_WITH_TIMEZONE", "TimestampWithTimezone"),
            Map.entry("PORTABLE", "Portable"));

    /** A field; nested is the name of the shape that it holds, else empty. */
    record Field(String name, FieldKind kind, String nested) {}

    /** Reads shapes as Python writes them: a line each, name and fields between tabs, nested ones first. */
    static Map<String, Shape> parse(String text) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            String[] words = line.split("\t");
            List<Field> fields = new ArrayList<>();
            for (int i = 1; i < words.length; i++) {
                String[] parts = words[i].split(":", -1);
                fields.add(new Field(parts[0], FieldKind.valueOf(parts[1]), parts[2]));
            }
            shapes.put(words[0], new Shape(words[0], fields));
        }
        return shapes;
    }

    GenericRecord compact(Values values, Map<String, Shape> shapes) {
        GenericRecordBuilder builder = GenericRecordBuilder.compact(name);
        for (Field field : fields) {
            Shape nested = shapes.get(field.nested());
            Object value = value(values, field, false, () -> nested.compact(values, shapes));
            Kinds.set(builder, field.name(), field.kind(), value);
        }
        return builder.build();
    }

    GenericRecord portable(Values values, Map<String, Shape> shapes) {
        GenericRecordBuilder builder = GenericRecordBuilder.portable(definition(shapes));
        for (Field field : fields) {
            Shape nested = shapes.get(field.nested());
            Object value = value(values, field, true, () -> nested.portable(values, shapes));
            Kinds.set(builder, field.name(), field.kind(), value);
        }
        return builder.build();
    }

    private ClassDefinition definition(Map<String, Shape> shapes) {
        ClassDefinitionBuilder builder = new ClassDefinitionBuilder(FACTORY_ID, Integer.parseInt(name), 0);
        for (Field field : fields) {
            String type = PORTABLE_NAMES.get(Kinds.base(field.kind()));
            String method = "add" + type + (Kinds.isArray(field.kind()) ? "ArrayField" : "Field");
            try {
                if (field.nested().isEmpty()) {
                    ClassDefinitionBuilder.class.getMethod(method, String.class).invoke(builder, field.name());
                } else {
                    ClassDefinition nested = shapes.get(field.nested()).definition(shapes);
                    ClassDefinitionBuilder.class
                            .getMethod(method, String.class, ClassDefinition.class)
                            .invoke(builder, field.name(), nested);
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return builder.build();
    }

    private static Object value(Values values, Field field, boolean portable, Supplier<GenericRecord> nested) {
        FieldKind kind = field.kind();
        String base = Kinds.base(kind);
        Supplier<Object> item = () -> field.nested().isEmpty() ? values.of(base) : nested.get();
        if (!Kinds.isArray(kind)) {
            return Kinds.isNullable(kind) ? values.maybe(item) : item.get();
        }
        boolean nullItems = Kinds.isNullable(kind) && (!portable || base.equals("STRING"));
        return values.maybe(() -> {
            Object array = Kinds.newArray(kind, field.nested().isEmpty() ? values.length() : values.length() % 5);
            for (int i = 0; i < Array.getLength(array); i++) {
                Array.set(array, i, nullItems ? values.maybe(item) : item.get());
            }
            return array;
        });
    }
}
