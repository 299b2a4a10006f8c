// The Node side of the tests: commands come on standard input, a line each, and the answer is one line too.
//
// Arguments are the address of a member and the name of its cluster. README.md lists the commands.

import { createInterface } from 'node:readline';
import hazelcast from 'hazelcast-client';
import { OrderSerializer, Point, describe, make } from './kinds.mjs';

const { Client, Predicates } = hazelcast;

const KEY = 'key';
const FOUND = 'found';
const PROBE = 'probe';
const PATIENCE_MILLIS = 20000;

/** A number is either an Integer or a Double for a whole client, so there are two. */
async function connect(numberType) {
    const [address, clusterName] = process.argv.slice(2);
    return Client.newHazelcastClient({
        clusterName,
        network: { clusterMembers: [address] },
        properties: { 'hazelcast.logging.level': 'OFF' },
        nearCaches: { 'near-*': {} },
        serialization: {
            defaultNumberType: numberType,
            portableFactories: { 7: () => new Point() },
            compact: { serializers: [new OrderSerializer()] },
            jsonStringDeserializationPolicy: 'NO_DESERIALIZATION',
        },
    });
}

const integers = await connect('integer');
const doubles = await connect('double');
const heard = new Map();

function clientFor(kind) {
    return kind === 'float64' ? doubles : integers;
}

/** What the listeners of a structure have heard. */
function queue(name) {
    if (!heard.has(name)) {
        heard.set(name, { texts: [], waiting: null });
    }
    return heard.get(name);
}

function hear(name, text) {
    const { texts, waiting } = queue(name);
    texts.push(text);
    if (waiting !== null) {
        waiting();
    }
}

async function next(name) {
    const found = queue(name);
    if (found.texts.length === 0) {
        await new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`nothing heard of ${name}`)), PATIENCE_MILLIS);
            found.waiting = () => {
                clearTimeout(timer);
                found.waiting = null;
                resolve();
            };
        });
    }
    return found.texts.shift();
}

const WRITE = {
    value: async (client, name, value) => (await client.getMap(name)).set(KEY, value),
    compare: async (client, name, value) => (await client.getMap(name)).set(KEY, value),
    key: async (client, name, value) => (await client.getMap(name)).set(value, FOUND),
    list: async (client, name, value) => (await client.getList(name)).add(value),
    set: async (client, name, value) => (await client.getSet(name)).add(value),
    queue: async (client, name, value) => (await client.getQueue(name)).offer(value),
    multi_map: async (client, name, value) => (await client.getMultiMap(name)).put(KEY, value),
    replicated_map: async (client, name, value) => (await client.getReplicatedMap(name)).put(KEY, value),
    ringbuffer: async (client, name, value) => (await client.getRingbuffer(name)).add(value),
    reliable_topic: async (client, name, value) => (await client.getReliableTopic(name)).publish(value),
};

const READ = {
    value: async (client, name) => describe(await (await client.getMap(name)).get(KEY)),
    compare: async (client, name, kind) => {
        const map = await client.getMap(name);
        return await map.replaceIfSame(KEY, make(kind), make(kind)) ? 'same' : 'other bytes';
    },
    key: async (client, name, kind) => describe(await (await client.getMap(name)).get(make(kind))),
    list: async (client, name) => describe(await (await client.getList(name)).get(0)),
    set: async (client, name, kind) => await (await client.getSet(name)).contains(make(kind)) ? FOUND : 'missing',
    queue: async (client, name) => describe(await (await client.getQueue(name)).poll(PATIENCE_MILLIS)),
    multi_map: async (client, name) => describe((await (await client.getMultiMap(name)).get(KEY)).get(0)),
    replicated_map: async (client, name) => describe(await (await client.getReplicatedMap(name)).get(KEY)),
    ringbuffer: async (client, name) => {
        const ringbuffer = await client.getRingbuffer(name);
        return describe(await ringbuffer.readOne(await ringbuffer.headSequence()));
    },
};

async function listen(role, name) {
    if (role === 'reliable_topic') {
        const topic = await integers.getReliableTopic(name);
        // The listener begins at some later moment, without a sign: it does once it hears a probe.
        let begun = false;
        topic.addMessageListener(({ messageObject }) => {
            if (messageObject === PROBE) {
                begun = true;
            } else {
                hear(name, describe(messageObject));
            }
        });
        while (!begun) {
            await topic.publish(PROBE);
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return;
    }
    const map = await integers.getMap(name);
    const on = (what) => (event) => hear(name, `${what} ${event.key} ${describe(event.value)}`);
    await map.addEntryListener({ added: on('ADDED'), updated: on('UPDATED'), removed: on('REMOVED') }, undefined, true);
}

async function sql(name, kind) {
    const result = await clientFor(kind).getSql().execute(`SELECT this FROM "${name}" WHERE this = ?`, [make(kind)]);
    for await (const row of result) {
        return describe(row.this);
    }
    return 'no row';
}

async function run([command, name, what, kind]) {
    switch (command) {
        case 'write':
            await WRITE[what](clientFor(kind), name, make(kind));
            return 'written';
        case 'read':
            return READ[what](clientFor(kind), name, kind);
        case 'listen':
            await listen(what, name);
            return 'listening';
        case 'next':
            return next(name);
        case 'predicate':
            return (await (await clientFor(kind).getMap(name))
                .valuesWithPredicate(Predicates.equal(what, make(kind)))).size();
        case 'sql':
            return sql(name, what);
        case 'lock':
            await (await integers.getMap(name)).lock(make(what));
            return 'locked';
        case 'try-lock':
            return (await integers.getMap(name)).tryLock(make(what));
        case 'unlock':
            await (await integers.getMap(name)).unlock(make(what));
            return 'unlocked';
        default:
            throw new Error(`no command ${command}`);
    }
}

console.log('OK ready');
for await (const line of createInterface({ input: process.stdin })) {
    try {
        console.log(`OK ${await run(line.split(' '))}`);
    } catch (error) {
        console.log(`FAILED ${String(error.stack).replaceAll('\n', ' | ')}`);
    }
}
await integers.shutdown();
await doubles.shutdown();
