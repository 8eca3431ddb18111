using System.Collections.Frozen;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>The suite is only worth what it finds: each planted fault is found, by the check named beside it.</summary>
public sealed class TransportFaultTests
{
    private static readonly Dictionary<string, (Func<InMemoryBroker, ITransport> Make, string FoundBy)> Faults = new()
    {
        ["confirms what it loses"] = (
            broker => new FaultyTransport(broker) { Sent = sent => [.. sent.Take(Math.Max(1, sent.Count - 1))] },
            "Confirmed messages are delivered, once if nothing fails"),
        ["sends twice"] = (
            broker => new FaultyTransport(broker) { Sent = sent => [.. sent, .. sent.Take(1)] },
            "Confirmed messages are delivered, once if nothing fails"),
        ["reorders a batch"] = (
            broker => new FaultyTransport(broker)
            {
                Sent = sent => [.. sent.Reverse()],
                MapOutcomes = told => [.. told.Reverse()],
            },
            "Messages of a key arrive in the order in which they were published"),
        ["swaps outcomes"] = (
            broker => new FaultyTransport(broker) { MapOutcomes = told => [.. told.Skip(1), .. told.Take(1)] },
            "A message that is too large is refused, and other messages are not"),
        ["confirms what reaches nobody"] = (
            broker => new FaultyTransport(broker)
            {
                MapOutcomes = told => [.. told.Select(one => Unroutable(one) ? PublishOutcome.Confirmed : one)],
            },
            "An unroutable message is reported, and other messages arrive"),
        ["tells one outcome too few"] = (
            broker => new FaultyTransport(broker) { MapOutcomes = told => [.. told.Skip(1)] },
            "Confirmed messages are delivered, once if nothing fails"),
        ["publishes what was cancelled"] = (
            broker => new FaultyTransport(broker) { IgnoresCancellation = true },
            "A call with a cancelled token publishes nothing"),
        ["drops headers"] = (
            Reads(message => message with { Headers = FrozenDictionary<string, string>.Empty }),
            "A message arrives with all its attributes, in binary form"),
        ["lowers the names of headers"] = (
            Reads(message => message with
            {
                Headers = message.Headers.ToDictionary(one => one.Key.ToLowerInvariant(), one => one.Value),
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
        ["takes bodies for texts"] = (
            Reads(message => message with
            {
                Body = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(message.Body.Span)),
            }),
            "A body of any bytes arrives as it was sent, in the binary form"),
        ["cuts large bodies"] = (
            Reads(message => message with { Body = message.Body[..Math.Min(message.Body.Length, 64 * 1024)] }),
            "A message of a megabyte arrives completely"),
        ["acknowledges when it hands over"] = (
            broker => new FaultyTransport(broker) { AcknowledgesOnReceive = true },
            "Unacknowledged messages are delivered again after their receiver is disposed"),
        ["forgets acknowledgements"] = (
            broker => new FaultyTransport(broker) { ForgetsAcknowledgements = true },
            "Acknowledged messages are not delivered again"),
        ["forgets what is returned"] = (
            broker => new FaultyTransport(broker) { ForgetsReturns = true },
            "Returned messages are delivered again, before later messages of their key"),
        ["hands over more than was asked for"] = (
            broker => new FaultyTransport(broker) { GivesMoreThanAsked = true },
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
        ["confirms while the broker is away"] = (
            broker => new FaultyTransport(broker) { ReportsSuccess = true },
            "An unavailable broker is reported immediately, and works again after its restart"),
        ["loses what it confirms while the broker dies"] = (
            broker => new FaultyTransport(broker) { ReportsSuccess = true },
            "Messages confirmed during a crash are delivered afterwards, in order"),
    };

    public static TheoryData<string> Names => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_planted_fault_is_found(string fault)
    {
        var (make, foundBy) = Faults[fault];

        var found = await Assert.ThrowsAsync<ConformanceException>(() => new Suite(make).Run(foundBy));

        Assert.StartsWith(foundBy, found.Message, StringComparison.Ordinal);
    }

    private static bool Unroutable(PublishOutcome outcome) => outcome.Result == PublishResult.Unroutable;

    private static Func<InMemoryBroker, ITransport> Reads(Func<Message, Message> read) =>
        broker => new FaultyTransport(broker) { Read = read };

    private static Func<InMemoryBroker, ITransport> Subscribes(Func<Subscription, Subscription> subscribed) =>
        broker => new FaultyTransport(broker) { Subscribed = subscribed };

    private sealed class Suite(Func<InMemoryBroker, ITransport> make) : TransportConformance
    {
        private readonly InMemoryBroker _broker = new();
        private int _callsBefore;

        protected override TimeSpan QuietPeriod => TimeSpan.FromMilliseconds(20);

        protected override TimeSpan WaitTimeout => TimeSpan.FromMilliseconds(500);

        protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) => new(make(_broker));

        protected override async ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken)
        {
            _callsBefore = ((FaultyTransport)transport).Calls;
            _broker.GoAway();
            await Task.Yield(); // A publisher that runs meanwhile finds the broker away.
        }

        protected override async ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken)
        {
            await Eventually.Holds(
                () => ((FaultyTransport)transport).Calls > _callsBefore, cancellationToken: cancellationToken);
            _broker.ComeBack();
        }
    }
}
