package comparison;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

/**
 * A Java client that writes random values for Python to read, and checks those that Python wrote.
 *
 * <p>For each value of a map there is a description in a second one, whose name ends in "-told". Commands come on
 * standard input, a line each; the answer is one line too. Arguments are the address of a member and the name of
 * its cluster.
 */
public final class Peer {

    private final HazelcastInstance client;

    private Peer(HazelcastInstance client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws IOException {
        ClientConfig config = new ClientConfig();
        config.setProperty("hazelcast.logging.type", "none");
        config.setClusterName(arguments[1]);
        config.getNetworkConfig().addAddress(arguments[0]);
        config.getSerializationConfig().addDataSerializableFactory(
                Thing.FACTORY_ID, classId -> classId == Owned.CLASS_ID ? new Owned() : new Thing());
        Peer peer = new Peer(HazelcastClient.newHazelcastClient(config));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("OK ready");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(peer.answer(line.split(" ")));
        }
        peer.client.shutdown();
    }

    private String answer(String[] words) {
        try {
            return "OK " + run(words);
        } catch (Exception e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return "FAILED " + trace.toString().replace("\n", " | ");
        }
    }

    private String run(String[] words) {
        switch (words[0]) {
            case "write":
                return write(words[1], words[2], Long.parseLong(words[3]), Integer.parseInt(words[4]));
            case "check":
                return check(words[1], words[2].equals("same-bytes"));
            case "put-ordered":
                return putOrdered(words[1]);
            case "find-keys":
                return findKeys(words[1]);
            case "check-partitions":
                return checkPartitions(words[1]);
            default:
                throw new IllegalArgumentException("no command " + words[0]);
        }
    }

    private String write(String what, String mapName, long seed, int count) {
        Values values = new Values(seed);
        switch (what) {
            case "compact":
            case "portable":
                Map<String, Shape> shapes = Shape.parse(client.<String, String>getMap("shapes").get(what));
                for (Shape shape : shapes.values()) {
                    put(mapName, shape.name(), count, i -> what.equals("compact")
                            ? shape.compact(values, shapes)
                            : shape.portable(values, shapes));
                }
                return shapes.size() * count + " records";
            case "constants":
                for (int type = 0; type < Constants.count(); type++) {
                    int chosen = type;
                    put(mapName, Integer.toString(type), count, i -> Constants.random(values, chosen));
                }
                return Constants.count() * count + " constants";
            case "things":
                put(mapName, what, count, i -> Thing.random(values, i % 3));
                return count + " identified objects";
            case "everything":
                put(mapName, what, count, i -> Everything.random(values));
                return count + " records of a class";
            case "evolving":
                put(mapName, what, count, i -> Evolving.random(values));
                return count + " records of an evolved class";
            default:
                throw new IllegalArgumentException("no values of the kind " + what);
        }
    }

    private void put(String mapName, String prefix, int count, Function<Integer, Object> random) {
        IMap<String, Object> map = client.getMap(mapName);
        IMap<String, String> told = client.getMap(mapName + "-told");
        for (int i = 0; i < count; i++) {
            Object value = random.apply(i);
            String key = prefix + ":" + i;
            map.set(key, value);
            told.set(key, Describe.of(value));
        }
    }

    /** Compares all values with what Python told about them, and their bytes with those that Java writes. */
    private String check(String mapName, boolean sameBytes) {
        IMap<String, Object> map = client.getMap(mapName);
        Map<String, String> told = client.<String, String>getMap(mapName + "-told").getAll(
                client.<String, String>getMap(mapName + "-told").keySet());
        for (Map.Entry<String, String> entry : told.entrySet()) {
            Object value = map.get(entry.getKey());
            String description = Describe.of(value);
            if (!description.equals(entry.getValue())) {
                throw new IllegalStateException(
                        entry.getKey() + " is " + description + ", but Python wrote " + entry.getValue());
            }
            // The member compares the bytes.
            if (sameBytes && !map.replace(entry.getKey(), value, value)) {
                throw new IllegalStateException(entry.getKey() + " has other bytes in Java: " + description);
            }
        }
        return told.size() + " values";
    }

    /** Puts objects as keys, and as values into structures that compare by bytes. */
    private String putOrdered(String name) {
        Values values = new Values(9);
        for (int i = 0; i < 100; i++) {
            Object[] objects = {Ord.random(values), Derived.random(values), Strange.random(values)};
            for (Object value : objects) {
                String label = value.getClass().getSimpleName() + ":" + i;
                client.getMap(name).set(label, value);
                client.getMap(name + "-keys").set(value, label);
                client.getList(name).add(value);
                client.getSet(name).add(value);
            }
        }
        return client.getMap(name).size() + " objects";
    }

    /** Looks for the keys of a map by objects that Java has read, and writes again. */
    private String findKeys(String name) {
        IMap<Object, Object> map = client.getMap(name);
        long found = map.entrySet().stream().filter(e -> e.getValue().equals(map.get(e.getKey()))).count();
        return found + " keys";
    }

    /** Compares the partition of each key with its value: the partition that Python computed. */
    private String checkPartitions(String mapName) {
        Map<Object, Integer> partitions = client.<Object, Integer>getMap(mapName).getAll(
                client.<Object, Integer>getMap(mapName).keySet());
        for (Map.Entry<Object, Integer> entry : partitions.entrySet()) {
            int partition = client.getPartitionService().getPartition(entry.getKey()).getPartitionId();
            if (partition != entry.getValue()) {
                throw new IllegalStateException(
                        entry.getKey() + " is in partition " + partition + ", Python says " + entry.getValue());
            }
        }
        return partitions.size() + " keys";
    }
}
