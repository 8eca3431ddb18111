using System.Diagnostics;
using Millrace.Benchmarks.Events;

namespace Millrace.Benchmarks.Http.Peers;

/// <summary>Loads each aggregate once with Marten's <c>FetchForWriting</c>, decides, and appends the event.</summary>
internal sealed class MartenDecisions(MartenPeer peer, int senders, int eventsEach)
{
    private readonly List<double>[] _milliseconds = [.. Enumerable.Range(0, senders).Select(_ => new List<double>())];

    public async Task<MartenPeer.Answer> Run()
    {
        await peer.Fill(senders, eventsEach - 1);
        // Warms up, and fills the streams.
        await MartenPeer.ByAll(senders, sender => Decide(sender, durations: null));
        return await MartenPeer.Measure(
            _milliseconds, () => MartenPeer.ByAll(senders, sender => Decide(sender, _milliseconds[sender])));
    }

    private async Task Decide(int sender, List<double>? durations)
    {
        for (var i = 0; i < MartenPeer.Streams / senders; i++)
        {
            var key = (i * senders) + sender;
            var started = Stopwatch.GetTimestamp();
            await using (var session = peer.Store.LightweightSession())
            {
                var stream = await session.Events.FetchForWriting<PeerBasket>(MartenPeer.StreamOf(key));
                var basket = stream.Aggregate ?? throw new InvalidOperationException($"Stream {key} is empty.");
                stream.AppendOne(basket.Add(MartenPeer.Line(key)));
                await session.SaveChangesAsync();
            }
            durations?.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}

/// <summary>The Marten aggregate with the same decisions as the Millrace aggregate <c>Basket</c>.</summary>
public sealed class PeerBasket
{
    /// <summary>Gets or sets the key of the stream.</summary>
    public string Id { get; set; } = "";

    /// <summary>Gets or sets the number of lines.</summary>
    public int Lines { get; set; }

    /// <summary>Gets or sets the total price.</summary>
    public decimal Total { get; set; }

    /// <summary>Returns the line if it can be added; otherwise throws.</summary>
    public LineAdded Add(LineAdded line) =>
        line.Quantity > 0 ? line : throw new InvalidOperationException("A line has at least one piece.");

    /// <summary>Applies an event.</summary>
    public void Apply(LineAdded line)
    {
        Lines++;
        Total += line.Price * line.Quantity;
    }
}
