using System.Collections.Frozen;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests that the conformance suite finds each planted fault with the expected check.</summary>
public sealed class TransportFaultTests
{
    private static readonly Dictionary<string, (Func<InMemoryBroker, ITransport> Create, string FoundBy)> Faults = new()
    {
        ["confirms messages that it loses"] = (
            broker => new FaultyTransport(broker) { MapSent = sent => [.. sent.Take(Math.Max(1, sent.Count - 1))] },
            "Confirmed messages are delivered, once if nothing fails"),
        ["sends twice"] = (
            broker => new FaultyTransport(broker) { MapSent = sent => [.. sent, .. sent.Take(1)] },
            "Confirmed messages are delivered, once if nothing fails"),
        ["reorders a batch"] = (
            broker => new FaultyTransport(broker)
            {
                MapSent = sent => [.. sent.Reverse()],
                MapOutcomes = outcomes => [.. outcomes.Reverse()],
            },
            "Messages of a key arrive in the order in which they were published"),
        ["swaps outcomes"] = (
            broker => new FaultyTransport(broker)
            {
                MapOutcomes = outcomes => [.. outcomes.Skip(1), .. outcomes.Take(1)],
            },
            "A message that is too large is refused, and other messages are not"),
        ["confirms unroutable messages"] = (
            broker => new FaultyTransport(broker)
            {
                MapOutcomes = outcomes =>
                    [.. outcomes.Select(outcome => Unroutable(outcome) ? PublishOutcome.Confirmed : outcome)],
            },
            "An unroutable message is reported, and other messages arrive"),
        ["returns one outcome too few"] = (
            broker => new FaultyTransport(broker) { MapOutcomes = outcomes => [.. outcomes.Skip(1)] },
            "Confirmed messages are delivered, once if nothing fails"),
        ["publishes despite cancellation"] = (
            broker => new FaultyTransport(broker) { IgnoresCancellation = true },
            "A call with a cancelled token publishes nothing"),
        ["drops headers"] = (
            Reads(message => message with { Headers = FrozenDictionary<string, string>.Empty }),
            "A message arrives with all its attributes, in binary form"),
        ["converts header names to lower case"] = (
            Reads(message => message with
            {
                Headers = message.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value),
            }),
            "Unusual headers and texts arrive as they were sent, in the binary form"),
        ["trims texts"] = (
            Reads(message => message with { Key = message.Key.Trim() }),
            "Unusual headers and texts arrive as they were sent, in the structured form"),
        ["forgets the trace"] = (
            Reads(message => message with { TraceParent = null }),
            "A message arrives with all its attributes, in structured form"),
        ["forgets the schema version"] = (
            Reads(message => message with { SchemaVersion = 1 }),
            "A message arrives with all its attributes, in binary form"),
        ["rounds times to seconds"] = (
            Reads(message =>
                message with
                {
                    Time = message.Time?.AddTicks(-(message.Time.Value.Ticks % TimeSpan.TicksPerSecond)),
                }
            ),
            "A message arrives with all its attributes, in binary form"),
        ["decodes bodies as text"] = (
            Reads(message => message with
            {
                Body = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(message.Body.Span)),
            }),
            "A body of any bytes arrives as it was sent, in the binary form"),
        ["cuts large bodies"] = (
            Reads(message => message with { Body = message.Body[..Math.Min(message.Body.Length, 64 * 1024)] }),
            "A message of a megabyte arrives completely"),
        ["acknowledges on receive"] = (
            broker => new FaultyTransport(broker) { AcknowledgesOnReceive = true },
            "Unacknowledged messages are delivered again after their receiver is disposed"),
        ["forgets acknowledgements"] = (
            broker => new FaultyTransport(broker) { ForgetsAcknowledgements = true },
            "Acknowledged messages are not delivered again"),
        ["forgets returned messages"] = (
            broker => new FaultyTransport(broker) { ForgetsReturns = true },
            "Returned messages are delivered again, before later messages of their key"),
        ["returns more messages than requested"] = (
            broker => new FaultyTransport(broker) { ReturnsMoreThanRequested = true },
            "Returned messages are delivered again, before later messages of their key"),
        ["ignores the prefetch"] = (
            Subscribes(subscription => subscription with { Prefetch = 1_000 }),
            "The number of unacknowledged deliveries never exceeds the prefetch"),
        ["ignores the types"] = (
            Subscribes(subscription => subscription with { Types = [] }),
            "A subscription receives only the types that it names"),
        ["has one queue for all subscriptions"] = (
            Subscribes(subscription => subscription with { Name = "one" }),
            "Every subscription receives every message, even if another subscription is idle"),
        ["confirms while the broker is unavailable"] = (
            broker => new FaultyTransport(broker) { ReportsSuccess = true },
            "An unavailable broker is reported immediately, and works again after its restart"),
        ["loses confirmed messages when the broker crashes"] = (
            broker => new FaultyTransport(broker) { ReportsSuccess = true },
            "Messages confirmed during a crash are delivered afterwards, in order"),
    };

    public static TheoryData<string> Names => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_injected_fault_is_found_by_the_expected_check(string fault)
    {
        var (create, foundBy) = Faults[fault];

        var failure = await Assert.ThrowsAsync<ConformanceException>(() => new Suite(create).Run(foundBy));

        Assert.StartsWith(foundBy, failure.Message, StringComparison.Ordinal);
    }

    private static bool Unroutable(PublishOutcome outcome) => outcome.Result == PublishResult.Unroutable;

    private static Func<InMemoryBroker, ITransport> Reads(Func<Message, Message> read) =>
        broker => new FaultyTransport(broker) { MapRead = read };

    private static Func<InMemoryBroker, ITransport> Subscribes(Func<Subscription, Subscription> subscribed) =>
        broker => new FaultyTransport(broker) { MapSubscription = subscribed };

    private sealed class Suite(Func<InMemoryBroker, ITransport> create) : TransportConformance
    {
        private readonly InMemoryBroker _broker = new();
        private int _callsBefore;

        protected override TimeSpan QuietPeriod => TimeSpan.FromMilliseconds(20);

        protected override TimeSpan WaitTimeout => TimeSpan.FromMilliseconds(500);

        protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) => new(create(_broker));

        protected override async ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken)
        {
            _callsBefore = ((FaultyTransport)transport).Calls;
            _broker.MakeUnavailable();
            await Task.Yield(); // A concurrent publisher then finds that the broker is unavailable.
        }

        protected override async ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken)
        {
            await Eventually.Until(
                () => ((FaultyTransport)transport).Calls > _callsBefore, cancellationToken: cancellationToken);
            _broker.MakeAvailable();
        }
    }
}
