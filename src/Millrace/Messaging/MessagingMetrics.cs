using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Millrace.Consuming;
using Millrace.Store;

namespace Millrace.Messaging;

/// <summary>
/// The instruments and spans of messaging. Names that OpenTelemetry does not define start with
/// <c>millrace.messaging.</c>.
/// </summary>
internal sealed class MessagingMetrics
{
    private const string OperationTag = "messaging.operation.name";
    private const string SystemTag = "messaging.system";
    private const string DestinationTag = "messaging.destination.name";
    private const string GroupTag = "messaging.consumer.group.name";
    private const string ErrorTag = "error.type";
    private const string TransportTag = "millrace.transport.name";
    private const string Other = "_OTHER";
    // Other services choose some names, such as reply destinations. The number of series must be bounded.
    private const int MaxDestinations = 100;

    private readonly ConcurrentDictionary<string, bool> _destinations = new(StringComparer.Ordinal);
    private readonly Meter _meter;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _consumed;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _held;
    private readonly Counter<long> _unanswered;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _postponed;
    private readonly Counter<long> _bodies;
    private readonly Counter<long> _decisions;
    private readonly UpDownCounter<int> _inFlight;
    private readonly Histogram<double> _operation;
    private readonly Histogram<double> _process;
    private readonly Histogram<double> _age;

    public MessagingMetrics(IMeterFactory? meters)
    {
        var meter = _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _sent = meter.CreateCounter<long>(
            "messaging.client.sent.messages",
            "{message}",
            "Messages sent to a broker. Messages that it did not confirm have an error type.");
        _consumed = meter.CreateCounter<long>(
            "messaging.client.consumed.messages", "{message}", "Messages that a broker delivered.");
        _operation = meter.CreateHistogram<double>(
            "messaging.client.operation.duration",
            "s",
            "The time that a broker takes to confirm messages or to accept an acknowledgement.",
            advice: HistogramBoundaries.Messaging);
        _process = meter.CreateHistogram<double>(
            "messaging.process.duration",
            "s",
            "The time until a message is handled or has failed.",
            advice: HistogramBoundaries.Messaging);
        _duplicates = meter.CreateCounter<long>(
            "millrace.messaging.duplicates",
            "{message}",
            "Repeated messages that the inbox skipped.");
        _held = meter.CreateCounter<long>(
            "millrace.messaging.held",
            "{message}",
            "Messages that could not be handled, or wait for such a message, and are kept in the log.");
        _unanswered = meter.CreateCounter<long>(
            "millrace.messaging.unanswered",
            "{message}",
            "Dropped answers to requests: the answer could not be delivered, or its destination is not allowed.");
        _skipped = meter.CreateCounter<long>(
            "millrace.messaging.skipped",
            "{message}",
            "Unreadable messages, or tombstones without a handler, that a receiver skipped.");
        _postponed = meter.CreateCounter<long>(
            "millrace.messaging.put_off",
            "{message}",
            "Messages that could not be handled, and wait at the broker for the next attempt.");
        _inFlight = meter.CreateUpDownCounter<int>(
            "millrace.messaging.in_hand", "{message}", "Messages that a receiver has received and not finished.");
        _age = meter.CreateHistogram<double>(
            "millrace.messaging.lag.time",
            "s",
            "The age of a message's event when the message was received.",
            advice: HistogramBoundaries.Ages);
        _bodies = meter.CreateCounter<long>(
            "millrace.messaging.bodies", "{body}", "Bodies of large messages that were stored or loaded.");
        _decisions = meter.CreateCounter<long>(
            "millrace.messaging.load.decisions",
            "{decision}",
            "Changes of the size of batches or the number of workers of a receiver that adapts them.");
    }

    /// <summary>
    /// Reports which brokers are available, and the number of messages that wait at them for a retry.
    /// </summary>
    public void Watch(IReadOnlyList<TransportRuntime> transports)
    {
        _meter.CreateObservableGauge(
            "millrace.messaging.available",
            () => transports.Where(one => one.Status.State != TransportState.Idle).Select(IsAvailable),
            "1",
            "Whether a broker answers: 1 or 0; absent before its first use.");
        _meter.CreateObservableUpDownCounter(
            "millrace.messaging.waiting",
            () =>
                transports.SelectMany(one =>
                    one.Status.Retries.Select(queue => new Measurement<long>(
                        queue.Waiting,
                        [new(SystemTag, one.Transport.System), new(GroupTag, queue.Receiver)]))),
            "{message}",
            "Messages that wait at the broker for a retry, or for an earlier message with a retry.");
        _meter.CreateObservableGauge(
            "millrace.messaging.load.batch",
            () => LoadsOf(transports, static load => load.BatchEvents),
            "{message}",
            "The maximum size of a batch of a receiver that adapts it.");
        _meter.CreateObservableGauge(
            "millrace.messaging.load.workers",
            () => LoadsOf(transports, static load => load.Workers),
            "{worker}",
            "The number of workers of a receiver that adapts it.");
    }

    /// <summary>Records a decision of a receiver that adapts to the load.</summary>
    public void Decided(TransportRuntime transport, Subscription subscription, LoadReason reason) => _decisions.Add(
        1,
        new KeyValuePair<string, object?>(SystemTag, transport.Transport.System),
        new KeyValuePair<string, object?>(GroupTag, subscription.Name),
        new KeyValuePair<string, object?>("millrace.load.reason", ConsumerMetrics.ReasonOf(reason)));

    /// <summary>Starts the span of a publish call. Returns null without a listener.</summary>
    public Activity? StartSend(TransportRuntime transport, IReadOnlyList<OutgoingMessage> messages)
    {
        if (!MillraceTelemetry.Source.HasListeners())
            return null;
        var destination = OnlyDestination(messages);
        var activity = MillraceTelemetry.Source.StartActivity(
            destination is null ? "send" : $"send {BoundedDestination(destination)}",
            messages.Count == 1 ? ActivityKind.Producer : ActivityKind.Client);
        activity
            ?.SetTag(OperationTag, "send")
            .SetTag("messaging.operation.type", "send")
            .SetTag(SystemTag, transport.Transport.System);
        if (destination is not null)
            activity?.SetTag(DestinationTag, BoundedDestination(destination));
        if (messages.Count > 1)
            activity?.SetTag("messaging.batch.message_count", messages.Count);
        return activity;
    }

    /// <summary>Records the result of a publish call.</summary>
    public void Sent(
        TransportRuntime transport,
        IReadOnlyList<OutgoingMessage> messages,
        IReadOnlyList<PublishOutcome>? outcomes,
        TimeSpan elapsed,
        Exception? error)
    {
        var system = transport.Transport.System;
        if (_operation.Enabled)
            _operation.Record(
                elapsed.TotalSeconds, Tags("send", system, OnlyDestination(messages), null, error?.GetType().Name));
        if (!_sent.Enabled)
            return;
        for (int i = 0, next; i < messages.Count; i = next)
        {
            var destination = messages[i].Destination;
            var failure = FailureOf(outcomes, i, error);
            next = i + 1;
            while (next < messages.Count
                && messages[next].Destination == destination
                && FailureOf(outcomes, next, error) == failure)
                next++;
            _sent.Add(next - i, Tags("send", system, destination, null, failure));
        }
    }

    /// <summary>
    /// Records that a receiver accepted messages. They are in flight until the caller disposes the returned value.
    /// </summary>
    public InFlightMessages Received(
        TransportRuntime transport, Subscription subscription, IReadOnlyList<Delivery> deliveries, DateTimeOffset now)
    {
        var tags = Tags("receive", transport.Transport.System, subscription.Destination, subscription.Name, null);
        _consumed.Add(deliveries.Count, tags);
        _inFlight.Add(deliveries.Count, tags);
        for (var i = 0; _age.Enabled && i < deliveries.Count; i++)
        {
            if (deliveries[i].Message.Time is { } time)
                _age.Record(Math.Max(0, (now - time).TotalSeconds), tags);
        }
        return new InFlightMessages(_inFlight, deliveries.Count, tags);
    }

    /// <summary>Records an acknowledgement.</summary>
    public void Acknowledged(TransportRuntime transport, Subscription subscription, TimeSpan elapsed)
    {
        if (_operation.Enabled)
            _operation.Record(elapsed.TotalSeconds, Tags("ack", transport, subscription));
    }

    public void Processed(TransportRuntime transport, Subscription subscription, TimeSpan elapsed, Exception? error)
    {
        if (_process.Enabled)
            _process.Record(elapsed.TotalSeconds, Tags("process", transport, subscription, error?.GetType().Name));
    }

    public void WasDuplicate(TransportRuntime transport, Subscription subscription) =>
        _duplicates.Add(1, Tags("process", transport, subscription));

    public void Held(TransportRuntime transport, Subscription subscription) =>
        _held.Add(1, Tags("process", transport, subscription));

    /// <summary>Records a skipped message: an unreadable one, or a tombstone.</summary>
    public void Skipped(TransportRuntime transport, Subscription subscription, bool isTombstone) =>
        _skipped.Add(
            1, Tags("process", transport, subscription, isTombstone ? null : nameof(MessageUnreadableException)));

    /// <summary>Records an answer that could not be delivered.</summary>
    public void Unanswered(TransportRuntime transport, ReceiverBuilder receiver) =>
        _unanswered.Add(1, Tags("process", transport.Transport.System, receiver.Destination, receiver.Name, null));

    public void RecordPostponed(TransportRuntime transport, Subscription subscription) =>
        _postponed.Add(1, Tags("process", transport, subscription));

    /// <summary>Records a body that was stored or loaded.</summary>
    public void BodyTransferred(TransportRuntime transport, string operation) => _bodies.Add(
        1,
        new KeyValuePair<string, object?>(OperationTag, operation),
        new KeyValuePair<string, object?>(SystemTag, transport.Transport.System));

    private static IEnumerable<Measurement<int>> LoadsOf(
        IReadOnlyList<TransportRuntime> transports, Func<LoadStatus, int> valueOf) =>
        from transport in transports
        from receiver in transport.Status.Receivers
        where receiver.Load is not null // So the value below is not null.
        select new Measurement<int>(
            valueOf(receiver.Load!), [new(SystemTag, transport.Transport.System), new(GroupTag, receiver.Receiver)]);

    private static Measurement<int> IsAvailable(TransportRuntime transport) => new(
        transport.Status.State == TransportState.Connected ? 1 : 0,
        new(SystemTag, transport.Transport.System),
        new(TransportTag, transport.Name));

    private static string? FailureOf(IReadOnlyList<PublishOutcome>? outcomes, int index, Exception? error)
    {
        if (outcomes is null)
            return error?.GetType().Name ?? "unconfirmed";
        return index >= outcomes.Count ? "unconfirmed" : outcomes[index].Result switch
        {
            PublishResult.Confirmed => null,
            PublishResult.Unroutable => "unroutable",
            PublishResult.Refused => "refused",
            _ => "unconfirmed",
        };
    }

    private static string? OnlyDestination(IReadOnlyList<OutgoingMessage> messages)
    {
        for (var i = 1; i < messages.Count; i++)
        {
            if (messages[i].Destination != messages[0].Destination)
                return null;
        }
        return messages.Count == 0 ? null : messages[0].Destination;
    }

    private TagList Tags(
        string operation,
        TransportRuntime transport,
        Subscription subscription,
        string? error = null
    ) => Tags(operation, transport.Transport.System, subscription.Destination, subscription.Name, error);

    private TagList Tags(string operation, string system, string? destination, string? group, string? error)
    {
        var tags = new TagList { { OperationTag, operation }, { SystemTag, system } };
        if (destination is not null)
            tags.Add(DestinationTag, BoundedDestination(destination));
        if (group is not null)
            tags.Add(GroupTag, group);
        if (error is not null)
            tags.Add(ErrorTag, error);
        return tags;
    }

    private string BoundedDestination(string destination)
    {
        if (_destinations.ContainsKey(destination))
            return destination;
        if (_destinations.Count >= MaxDestinations)
            return Other;
        _destinations.TryAdd(destination, true);
        return destination;
    }

    /// <summary>Messages that are in flight until the caller disposes this value.</summary>
    public readonly struct InFlightMessages(UpDownCounter<int> counter, int count, TagList tags) : IDisposable
    {
        private readonly TagList _tags = tags;

        public void Dispose() => counter.Add(-count, _tags);
    }
}
