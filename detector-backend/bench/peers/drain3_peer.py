"""Drain3 with the example masks of its README and defaults otherwise.

drain3_peer.py accuracy FILE   FILE: JSON [[line, ...], ...]; prints [{"groups": [...], "templates": [...]}, ...]
drain3_peer.py speed FILE      FILE: one line of log a line; prints {"lines", "seconds", "rss_mb", "templates"}
"""

import json
import logging
import resource
import sys
import time

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

BEFORE = r"((?<=[^A-Za-z0-9])|^)"
AFTER = r"((?=[^A-Za-z0-9])|$)"
MASKS = [
    (BEFORE + r"(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))" + AFTER, "ID"),
    (BEFORE + r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})" + AFTER, "IP"),
    (BEFORE + r"([0-9a-f]{6,} ?){3,}" + AFTER, "SEQ"),
    (BEFORE + r"([0-9A-F]{4} ?){4,}" + AFTER, "SEQ"),
    (BEFORE + r"(0x[a-f0-9A-F]+)" + AFTER, "HEX"),
    (BEFORE + r"([\-\+]?\d+)" + AFTER, "NUM"),
    (r'(?<=executed cmd )(".+?")', "CMD"),
]


def create_miner():
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in MASKS]
    return TemplateMiner(config=config)


def mine(lines):
    miner = create_miner()
    groups = [miner.add_log_message(line)["cluster_id"] for line in lines]
    templates = {cluster.cluster_id: cluster.get_template() for cluster in miner.drain.clusters}
    return {"groups": groups, "templates": [templates[group] for group in groups]}


def speed(lines):
    miner = create_miner()
    started = time.perf_counter()
    for line in lines:
        miner.add_log_message(line)
    seconds = time.perf_counter() - started
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"lines": len(lines), "seconds": seconds, "rss_mb": rss_mb, "templates": len(miner.drain.clusters)}


def main():
    logging.disable(logging.CRITICAL)
    kind, file = sys.argv[1:3]
    with open(file, encoding="utf-8", newline="\n") as stream:
        if kind == "accuracy":
            result = [mine(lines) for lines in json.load(stream)]
        else:
            result = speed(stream.read().split("\n"))
    print("\n" + json.dumps(result))


if __name__ == "__main__":
    main()
