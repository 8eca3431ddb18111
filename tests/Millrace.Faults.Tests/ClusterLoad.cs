using System.Collections.Concurrent;

namespace Millrace.Faults.Tests;

/// <summary>
/// Runs many clients that append to and read few streams concurrently, so that the appends conflict. Records all
/// requests and results as a history.
/// </summary>
internal sealed class ClusterLoad(ClusterClient client, Func<int, string> stream, int seed)
{
    /// <summary>The number of clients.</summary>
    public const int Writers = 32;

    private const int Streams = 12;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(TestRun.IsLong ? 12 : 30);

    private readonly ConcurrentQueue<Operation> _history = [];
    private readonly ConcurrentDictionary<string, long> _versions = [];
    private Task _writers = Task.CompletedTask;
    private volatile bool _isStopping;

    /// <summary>Gets the number of completed operations.</summary>
    public int Count => _history.Count;

    /// <summary>Starts the clients.</summary>
    public void Start() =>
        _writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(writer))));

    /// <summary>Stops the clients, waits for their pending requests, and returns the history.</summary>
    public async Task<IReadOnlyList<Operation>> Stop()
    {
        _isStopping = true;
        await _writers;
        return [.. _history];
    }

    /// <summary>Appends one event through another client, and adds the operation to the history.</summary>
    public async Task<Operation> Append(int writer, ClusterClient separateClient)
    {
        var operation = await separateClient.Append(
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
            var choice = random.Next(10);
            if (choice < 2)
            {
                Record(await client.Read(writer, name, node));
                continue;
            }
            Guid[] ids = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Guid.NewGuid())];
            var expected = choice < 4 ? -1 : _versions.GetValueOrDefault(name);
            Record(await client.Append(writer, name, expected, ids, number, node));
        }
    }

    /// <summary>Raises the known version of the stream to the version in a result.</summary>
    private void Record(Operation operation)
    {
        _history.Enqueue(operation);
        var version = operation.Kind == OperationKind.Read ? operation.Ids.Count : operation.Version;
        _versions.AddOrUpdate(operation.Stream, version, (_, known) => Math.Max(known, version));
    }
}
