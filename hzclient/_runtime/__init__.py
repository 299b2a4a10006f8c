"""How operations run: pending results, drivers, faces and the two runtimes.

Theory of the drivers. An operation is a coroutine that awaits only pending results of its runtime and other
operations, so it does not know who drives it. There are three drivers: the caller's task (asyncio face),
`OperationFuture` (Future face), which takes each step on the thread on which the awaited result arrives, and
`run_blocking` (blocking face), which takes each step in the calling thread and sleeps in between. In all of
them the first step runs in the caller, which is why wrong arguments raise at the call, why lock owners are
read there, and why requests leave in the order of the calls.
"""
