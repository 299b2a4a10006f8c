"""Compare hzclient with the official client and with the limit of the machine: `python -m benchmarks`."""
