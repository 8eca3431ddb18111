using System.Text;

namespace Millrace.Cli;

/// <summary>Measures how fast a store in a temporary file appends and reads events.</summary>
internal sealed class ScratchBench(ToolInvocation call, string directory, TimeSpan duration)
{
    private const int StreamCount = 1_000;
    private readonly byte[] _payload = Encoding.UTF8.GetBytes($$"""{"note":"{{new string('x', 288)}}"}""");

    public async Task<IReadOnlyList<ScratchResult>> Run(CancellationToken cancellationToken)
    {
        var scratch = Path.Combine(
            directory, "millrace-bench-" + Guid.CreateVersion7(call.Time.GetUtcNow()).ToString("N"));
        Directory.CreateDirectory(scratch);
        try
        {
            await using var open = await OpenStore.OpenOrCreate(
                new StoreLocation(Path.Combine(scratch, "bench.db")), call.Time, cancellationToken);
            return
            [
                await Append(open, "1 writer × 1 event", writers: 1, events: 1, cancellationToken),
                await Append(open, "32 writers × 1 event", writers: 32, events: 1, cancellationToken),
                await Append(open, "8 writers × 100 events", writers: 8, events: 100, cancellationToken),
                await Read(open, cancellationToken),
            ];
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task<ScratchResult> Append(
        OpenStore open, string name, int writers, int events, CancellationToken cancellationToken)
    {
        var started = call.Time.GetTimestamp();
        var tasks = Enumerable.Range(0, writers).Select(writer =>
            Task.Run(() => Write(open, writer, writers, events, started, cancellationToken), cancellationToken));
        var milliseconds = (await Task.WhenAll(tasks)).SelectMany(list => list).Order().ToList();
        var elapsed = call.Time.GetElapsedTime(started);
        return new ScratchResult(
            name,
            milliseconds.Count * events / elapsed.TotalSeconds,
            Percentile(milliseconds, 0.5),
            Percentile(milliseconds, 0.99));
    }

    private async Task<List<double>> Write(
        OpenStore open, int writer, int writers, int events, long started, CancellationToken cancellationToken)
    {
        var milliseconds = new List<double>();
        for (var i = writer; call.Time.GetElapsedTime(started) < duration; i += writers)
        {
            var appendStarted = call.Time.GetTimestamp();
            var batch = new object[events];
            Array.Fill(batch, NewEvent.FromBytes("bench.noted", _payload));
            await open.Store.Append(
                new StreamId($"bench-{i % StreamCount}"), ExpectedVersion.Any, batch, cancellationToken);
            milliseconds.Add(call.Time.GetElapsedTime(appendStarted).TotalMilliseconds);
        }
        return milliseconds;
    }

    private async Task<ScratchResult> Read(OpenStore open, CancellationToken cancellationToken)
    {
        var started = call.Time.GetTimestamp();
        var events = 0L;
        await foreach (var _ in open.Store.ReadLog(EventFilter.All, cancellationToken: cancellationToken))
        {
            events++;
            if (call.Time.GetElapsedTime(started) > duration)
                break;
        }
        return new ScratchResult(
            "reading the log", events / call.Time.GetElapsedTime(started).TotalSeconds, null, null);
    }

    private static double Percentile(List<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}

/// <summary>The result of one measurement.</summary>
internal sealed record ScratchResult(string Name, double EventsPerSecond, double? P50Ms, double? P99Ms);
