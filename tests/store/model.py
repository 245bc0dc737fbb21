"""The store's contract in its simplest form: a dictionary per revision and a list of all events."""

from dataclasses import dataclass, field

from store.interface import Draft, Event, ListOptions, ListResult, Record


@dataclass(slots=True)
class WatchModel:
    """What a watch has still to yield, and what it has promised."""

    prefix: str
    after: int
    replay: list[Event]
    progress: int
    live: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Model:
    """A store that keeps every state it ever had; ``compacted`` follows from the limit and from compactions."""

    history_limit: int
    events: list[Event] = field(default_factory=list)
    states: list[dict[str, Record]] = field(default_factory=lambda: [{}, {}])
    compacted: int = 0
    watches: list[WatchModel] = field(default_factory=list)

    @property
    def revision(self) -> int:
        return len(self.states) - 1

    def write(self, key: str, draft: Draft, *, delete: bool = False) -> Record:
        """Create, update or delete, whichever fits."""
        revision, before = self.revision + 1, self.states[-1].get(key)
        created = before.create_revision if before else revision
        record = Record(key, draft.at(revision), created, revision, draft.labels, draft.fields)
        state = {**self.states[-1], key: record}
        if delete:
            del state[key]
        self.states.append(state)
        event = Event(record, before, delete)
        self.events.append(event)
        if self.kept == self.history_limit + 1:
            self.compacted = self.revision - self.history_limit
        for watch in self.watches:
            if key.startswith(watch.prefix) and revision > watch.after:
                watch.live.append(event)
        return record

    @property
    def kept(self) -> int:
        """How many events are in the history."""
        return self.revision - max(self.compacted, 1)

    def listed(self, prefix: str, options: ListOptions) -> ListResult:
        revision = self.revision if options.revision is None else options.revision
        state = self.states[revision]
        keys = sorted(key for key in state if key.startswith(prefix))
        if options.start_after is not None:
            keys = [key for key in keys if key > (options.start_after or "")]
        page = keys[: options.limit] if options.limit else keys
        return ListResult([state[key] for key in page], revision, len(keys) - len(page))

    def open(self, prefix: str, after: int) -> WatchModel:
        replay = [event for event in self.events if event.revision > after and event.record.key.startswith(prefix)]
        watch = WatchModel(prefix, after, replay, after)
        self.watches.append(watch)
        return watch

    def progress(self, watch: WatchModel) -> int:
        if not watch.replay and not watch.live:
            watch.progress = max(watch.progress, self.revision)
        return watch.progress

    def read(self, watch: WatchModel) -> list[Event]:
        """Return what a read yields now."""
        batch = watch.replay + watch.live
        watch.replay, watch.live = [], []
        if batch:
            watch.progress = batch[-1].revision
        return batch
