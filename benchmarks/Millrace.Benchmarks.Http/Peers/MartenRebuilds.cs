using Marten;
using Marten.Events.Aggregation;
using Millrace.Benchmarks.Events;

namespace Millrace.Benchmarks.Http.Peers;

/// <summary>Rebuilds a read model of all streams twice with Marten's daemon. The first rebuild warms up.</summary>
internal static class MartenRebuilds
{
    private const int Writers = 8;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    public static async Task<MartenPeer.Answer> Run(MartenPeer peer, int events)
    {
        await peer.Fill(Writers, events / MartenPeer.Streams);
        using var daemon = await peer.Store.BuildProjectionDaemonAsync();
        await daemon.RebuildProjectionAsync<PeerTotals>(WaitTimeout, CancellationToken.None);
        var answer = await MartenPeer.Measure(
            [],
            () => daemon.RebuildProjectionAsync<PeerTotals>(WaitTimeout, CancellationToken.None));
        await Check(peer, events);
        return answer;
    }

    private static async Task Check(MartenPeer peer, int events)
    {
        await using var session = peer.Store.QuerySession();
        var lines = (await session.Query<PeerTotal>().ToListAsync()).Sum(static total => (long)total.Lines);
        if (lines != events)
            throw new InvalidOperationException($"The read model contains {lines} events, but the log has {events}.");
    }
}

/// <summary>The total of a stream.</summary>
public sealed class PeerTotal
{
    /// <summary>Gets or sets the key of the stream.</summary>
    public string Id { get; set; } = "";

    /// <summary>Gets or sets the number of lines.</summary>
    public int Lines { get; set; }

    /// <summary>Gets or sets the number of pieces.</summary>
    public int Quantity { get; set; }

    /// <summary>Gets or sets the total price.</summary>
    public decimal Total { get; set; }
}

/// <summary>The rebuilt read model.</summary>
public sealed partial class PeerTotals : SingleStreamProjection<PeerTotal, string>
{
    /// <summary>Applies an event.</summary>
    public static void Apply(LineAdded line, PeerTotal total)
    {
        total.Lines++;
        total.Quantity += line.Quantity;
        total.Total += line.Price * line.Quantity;
    }
}
