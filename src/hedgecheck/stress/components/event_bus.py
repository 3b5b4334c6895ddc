"""Who hears what: at once, in order, and each the same."""

from collections import Counter, deque
from collections.abc import Callable

from hedgecheck.stress.components.protocols import ListenerFailed, Published

ALL, LISTENER_FAILED = "*", "listener_failed"
Listener = Callable[[Published], None]


class SynchronousBus:
    """The bundled bus. Everybody has heard a message when ``publish`` returns, in the order in which they
    subscribed. What a listener publishes is heard after that which it listens to, by all.

    A listener that raises stops nobody: it is said on ``listener_failed``. ``published`` counts messages by
    topic, ``delivered`` and ``failures`` calls of listeners.
    """

    def __init__(self) -> None:
        self._listeners: list[tuple[str, Listener]] = []
        self._by_topic: dict[str, tuple[Listener, ...]] = {}
        self._waiting: deque[Published] = deque()
        self._is_telling = False
        self.published: Counter[str] = Counter()
        self.delivered = self.failures = 0

    def subscribe(self, topic: str, listener: Listener) -> None:
        """See ``EventBus``."""
        self._listeners.append((topic, listener))
        self._by_topic.clear()

    def publish(self, message: Published) -> None:
        """See ``EventBus``."""
        self.published[message.topic] += 1
        if self._is_telling:
            self._waiting.append(message)
            return
        self._is_telling = True
        try:
            self._tell(message)
            while self._waiting:
                self._tell(self._waiting.popleft())
        finally:
            self._waiting.clear()
            self._is_telling = False

    def _tell(self, message: Published) -> None:
        topic = message.topic
        listeners = self._by_topic.get(topic)
        if listeners is None:
            listeners = tuple(each for heard, each in self._listeners if heard in (topic, ALL))
            self._by_topic[topic] = listeners
        for listener in listeners:
            self.delivered += 1
            try:
                listener(message)
            except Exception as error:
                self.failures += 1
                if topic != LISTENER_FAILED:  # else who fails at hearing of failures would do so for ever
                    name = getattr(listener, "__qualname__", type(listener).__name__)
                    failed = ListenerFailed(topic, name, f"{type(error).__name__}: {error}")
                    self.publish(Published(LISTENER_FAILED, message.bar, failed))
