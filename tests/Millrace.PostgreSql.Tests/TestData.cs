using System.Text;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Creates requests and stores for the tests.</summary>
internal static class TestData
{
    public static CommitRequest Append(string stream, ExpectedVersion expected, params EncodedEvent[] events) =>
        new() { Appends = [new StreamAppend(new StreamId(stream), expected, events)] };

    public static EncodedEvent Event(Guid? id = null, string payload = "{}", string type = "thing.happened") => new()
    {
        Id = id ?? Guid.CreateVersion7(),
        HasCallerId = id is not null,
        Type = type,
        Payload = Encoding.UTF8.GetBytes(payload),
    };

    public static async Task<PostgreSqlStorage> Open(
        string database, Action<PostgreSqlOptions>? configure = null, TimeProvider? time = null)
    {
        var options = await TestServer.Options(database);
        configure?.Invoke(options);
        var storage = new PostgreSqlStorage(options, time);
        await storage.Open(CancellationToken.None);
        return storage;
    }

    /// <summary>Opens a store that reaches the server only through a proxy.</summary>
    public static async Task<PostgreSqlStorage> OpenThroughProxy(
        CuttingProxy proxy, string database, Action<PostgreSqlOptions>? configure = null)
    {
        var address = new NpgsqlConnectionStringBuilder((await TestServer.Server).ConnectionString(database))
        {
            Port = proxy.Port,
        };
        return await Open(
            database,
            options =>
            {
                options.ConnectionString = address.ConnectionString;
                configure?.Invoke(options);
            }
        );
    }

    public static async Task<CommitOutcome> Commit(this PostgreSqlStorage storage, CommitRequest request) =>
        (await storage.CommitTogether(request))[0];

    /// <summary>Commits several requests as one batch.</summary>
    public static async Task<CommitOutcome[]> CommitTogether(
        this PostgreSqlStorage storage,
        params CommitRequest[] batch) => await storage.Log.Commit(batch, DateTimeOffset.UtcNow, CancellationToken.None);

    /// <summary>Reads the whole log, page by page.</summary>
    public static async Task<List<RecordedEvent>> ReadAll(this IStorage storage)
    {
        var all = new List<RecordedEvent>();
        for (var next = 1L; ;)
        {
            var query = new LogPageQuery(EventFilter.All, next, IsBackwards: false, Limit: 500);
            var page = await storage.Log.ReadLog(query, CancellationToken.None);
            all.AddRange(page.Events);
            if (page.IsEnd)
                return all;
            next = page.Next;
        }
    }
}
