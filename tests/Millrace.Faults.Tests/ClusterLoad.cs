using System.Collections.Concurrent;

namespace Millrace.Faults.Tests;

/// <summary>
/// Many clients that append and read concurrently on few streams, so that they conflict. All requests and results
/// become a history.
/// </summary>
internal sealed class ClusterLoad(ClusterClient client, Func<int, string> stream, int seed)
{
    /// <summary>The number of clients.</summary>
    public const int Writers = 32;

    private const int Streams = 12;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(12);

    private readonly ConcurrentQueue<Operation> _history = [];
    private readonly ConcurrentDictionary<string, long> _versions = [];
    private Task _writers = Task.CompletedTask;
    private volatile bool _isStopping;

    /// <summary>The number of completed operations.</summary>
    public int Count => _history.Count;

    /// <summary>Starts.</summary>
    public void Start() =>
        _writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(writer))));

    /// <summary>Sends no more requests, and waits for the pending ones.</summary>
    public async Task<IReadOnlyList<Operation>> Stop()
    {
        _isStopping = true;
        await _writers;
        return [.. _history];
    }

    /// <summary>Lets a separate client append once.</summary>
    public async Task<Operation> Append(int writer, ClusterClient own)
    {
        var operation = await own.Append(
            writer,
            stream(Streams + writer),
            -1,
            [Guid.NewGuid()],
            number: 0,
            firstNode: 0);
        _history.Enqueue(operation);
        return operation;
    }

    private async Task Write(int writer)
    {
        var random = new Random((seed * 100) + writer);
        using var pace = new PeriodicTimer(Pace);
        for (var number = 1L; !_isStopping; number++)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            var (name, node) = (stream(random.Next(Streams)), random.Next(3));
            var way = random.Next(10);
            if (way < 2)
            {
                Note(await client.Read(writer, name, node));
                continue;
            }
            Guid[] ids = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Guid.NewGuid())];
            var expected = way < 4 ? -1 : _versions.GetValueOrDefault(name);
            Note(await client.Append(writer, name, expected, ids, number, node));
        }
    }

    /// <summary>The known version of a stream only increases.</summary>
    private void Note(Operation operation)
    {
        _history.Enqueue(operation);
        var version = operation.Kind == OperationKind.Read ? operation.Ids.Count : operation.Version;
        _versions.AddOrUpdate(operation.Stream, version, (_, known) => Math.Max(known, version));
    }
}
