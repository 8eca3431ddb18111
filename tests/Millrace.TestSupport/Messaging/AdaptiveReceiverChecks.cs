using System.Collections.Concurrent;
using System.Text;
using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>Checks that a receiver with a slow handler adapts to the load, over any transport.</summary>
internal static class AdaptiveReceiverChecks
{
    private const int Keys = 100;
    private const int Messages = 8_000; // Ten seconds and more for two workers.
    private const int MaxWorkers = 24;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Sends messages to a receiver whose handler waits, and verifies that it takes more workers, within the bounds,
    /// and keeps the order of each key.
    /// </summary>
    /// <param name="use">Adds the transport with the given receivers to the application.</param>
    /// <param name="sender">The transport of the sender.</param>
    /// <param name="destination">A destination that no other test uses.</param>
    public static async Task Adapts(
        Action<MillraceBuilder, Action<TransportBuilder>> use, ITransport sender, string destination)
    {
        var seen = new ConcurrentQueue<(string Order, int Total)>();
        var (running, most) = (0, 0);
        using var never = new SemaphoreSlim(0);
        await using var node = await Node.Start(millrace => use(millrace, transport => transport.Receive(
            $"billing-{destination}",
            destination,
            receiver => receiver
                .AdaptLoad(static load =>
                {
                    load.TargetLatency = TimeSpan.FromMilliseconds(200);
                    (load.MinWorkers, load.MaxWorkers) = (2, MaxWorkers);
                })
                .Handle<Placed>(async (placed, _, cancellationToken) =>
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref running));
                    await never.WaitAsync(TimeSpan.FromMilliseconds(5), cancellationToken); // Waits.
                    Interlocked.Decrement(ref running);
                    seen.Enqueue((placed.Order, placed.Total));
                }))));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected, WaitTimeout);
        await Publish(sender, destination);

        var status = await Eventually.Get(
            () => Task.FromResult(node.Transports.List().Single().Receivers.Single()),
            static receiver => receiver.Load is { Workers: >= 6 },
            WaitTimeout);
        await Eventually.Until(() => seen.Count >= Messages, WaitTimeout);

        Assert.All(status.Load!.Decisions, static decision =>
        {
            Assert.InRange(decision.Workers, 2, MaxWorkers);
            Assert.InRange(decision.BatchEvents, 10, 250); // At most a quarter of the default of Prefetch.
        });
        Assert.InRange(most, 6, MaxWorkers);
        Assert.All(
            seen.GroupBy(static one => one.Order),
            static key => Assert.Equal(
                key.Select(static one => one.Total).Distinct().Order(),
                key.Select(static one => one.Total).Distinct()));
    }

    private static async Task Publish(ITransport sender, string destination)
    {
        for (var from = 0; from < Messages; from += 500)
        {
            var outcomes = await sender.Publish(
                [.. Enumerable.Range(from, 500).Select(number => MessageOf(destination, number))],
                CancellationToken.None);
            Assert.All(outcomes, static outcome => Assert.True(outcome.IsConfirmed, outcome.Problem));
        }
    }

    private static OutgoingMessage MessageOf(string destination, int number) => new(destination, new Message
    {
        Id = $"{destination}-{number}",
        Type = "order.placed",
        Source = "shop",
        Subject = $"order-{number % Keys}",
        Body = Encoding.UTF8.GetBytes($$"""{"order":"{{number % Keys}}","total":{{number}}}"""),
    });

    private static void InterlockedMax(ref int max, int value)
    {
        for (var known = Volatile.Read(ref max); known < value;)
        {
            var before = Interlocked.CompareExchange(ref max, value, known);
            if (before == known)
                return;
            known = before;
        }
    }
}
