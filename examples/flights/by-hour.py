"""Mean delay by hour of departure. A script job: params in a file, the result in another, nothing else to know."""

import json
import os
from collections import defaultdict

with open(os.environ["JOB_PARAMS_FILE"], encoding="utf-8") as file:
    flights = json.load(file)["flights"]

delays = defaultdict(list)
for number, flight in enumerate(flights):
    delays[flight["hour"]].append(flight["delay"])
    if number % 5000 == 0:
        print(f"::progress {100 * number // len(flights)} counting", flush=True)

hours = [
    {"hour": hour, "flights": len(found), "meanDelay": sum(found) / len(found)}
    for hour, found in sorted(delays.items())
]
print(f"{len(flights)} flights in {len(hours)} hours of the day")

with open(os.environ["JOB_RESULT_FILE"], "w", encoding="utf-8") as file:
    json.dump({"hours": hours}, file)
