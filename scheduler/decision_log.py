"""The decisions of the last while, by pod."""

from collections import OrderedDict, deque

from scheduler.decision import Decision
from scheduler.settings import Settings


class DecisionLog:
    """Keeps the newest decisions, bounded in number, in number per pod, and in memory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sequence = 0
        self._bytes = 0
        self._decisions: OrderedDict[int, Decision] = OrderedDict()
        self._by_pod: dict[tuple[str, str], deque[int]] = {}

    def __len__(self) -> int:
        return len(self._decisions)

    def add(self, decision: Decision) -> None:
        self._sequence += 1
        self._decisions[self._sequence] = decision
        self._bytes += decision.size
        of_pod = self._by_pod.setdefault((decision.namespace, decision.pod), deque())
        of_pod.append(self._sequence)
        if len(of_pod) > self._settings.decisions_kept_per_pod:
            self._drop(of_pod[0])
        while len(self._decisions) > 1 and (
            len(self._decisions) > self._settings.decisions_kept or self._bytes > self._settings.decisions_kept_bytes
        ):
            self._drop(next(iter(self._decisions)))

    def _drop(self, number: int) -> None:
        decision = self._decisions.pop(number)
        self._bytes -= decision.size
        key = (decision.namespace, decision.pod)
        of_pod = self._by_pod[key]
        # The oldest of all is the oldest of its pod.
        of_pod.popleft()
        if not of_pod:
            del self._by_pod[key]

    def of_pod(self, namespace: str, name: str) -> list[Decision]:
        """Return what is kept about the pod, oldest first."""
        return [self._decisions[number] for number in self._by_pod.get((namespace, name), ())]
