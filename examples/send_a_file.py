"""Send a file and wait until the hub has read it.

    HUB_TARGET=hub.example:8444 HUB_TOKEN=… python send_a_file.py orders.edi

Sending the same file again changes nothing. Set HUB_PLAINTEXT=1 for a hub on this machine that has no certificate.
"""

import os
import sys
import time
from pathlib import Path

from hub.client import Client, Message

path = Path(sys.argv[1])
target, token, plaintext = os.environ["HUB_TARGET"], os.environ["HUB_TOKEN"], "HUB_PLAINTEXT" in os.environ
with Client.with_token(target, token, plaintext=plaintext) as hub:
    receipt = hub.submit(path.read_bytes(), filename=path.name)
    again = ", as before" if receipt.duplicate else ""
    print(f"{path.name} is {receipt.message}, {receipt.size_bytes} bytes{again}", flush=True)
    message = hub.message(receipt.message)
    while message.state == Message.STATE_RECEIVED:
        time.sleep(0.5)
        message = hub.message(receipt.message)
    print(Message.State.Name(message.state))
    for finding in message.findings:
        print(f"{finding.code}: {finding.message} {finding.hint}")
