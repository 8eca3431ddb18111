using System.Text;

namespace Millrace.Sql.Tests;

/// <summary>A store with events as JSON, and its SQL service.</summary>
internal sealed class SqlStore : IAsyncDisposable
{
    // Of statements whose test is not about time: a busy machine may need more than the limit by default.
    private static readonly TimeSpan LongLimit = TimeSpan.FromMinutes(5);

    private readonly SharedStore? _shared;

    private SqlStore(SharedStore? shared, EventStore store, SqlOptions? options) =>
        (_shared, Store, Sql) = (shared, store, new StoreSqlService(store, options));

    public EventStore Store { get; }

    public StoreSqlService Sql { get; }

    public static async Task<SqlStore> Create(StoreKind kind = StoreKind.Sqlite, SqlOptions? options = null)
    {
        options ??= new SqlOptions();
        if (options.TimeLimit == new SqlOptions().TimeLimit)
            options.TimeLimit = LongLimit;
        var shared = await SharedStore.Create(kind);
        return new SqlStore(shared, await EventStore.Open(shared.Open(), EventTypeMap.Empty), options);
    }

    public async Task<long> Append(string stream, string type, params string[] payloads) =>
        (await Store.Append(
            new StreamId(stream),
            ExpectedVersion.Any,
            [.. payloads.Select(json => NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json)))])).Position;

    public Task<SqlAnswer> Run(string statement) => Sql.Run(new SqlRequest(statement));

    /// <summary>Returns the rows, each with its values between bars.</summary>
    public async Task<string[]> Rows(string statement) =>
        [.. (await Run(statement)).Rows.Select(static row => string.Join('|', row.Select(value => value ?? "NULL")))];

    /// <summary>Returns the columns of a statement with their types.</summary>
    public async Task<string[]> Columns(string statement) =>
        [.. (await Run(statement)).Columns.Select(static column => $"{column.Name} {column.Type}")];

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _shared?.Dispose();
    }
}
