"""python3 resume.py ws://localhost:8080/ws market_data: resumes by position; the numbers are the steps of docs/protocol.md."""
import asyncio, itertools, json, logging, random, re, sys, time, websockets
GATEWAY, wanted = sys.argv[1], sys.argv[2:]
positions, blocked, ids = {}, {}, itertools.count(1)  # blocked: topic -> id of the request that it waits for

def url():  # 1
    since = ["{}@{epoch}:{offset}".format(topic, **at) for topic, at in positions.items()]
    return f"{GATEWAY}?subscriptions={','.join(wanted)}&since={','.join(since)}"

async def ask(ws, topic):  # 11
    blocked[topic] = next(ids)
    data = {"topic": topic, "since": positions[topic]} if topic in positions else {"topic": topic}
    await ws.send(json.dumps({"type": "subscribe", "id": blocked[topic], "data": data}))

def go_on(topic, to):  # 6, 7, 12
    if positions.get(topic, to) != to: logging.warning("lost: %s %s %s", topic, positions[topic], to)
    positions[topic] = to
    blocked.pop(topic, None)

async def settle(ws, topic, epoch, offset, recovered=None, replayed=0, **_):  # 5, 6
    start = {"epoch": epoch, "offset": offset - replayed}
    at = positions.get(topic, start)
    if recovered is False or at == start: go_on(topic, start)
    elif recovered and at["epoch"] == epoch and at["offset"] >= start["offset"]: go_on(topic, at)
    else: await ask(ws, topic)

async def take(ws, type, data, topic=None, offset=0, id=None, **_):
    if type == "error": logging.warning("error: %s %s", data["code"], data["message"])
    if type == "connected":  # 3, 4
        blocked.clear()
        listed = {entry["topic"] for entry in data["subscriptions"]}
        for topic in positions.keys() - listed - set(wanted): del positions[topic]
        for entry in data["subscriptions"]: await settle(ws, **entry)
        for topic in set(wanted) - listed: await ask(ws, topic)
    elif topic in positions and topic not in blocked and "connected" not in blocked:  # 2, 8
        if offset > positions[topic]["offset"] + 1: await ask(ws, topic)  # 11
        elif offset > positions[topic]["offset"]:  # 9
            positions[topic]["offset"] = offset  # 10
            print(json.dumps({"type": type, "topic": topic, "offset": offset, "id": id, "data": data}), flush=True)
    elif type == "reset": go_on(data["topic"], {"epoch": data["epoch"], "offset": data["offset"]})  # 12
    for topic in [topic for topic in blocked if blocked[topic] == id]:  # 13
        if type == "subscribed": await settle(ws, **data)
        elif data["code"] in ("rate_limited", "internal", "unauthorized", "token_expired"): await ws.close()
        else: blocked.pop(topic), positions.pop(topic, None), topic in wanted and wanted.remove(topic)

async def main(attempt=0):
    while True:  # 14
        blocked["connected"], begin = 0, float("inf")
        try:
            async with websockets.connect(url()) as ws:
                begin = time.monotonic()
                while True: await take(ws, **json.loads(await asyncio.wait_for(ws.recv(), 15 if blocked else None)))
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as error:
            end = getattr(error, "rcvd", None) or getattr(error, "response", None)
            code, reason = getattr(end, "code", getattr(end, "status_code", 1006)), getattr(end, "reason", "")
            if code in (403, 404, 1009) or 3500 <= code < 4000 or 4500 <= code < 5000: sys.exit(f"{code} {reason}")
            attempt = 0 if time.monotonic() - begin > 5 else attempt + 1
            told = re.search(r"reconnect in (\d{1,5}) ms", reason)
            await asyncio.sleep(int(told[1]) / 1000 if told else min(20, .5 + random.random() * min(20, .5 * 2**attempt)))
asyncio.run(main())
