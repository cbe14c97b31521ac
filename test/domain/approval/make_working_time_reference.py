"""Working time counted minute by minute with Python's zoneinfo: what the calendar's arithmetic is held against.

Run: /usr/bin/python3 test/domain/approval/make_working_time_reference.py > test/domain/approval/working-time-reference.json
"""
import json
import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
OFFICE = {"days": DAYS[:5], "hours": ["09:00", "17:00"], "holidays": []}
CALENDARS = [
    {"timeZone": "UTC", "days": DAYS[:5], "hours": ["00:00", "24:00"], "holidays": []},
    {"timeZone": "Europe/Amsterdam", **OFFICE, "holidays": ["2026-12-25", "2027-03-29"]},
    {"timeZone": "America/New_York", **OFFICE},
    {"timeZone": "Asia/Kolkata", **OFFICE, "hours": ["09:30", "18:15"]},
    {"timeZone": "Australia/Lord_Howe", "days": DAYS, "hours": ["00:00", "24:00"], "holidays": []},
    {"timeZone": "Asia/Riyadh", **OFFICE, "days": ["Sun", "Mon", "Tue", "Wed", "Thu"]},
    # Clocks change within the shift, and at midnight.
    {"timeZone": "America/New_York", "days": DAYS, "hours": ["00:00", "12:00"], "holidays": []},
    {"timeZone": "Asia/Beirut", "days": DAYS, "hours": ["00:00", "24:00"], "holidays": []},
]
# Around the clock changes of 2026 and 2027, Christmas, and an ordinary week.
STARTS = ["2026-03-06", "2026-03-27", "2026-10-02", "2026-10-23", "2026-10-31", "2026-12-23", "2027-03-25", "2026-06-16"]


def works(calendar, zone, instant):
    local = instant.astimezone(zone)
    clock = local.strftime("%H:%M")
    return (
        DAYS[local.weekday()] in calendar["days"]
        and local.strftime("%Y-%m-%d") not in calendar["holidays"]
        and calendar["hours"][0] <= clock < calendar["hours"][1]
    )


draw = random.Random(20261121)
cases = []
for start in STARTS:
    for number, calendar in enumerate(CALENDARS):
        zone = ZoneInfo(calendar["timeZone"])
        begin = datetime.fromisoformat(start).replace(tzinfo=timezone.utc) + timedelta(minutes=draw.randrange(1440))
        end = begin + timedelta(minutes=draw.randrange(60, 6 * 1440))
        at, minutes = begin, 0
        while at < end:
            minutes += works(calendar, zone, at)
            at += timedelta(minutes=1)
        iso = lambda moment: moment.strftime("%Y-%m-%dT%H:%M:00.000Z")
        cases.append({"calendar": number, "from": iso(begin), "to": iso(end), "minutes": minutes})

print(json.dumps({"calendars": CALENDARS, "cases": cases}, indent=1))
