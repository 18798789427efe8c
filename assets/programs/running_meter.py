"""A meter built from closures: several functions sharing private state."""


def make_meter(unit, alarm_level):
    count = 0
    total = 0.0
    peak = float("-inf")

    def record(value):
        nonlocal count, total, peak
        count += 1
        total += value
        peak = max(peak, value)
        return value > alarm_level

    def summary():
        if count == 0:
            return "no readings yet"
        mean = total / count
        return f"{count} readings, mean {mean:.1f} {unit}, peak {peak:.1f} {unit}"

    return record, summary


record_oven, oven_summary = make_meter("C", alarm_level=220)
record_hall, hall_summary = make_meter("dB", alarm_level=85)

print("oven:", oven_summary())
for reading in (180.0, 205.5, 224.0, 210.5):
    if record_oven(reading):
        print(f"oven: alarm at {reading}")
for reading in (62.0, 71.5, 68.0):
    record_hall(reading)

print("oven:", oven_summary())
print("hall:", hall_summary())
