"""Poll several slow river gauges at once and report each water level."""

import asyncio

TIME_LIMIT = 0.2
FLOOD_LEVEL = 4.0

# Gauge: (seconds until it answers, water level in metres)
GAUGES = {
    "weir": (0.06, 2.1),
    "bridge": (0.02, 4.6),
    "harbour": (0.90, 3.3),
    "lock": (0.10, 3.9),
}


async def read_level(gauge: str) -> float:
    delay, level = GAUGES[gauge]
    await asyncio.sleep(delay)
    return level


async def poll(gauge: str, pending: set[str]) -> str:
    try:
        level = await asyncio.wait_for(read_level(gauge), TIME_LIMIT)
    except TimeoutError:
        status = f"no answer within {TIME_LIMIT} s"
    else:
        status = f"{level:.1f} m" + (" FLOOD" if level >= FLOOD_LEVEL else "")
    finally:
        pending.discard(gauge)
        print(f"{gauge} done, {len(pending)} pending")
    return f"{gauge:<8} {status}"


async def main() -> None:
    pending = set(GAUGES)
    reports = await asyncio.gather(*(poll(gauge, pending) for gauge in GAUGES))
    print(*reports, sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
