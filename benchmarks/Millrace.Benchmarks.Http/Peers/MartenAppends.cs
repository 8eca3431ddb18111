using System.Diagnostics;

namespace Millrace.Benchmarks.Http.Peers;

/// <summary>
/// Appends events with expected versions through Marten, as <c>benchmarks/peers/peer.mjs</c> does for the other peers.
/// </summary>
internal sealed class MartenAppends(MartenPeer peer, int writers, int perAppend, int appends)
{
    private readonly long[] _versions = [.. Enumerable.Repeat(1L, MartenPeer.Streams)];
    private readonly List<double>[] _milliseconds =
    [
        .. Enumerable.Range(0, writers).Select(_ => new List<double>(appends)),
    ];

    public async Task<MartenPeer.Answer> Run()
    {
        await peer.Fill(writers, 1);
        // Warms up.
        await MartenPeer.ByAll(writers, writer => Write(writer, Math.Max(1, appends / 10), durations: null));
        return await MartenPeer.Measure(
            _milliseconds, () => MartenPeer.ByAll(writers, writer => Write(writer, appends, _milliseconds[writer])));
    }

    private async Task Write(int writer, int count, List<double>? durations)
    {
        for (var i = 0; i < count; i++)
        {
            var key = (i % (MartenPeer.Streams / writers) * writers) + writer;
            var started = Stopwatch.GetTimestamp();
            await peer.Append(key, _versions[key], perAppend);
            _versions[key] += perAppend;
            durations?.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
