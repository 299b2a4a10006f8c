package interop;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.config.NearCacheConfig;
import com.hazelcast.core.EntryEvent;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryAddedListener;
import com.hazelcast.map.listener.EntryRemovedListener;
import com.hazelcast.map.listener.EntryUpdatedListener;
import com.hazelcast.query.Predicates;
import com.hazelcast.ringbuffer.Ringbuffer;
import com.hazelcast.sql.SqlResult;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The Java side of the tests: commands come on standard input, a line each, and the answer is one line too.
 *
 * <p>Arguments are the address of a member and the name of its cluster. README.md lists the commands.
 */
public final class Peer {

    private static final String KEY = "key";
    private static final String FOUND = "found";

    private final HazelcastInstance client;
    private final Map<String, BlockingQueue<String>> heard = new ConcurrentHashMap<>();

    private Peer(HazelcastInstance client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        ClientConfig config = new ClientConfig();
        config.setProperty("hazelcast.logging.type", "none");
        config.setClusterName(arguments[1]);
        config.getNetworkConfig().addAddress(arguments[0]);
        config.getSerializationConfig().addPortableFactory(Point.FACTORY_ID, classId -> new Point());
        config.addNearCacheConfig(new NearCacheConfig("near-*"));
        Peer peer = new Peer(HazelcastClient.newHazelcastClient(config));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        answers.println("OK ready");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            answers.println(peer.answer(line.split(" ")));
        }
        peer.client.shutdown();
    }

    private String answer(String[] words) {
        try {
            return "OK " + run(words);
        } catch (Exception e) {
            return "FAILED " + e.toString().replace("\n", " | ");
        }
    }

    private String run(String[] words) throws Exception {
        String name = words[1];
        String what = words.length > 2 ? words[2] : "";
        switch (words[0]) {
            case "write":
                write(what, name, Kinds.make(words[3]));
                return "written";
            case "read":
                return read(what, name, words[3]);
            case "listen":
                listen(what, name);
                return "listening";
            case "next":
                return String.valueOf(queue(name).poll(20, TimeUnit.SECONDS));
            case "lock":
                map(name).lock(Kinds.make(what));
                return "locked";
            case "try-lock":
                return String.valueOf(map(name).tryLock(Kinds.make(what)));
            case "unlock":
                map(name).unlock(Kinds.make(what));
                return "unlocked";
            case "predicate":
                return String.valueOf(map(name).values(Predicates.equal(what, comparable(words[3]))).size());
            case "sql":
                return sql(name, Kinds.make(what));
            default:
                throw new IllegalArgumentException("no command " + words[0]);
        }
    }

    private void write(String role, String name, Object value) {
        switch (role) {
            case "value", "compare" -> map(name).set(KEY, value);
            case "key" -> map(name).set(value, FOUND);
            case "list" -> client.getList(name).add(value);
            case "set" -> client.getSet(name).add(value);
            case "queue" -> client.getQueue(name).offer(value);
            case "multi_map" -> client.getMultiMap(name).put(KEY, value);
            case "replicated_map" -> client.getReplicatedMap(name).put(KEY, value);
            case "ringbuffer" -> client.getRingbuffer(name).add(value);
            case "topic" -> client.getTopic(name).publish(value);
            case "reliable_topic" -> client.getReliableTopic(name).publish(value);
            default -> throw new IllegalArgumentException("no role " + role);
        }
    }

    private String read(String role, String name, String kind) throws Exception {
        return switch (role) {
            case "value" -> Kinds.describe(map(name).get(KEY));
            case "compare" -> map(name).replace(KEY, Kinds.make(kind), Kinds.make(kind)) ? "same" : "other bytes";
            case "key" -> Kinds.describe(map(name).get(Kinds.make(kind)));
            case "list" -> Kinds.describe(client.getList(name).get(0));
            case "set" -> client.getSet(name).contains(Kinds.make(kind)) ? FOUND : "missing";
            case "queue" -> Kinds.describe(client.getQueue(name).poll(20, TimeUnit.SECONDS));
            case "multi_map" -> Kinds.describe(client.getMultiMap(name).get(KEY).iterator().next());
            case "replicated_map" -> Kinds.describe(client.getReplicatedMap(name).get(KEY));
            case "ringbuffer" -> oldest(client.getRingbuffer(name));
            default -> throw new IllegalArgumentException("no role " + role);
        };
    }

    private String oldest(Ringbuffer<Object> ringbuffer) throws Exception {
        return Kinds.describe(ringbuffer.readOne(ringbuffer.headSequence()));
    }

    private void listen(String role, String name) {
        BlockingQueue<String> queue = queue(name);
        switch (role) {
            case "topic" -> client.getTopic(name).addMessageListener(
                    message -> queue.add(Kinds.describe(message.getMessageObject())));
            case "reliable_topic" -> client.getReliableTopic(name).addMessageListener(
                    message -> queue.add(Kinds.describe(message.getMessageObject())));
            case "map" -> {
                map(name).addEntryListener((EntryAddedListener<Object, Object>) e -> queue.add(event(e)), true);
                map(name).addEntryListener((EntryUpdatedListener<Object, Object>) e -> queue.add(event(e)), true);
                map(name).addEntryListener((EntryRemovedListener<Object, Object>) e -> queue.add(event(e)), true);
            }
            default -> throw new IllegalArgumentException("cannot listen to a " + role);
        }
    }

    private static String event(EntryEvent<Object, Object> event) {
        return event.getEventType() + " " + event.getKey() + " " + Kinds.describe(event.getValue());
    }

    private String sql(String name, Object value) {
        try (SqlResult result = client.getSql().execute("SELECT this FROM \"" + name + "\" WHERE this = ?", value)) {
            return Kinds.describe(result.iterator().next().getObject(0));
        }
    }

    private static Comparable<?> comparable(String kind) {
        return (Comparable<?>) Kinds.make(kind);
    }

    private IMap<Object, Object> map(String name) {
        return client.getMap(name);
    }

    private BlockingQueue<String> queue(String name) {
        return heard.computeIfAbsent(name, unused -> new LinkedBlockingQueue<>());
    }
}
