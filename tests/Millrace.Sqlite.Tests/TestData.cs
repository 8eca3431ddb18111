using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Creates the storages, events and requests of these tests.</summary>
internal static class TestData
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static long _ids;

    public static CancellationToken Cancel => CancellationToken.None;

    public static async Task<SqliteStorage> Open(string path, Action<SqliteOptions>? configure = null)
    {
        var options = new SqliteOptions { Path = path };
        configure?.Invoke(options);
        var storage = new SqliteStorage(options);
        try
        {
            await storage.Open(Cancel);
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
        return storage;
    }

    public static EncodedEvent Event(string type = "thing.happened", int bytes = 20) => new()
    {
        Id = new Guid(0, 0, 0, BitConverter.GetBytes(Interlocked.Increment(ref _ids))),
        Type = type,
        Payload = new byte[bytes],
    };

    public static CommitRequest Append(string stream, params EncodedEvent[] events) =>
        Append(stream, ExpectedVersion.Any, events);

    public static CommitRequest Append(string stream, ExpectedVersion expected, params EncodedEvent[] events) =>
        new() { Appends = [new StreamAppend(new StreamId(stream), expected, events)] };

    public static async Task<CommitOutcome> Commit(this IStorage storage, CommitRequest request)
    {
        var outcomes = await storage.Log.Commit([request], Now, Cancel);
        return outcomes[0];
    }

    public static async Task<List<RecordedEvent>> ReadAll(this IStorage storage, EventFilter? filter = null)
    {
        var events = new List<RecordedEvent>();
        for (var next = 1L; ;)
        {
            var page = await storage.Log.ReadLog(
                new LogPageQuery(filter ?? EventFilter.All, next, false, 1000), Cancel);
            events.AddRange(page.Events);
            if (page.IsEnd)
                return events;
            next = page.Next;
        }
    }
}
