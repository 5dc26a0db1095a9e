"""/metrics for Prometheus: counters and gauges of this node, nothing of any caller.

It needs no sign-in, as Prometheus expects; a reverse proxy can keep it inside.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from app.outside.notices import NoticeWorker
from app.services import Services, services_of
from app.web.guard import PUBLIC, access
from telephony.agi.statistics import AgiStatistics


def add_metrics(app: Flask) -> None:
    """Offer /metrics with a registry of this application's own."""
    registry = CollectorRegistry()
    registry.register(NodeCollector(services_of(app)))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)

    @access(PUBLIC)
    def metrics() -> Response:
        """All figures, as text."""
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "metrics", metrics)


class NodeCollector(Collector):
    """Reads the figures where they are kept, at the moment they are asked for."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read figures."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All figures."""
        yield from self._writer()
        yield from self._sign_ins()
        yield GaugeMetricFamily(
            "siaga_feed_position",
            "Journal number up to which the live feed has sent.",
            self._services.live_feed.position,
        )
        yield GaugeMetricFamily("siaga_sockets", "Browsers connected to the live feed.", len(self._services.sockets))
        connections = self._services.connections
        yield GaugeMetricFamily("siaga_http_connections", "HTTP connections, live feeds among them.", len(connections))
        yield CounterMetricFamily(
            "siaga_http_refused", "HTTP connections closed as they came: no place.", connections.refused
        )
        yield CounterMetricFamily(
            "siaga_http_displaced", "HTTP connections without a whole request that made place.", connections.displaced
        )
        reads, shares = self._services.reads.turns, self._services.shares.turns
        yield GaugeMetricFamily("siaga_reads_waiting", "Long reads that wait for their turn.", reads.in_line)
        yield CounterMetricFamily(
            "siaga_busy",
            "Requests and reads refused because one user asked for too much.",
            reads.refused + shares.refused,
        )
        readers = self._services.readers
        yield GaugeMetricFamily("siaga_readers_ready", "1 while typed texts are read.", int(readers.ready))
        texts = CounterMetricFamily("siaga_readings", "Typed texts, by what became of them.", labels=["end"])
        for end, count in sorted(readers.ends.items()):
            texts.add_metric([end], count)
        yield texts
        alarms = GaugeMetricFamily("siaga_alarm", "1 while an alarm lasts.", labels=["code"])
        for alarm in self._services.alarms.current():
            alarms.add_metric([alarm["code"]], 1)
        yield alarms
        if self._services.geocoder is not None:
            asked = CounterMetricFamily(
                "siaga_geocoder_questions", "Questions to the geocoder, by what became of them.", labels=["end"]
            )
            for end, count in sorted(self._services.geocoder.ends.items()):
                asked.add_metric([end], count)
            yield asked
        if self._services.notices is not None:
            yield from _notices(self._services.notices)
        if self._services.agi_server is not None:
            yield from _agi(self._services.agi_server.statistics)

    def _sign_ins(self) -> Iterator[Metric]:
        tries = CounterMetricFamily("siaga_sign_ins", "Tries to sign in, by their end.", labels=["end"])
        for end in ("succeeded", "failed", "refused"):
            tries.add_metric([end], self._services.sign_ins.ended[end])
        yield tries
        yield CounterMetricFamily(
            "siaga_passwords_refused",
            "Tries that were told to come again because too many passwords waited to be checked.",
            self._services.passwords.queue.refused,
        )

    def _writer(self) -> Iterator[Metric]:
        writer = self._services.centre.writer
        done = writer.statistics
        yield GaugeMetricFamily(
            "siaga_writer_healthy", "1 while the last batch could be committed.", int(writer.healthy)
        )
        yield CounterMetricFamily("siaga_writer_batches", "Batches committed.", done.batches)
        yield CounterMetricFamily("siaga_writer_commands", "Commands in committed batches.", done.commands)
        yield CounterMetricFamily(
            "siaga_writer_failed_batches", "Batches that could not be committed.", done.failed_batches
        )
        yield GaugeMetricFamily("siaga_writer_largest_batch", "Most commands in one commit.", done.largest_batch)


def _notices(worker: NoticeWorker) -> Iterator[Metric]:
    sends = CounterMetricFamily("siaga_notices", "Tries to send notices, by their end.", labels=["channel", "end"])
    for (channel, end), count in sorted(worker.ends.items()):
        sends.add_metric([channel, end], count)
    yield sends
    resting = GaugeMetricFamily("siaga_channel_resting", "1 while a carrier counts as down.", labels=["channel"])
    under_way = GaugeMetricFamily("siaga_channel_sends", "Sends under way.", labels=["channel"])
    for channel, (sending, is_open) in worker.standing().items():
        resting.add_metric([channel], int(is_open))
        under_way.add_metric([channel], sending)
    yield from (resting, under_way)


def _agi(statistics: AgiStatistics) -> Iterator[Metric]:
    yield GaugeMetricFamily("siaga_agi_sessions_in_progress", "AGI sessions under way.", statistics.in_progress)
    yield CounterMetricFamily(
        "siaga_agi_refused", "AGI connections closed because too many were under way.", statistics.refused
    )
    yield CounterMetricFamily(
        "siaga_agi_strangers",
        "AGI connections closed: not from one of SIAGA_AGI_PEERS.",
        statistics.strangers,
    )
    yield CounterMetricFamily(
        "siaga_agi_silent", "AGI connections closed because they said nothing.", statistics.silent
    )
    ends = CounterMetricFamily("siaga_agi_sessions", "AGI sessions that have ended.", labels=["script", "end"])
    for (script, end), count in statistics.ends.items():
        ends.add_metric([script or "none", str(end)], count)
    yield ends
    latency = HistogramMetricFamily(
        "siaga_agi_session_seconds", "AGI sessions from accept to close.", labels=["script"]
    )
    for script, measured in statistics.latency.items():
        buckets = [("+Inf" if bound == float("inf") else f"{bound:g}", total) for bound, total in measured.cumulative()]
        latency.add_metric([script], buckets=buckets, sum_value=measured.sum_s)
    yield latency
