"""The agent is killed before and after everything that it changes in the course of a rotation, one place after the other: its
successor always ends with one healthy container, the newest value and nothing left over; and where a service rolls, no client
notices. Every seventh place by default, from one that the run's seed says; all of them with DSO_TEST_FULL=1. (Which step comes next is
proved by unit/logic/test_rotation_step.cpp, which walks through every reachable state without an engine. What only an engine
shows: that each step can be done twice, that no request is lost meanwhile, and that nothing stays behind.)"""
import itertools
import os
import threading
import time
import traceback

import pytest
from harness.sweep import Lane

STEP = 7  # a piece has each seventh place
SEED = int(os.environ.get("DSO_TEST_SEED", "0"))
PIECES = range(STEP) if os.environ.get("DSO_TEST_FULL") else [SEED % STEP]
LANES = 1  # services at once: the test run's own lanes do several sweeps side by side


class Sweep:
    """Hands out the numbers to lanes, until a lane's agent gets to its end before its number."""

    def __init__(self, tmp, flow, again, piece):
        self.tmp, self.flow, self.again = tmp, flow, again
        self.numbers, self.lock, self.points, self.problems, self.over = itertools.count(1 + piece, STEP), threading.Lock(), {}, [], False

    def next(self):
        with self.lock:
            return None if self.over or self.problems else next(self.numbers)

    def work(self, index):
        lane = None
        try:
            lane = Lane(self.tmp / f"lane{index}", self.flow)
            while n := self.next():
                if not self.once(lane, n):
                    self.over = True
        except BaseException as e:  # of a thread: told by the test
            self.problems.append(f"{self.flow}: {type(e).__name__} {e}")
        finally:
            try:
                if lane:
                    lane.close()
            except BaseException as e:
                self.problems.append(f"{self.flow}: at the end: {e}")

    def once(self, lane, n):
        again = 1 + n * 5 % 13 if self.again else 0
        point = lane.crash(n, again)
        what = f"{self.flow}, killed at {point or f'the end (fewer than {n} points)'}" + (f", then at {again}" if again else "")
        try:
            lane.recover()
            lane.check_traffic(what)
            lane.check()
            lane.check_second_start()
        except AssertionError as e:
            where = traceback.extract_tb(e.__traceback__)[-1]
            raise AssertionError(f"{what}: {e} ({where.name}: {where.line})") from e
        if point:
            self.points[n] = point
        return point is not None

    def run(self):
        began = time.monotonic()
        threads = [threading.Thread(target=self.work, args=(i,), name=f"lane{i}") for i in range(LANES)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        took = time.monotonic() - began
        print(f"\n{self.flow}: {len(self.points)} points up to {max(self.points, default=0)}, {took:.0f} s, "
              f"{took / max(1, len(self.points)):.1f} s a point")
        print("\n".join(f"  {p}" for _, p in sorted(self.points.items())))
        assert not self.problems, "\n".join(self.problems)
        return self.points


def each_piece(*flows):
    """A test each: with --full they are spread over the lanes, and what has passed is not done again by --resume."""
    return [pytest.param(*flow, piece, id=f"{flow[0]}-{piece + 1}of{STEP}") for flow in flows for piece in PIECES]


@pytest.mark.parametrize("flow, fewest, piece", each_piece(("swap", 50), ("relay", 70), ("exclusive", 25), ("restart", 20), ("signal", 20)))
def test_killed_anywhere(tmp_path, leaves_nothing, flow, fewest, piece):
    points = Sweep(tmp_path, flow, False, piece).run()
    assert max(points) >= fewest - STEP, "a rotation passes fewer places than are known: crash points are missing"


@pytest.mark.parametrize("flow, piece", each_piece(("swap",), ("relay",), ("exclusive",)))
def test_killed_again_while_it_recovers(tmp_path, leaves_nothing, flow, piece):
    assert Sweep(tmp_path, flow, True, piece).run()
