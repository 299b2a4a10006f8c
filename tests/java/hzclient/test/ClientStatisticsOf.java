package hzclient.test;

import com.hazelcast.client.impl.statistics.ClientStatistics;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.instance.impl.HazelcastInstanceImpl;
import com.hazelcast.internal.metrics.MetricConsumer;
import com.hazelcast.internal.metrics.MetricDescriptor;
import com.hazelcast.internal.metrics.impl.MetricsCompressor;
import com.hazelcast.map.EntryProcessor;
import java.util.Map;
import java.util.UUID;

/**
 * An entry processor that returns the statistics that a client has sent to this member: the first line
 * is the attribute string, each further line one metric of the blob as "name|tag|tag|unit|type|value".
 * Returns null where this member has none.
 */
public final class ClientStatisticsOf extends WithText
        implements EntryProcessor<Object, Object, String>, HazelcastInstanceAware {

    public static final int CLASS_ID = 150;

    private transient HazelcastInstance instance;

    public ClientStatisticsOf() {
        super(CLASS_ID);
    }

    @Override
    public String process(Map.Entry<Object, Object> entry) {
        ClientStatistics sent = ((HazelcastInstanceImpl) instance)
                .node.clientEngine.getClientStatistics().get(UUID.fromString(text));
        if (sent == null || sent.clientAttributes() == null) {
            return null;
        }
        Lines lines = new Lines();
        lines.text.append(sent.clientAttributes());
        MetricsCompressor.extractMetrics(sent.metricsBlob(), lines);
        return lines.text.toString();
    }

    @Override
    public EntryProcessor<Object, Object, String> getBackupProcessor() {
        return null;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance hazelcastInstance) {
        instance = hazelcastInstance;
    }

    private static final class Lines implements MetricConsumer {

        private final StringBuilder text = new StringBuilder();

        @Override
        public void consumeLong(MetricDescriptor descriptor, long value) {
            add(descriptor, "long", value);
        }

        @Override
        public void consumeDouble(MetricDescriptor descriptor, double value) {
            add(descriptor, "double", value);
        }

        private void add(MetricDescriptor descriptor, String type, Object value) {
            String discriminator = descriptor.discriminator() == null
                    ? "" : descriptor.discriminator() + "=" + descriptor.discriminatorValue();
            text.append('\n').append(descriptor.prefix() == null ? "" : descriptor.prefix())
                    .append('|').append(descriptor.metric()).append('|').append(discriminator)
                    .append('|').append(descriptor.unit() == null ? "" : descriptor.unit())
                    .append('|').append(type).append('|').append(value);
        }
    }
}
