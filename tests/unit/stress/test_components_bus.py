"""The bus: at once, in order, to all, whatever a listener does."""

import pytest

from hedgecheck.stress.components.event_bus import SynchronousBus
from hedgecheck.stress.components.protocols import ListenerFailed, Published


class Heard:
    def __init__(self, bus):
        self.bus, self.said = bus, []

    def listen(self, name, topic="*"):
        self.bus.subscribe(topic, lambda message: self.said.append((name, message.topic, message.bar)))


@pytest.fixture
def heard():
    return Heard(SynchronousBus())


@pytest.mark.covers("SE-08")
def test_each_hears_its_topics_in_the_order_of_subscription(heard):
    heard.listen("all")
    heard.listen("bars", "bar")
    heard.listen("late")
    heard.bus.publish(Published("bar", 1, None))
    heard.bus.publish(Published("stop", 2, None))

    assert heard.said == [
        ("all", "bar", 1),
        ("bars", "bar", 1),
        ("late", "bar", 1),
        ("all", "stop", 2),
        ("late", "stop", 2),
    ]
    assert heard.bus.published == {"bar": 1, "stop": 1}
    assert heard.bus.delivered == 5


def test_who_subscribes_later_hears_what_comes_later(heard):
    heard.bus.publish(Published("bar", 0, None))
    heard.listen("late", "bar")
    heard.bus.publish(Published("bar", 1, None))
    assert heard.said == [("late", "bar", 1)]


@pytest.mark.covers("SE-08")
def test_listener_that_raises_stops_nobody_and_is_told(heard):
    def breaks(message):
        raise ValueError("no")

    told = []
    heard.bus.subscribe("bar", breaks)
    heard.bus.subscribe("listener_failed", told.append)
    heard.listen("all")
    heard.bus.publish(Published("bar", 7, None))

    assert heard.said == [("all", "bar", 7), ("all", "listener_failed", 7)]
    (message,) = told
    assert isinstance(message.payload, ListenerFailed)
    assert (message.payload.topic, message.payload.error) == ("bar", "ValueError: no")
    assert "breaks" in message.payload.listener
    assert heard.bus.failures == 1


def test_who_fails_at_hearing_of_failures_does_not_do_so_for_ever(heard):
    def breaks(message):
        if heard.bus.failures < 9:
            raise ValueError("no")

    heard.bus.subscribe("*", breaks)
    heard.bus.publish(Published("bar", 0, None))
    assert heard.bus.failures == 2
    assert heard.bus.published == {"bar": 1, "listener_failed": 1}


@pytest.mark.covers("SE-08")
def test_all_hear_the_same_order_when_a_listener_publishes(heard):
    def answers(message):
        if message.topic == "bar":
            heard.bus.publish(Published("signal", message.bar, None))

    heard.listen("first")
    heard.bus.subscribe("*", answers)
    heard.listen("last")
    heard.bus.publish(Published("bar", 0, None))

    assert heard.said == [
        ("first", "bar", 0),
        ("last", "bar", 0),
        ("first", "signal", 0),
        ("last", "signal", 0),
    ]


def test_interruption_leaves_a_bus_that_works(heard):
    def interrupted(message):
        raise KeyboardInterrupt

    heard.bus.subscribe("stop", interrupted)
    heard.listen("all")
    with pytest.raises(KeyboardInterrupt):
        heard.bus.publish(Published("stop", 0, None))
    heard.bus.publish(Published("bar", 1, None))
    assert heard.said == [("all", "bar", 1)]
