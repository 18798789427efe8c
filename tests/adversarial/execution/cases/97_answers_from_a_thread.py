# verdict: protocol_violation | wrong_answer
# does: lets a thread send answers while the judge thinks
import os
import threading


def send():
    body = b"V[[1,2,3],null]"
    while True:
        for descriptor in range(3, 256):
            try:
                os.write(descriptor, len(body).to_bytes(4, "big") + body)
            except OSError:
                continue


def solve(values):
    threading.Thread(target=send, daemon=True).start()
    return [1, 2, 3]
