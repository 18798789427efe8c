# verdict: passed
# kind: stdio
# tests: lines
# does: reads descriptor 0 with os.read
import os

data = b""
while part := os.read(0, 3):
    data += part
print("\n".join(data.decode().split()))
