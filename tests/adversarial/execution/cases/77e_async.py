# verdict: passed
# does: runs an event loop
import asyncio


async def ordered(values):
    await asyncio.sleep(0.001)
    return sorted(values)


def solve(values):
    return asyncio.run(ordered(values))
