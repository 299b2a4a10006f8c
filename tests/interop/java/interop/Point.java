package interop;

import com.hazelcast.nio.serialization.Portable;
import com.hazelcast.nio.serialization.PortableReader;
import com.hazelcast.nio.serialization.PortableWriter;
import java.io.IOException;

/** A portable value. */
public final class Point implements Portable {

    static final int FACTORY_ID = 7;
    static final int CLASS_ID = 1;

    private int x;
    private String label;

    static Point of(int x, String label) {
        Point point = new Point();
        point.x = x;
        point.label = label;
        return point;
    }

    @Override
    public int getFactoryId() {
        return FACTORY_ID;
    }

    @Override
    public int getClassId() {
        return CLASS_ID;
    }

    @Override
    public void writePortable(PortableWriter writer) throws IOException {
        writer.writeInt("x", x);
        writer.writeString("label", label);
    }

    @Override
    public void readPortable(PortableReader reader) throws IOException {
        x = reader.readInt("x");
        label = reader.readString("label");
    }

    @Override
    public String toString() {
        return "Point(x=" + x + ", label=" + label + ")";
    }
}
