package comparison;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** An identified object that uses every method of the streams. */
final class Thing implements IdentifiedDataSerializable, Describe.Described {

    static final int FACTORY_ID = 67;
    private static final int CLASS_ID = 1;

    private boolean flag;
    private byte int8;
    private char letter;
    private short int16;
    private int int32;
    private long int64;
    private float float32;
    private double float64;
    private String text;
    private byte[] bytes;
    private boolean[] flags;
    private char[] letters;
    private short[] shorts;
    private int[] ints;
    private long[] longs;
    private float[] floats;
    private double[] doubles;
    private String[] texts;
    private Object object;

    static Thing random(Values values, int depth) {
        Thing thing = new Thing();
        thing.flag = values.flag();
        thing.int8 = (byte) values.integer(8);
        thing.letter = values.letter();
        thing.int16 = (short) values.integer(16);
        thing.int32 = (int) values.integer(32);
        thing.int64 = values.integer(64);
        thing.float32 = values.narrowFloating();
        thing.float64 = values.floating();
        thing.text = values.maybe(values::text);
        thing.bytes = values.maybe(() -> {
            byte[] bytes = new byte[values.length()];
            values.random().nextBytes(bytes);
            return bytes;
        });
        thing.flags = values.maybe(() -> new boolean[] {values.flag(), values.flag()});
        thing.letters = values.maybe(() -> new char[] {values.letter(), values.letter()});
        thing.shorts = values.maybe(() -> new short[] {(short) values.integer(16), 0});
        thing.ints = values.maybe(() -> values.random().ints(values.length()).toArray());
        thing.longs = values.maybe(() -> values.random().longs(values.length()).toArray());
        thing.floats = values.maybe(() -> new float[] {values.narrowFloating(), values.narrowFloating()});
        thing.doubles = values.maybe(() -> new double[] {values.floating(), values.floating()});
        thing.texts = values.maybe(() -> new String[] {values.text(), values.maybe(values::text)});
        thing.object = depth == 0 ? values.maybe(values::text) : random(values, depth - 1);
        return thing;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeBoolean(flag);
        out.writeByte(int8);
        out.writeChar(letter);
        out.writeShort(int16);
        out.writeInt(int32);
        out.writeLong(int64);
        out.writeFloat(float32);
        out.writeDouble(float64);
        out.writeString(text);
        out.writeByteArray(bytes);
        out.writeBooleanArray(flags);
        out.writeCharArray(letters);
        out.writeShortArray(shorts);
        out.writeIntArray(ints);
        out.writeLongArray(longs);
        out.writeFloatArray(floats);
        out.writeDoubleArray(doubles);
        out.writeStringArray(texts);
        out.writeObject(object);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        flag = in.readBoolean();
        int8 = in.readByte();
        letter = in.readChar();
        int16 = in.readShort();
        int32 = in.readInt();
        int64 = in.readLong();
        float32 = in.readFloat();
        float64 = in.readDouble();
        text = in.readString();
        bytes = in.readByteArray();
        flags = in.readBooleanArray();
        letters = in.readCharArray();
        shorts = in.readShortArray();
        ints = in.readIntArray();
        longs = in.readLongArray();
        floats = in.readFloatArray();
        doubles = in.readDoubleArray();
        texts = in.readStringArray();
        object = in.readObject();
    }

    @Override
    public String description() {
        return Describe.fields(
                "Thing", flag, int8, letter, int16, int32, int64, float32, float64, text, bytes, flags, letters, shorts,
                ints, longs, floats, doubles, texts, object);
    }

    @Override
    public int getFactoryId() {
        return FACTORY_ID;
    }

    @Override
    public int getClassId() {
        return CLASS_ID;
    }
}
