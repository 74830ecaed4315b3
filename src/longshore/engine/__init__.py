"""The engine: takes in what was asked and seen, has it planned, commits, and performs.

One engine owns an estate. Its turn never waits for a step: steps run beside it, and what comes of
them is input to a later turn. Everything is durable before it is started. Main builds it; nobody
else calls.
"""
