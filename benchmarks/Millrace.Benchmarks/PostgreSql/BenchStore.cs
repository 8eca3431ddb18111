using System.Globalization;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.PostgreSql;
using Millrace.Storage;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>A store in its own schemas. Disposing the store drops the schemas.</summary>
internal sealed class BenchStore(BenchDatabase database, BenchmarkRun run, PostgreSqlOptions options) : IBenchStore
{
    public PostgreSqlOptions Options => options;

    public BenchDatabase Database => database;

    /// <summary>Gets the name of the table of the log.</summary>
    public string Events => options.LogSchema + ".events";

    public (string Create, string Insert) RowStatements =>
        (
            TableRows.CreateIn(this),
            $"INSERT INTO {TableRows.NameIn(this)} (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING");

    public IStorage NewStorage() => run.Profiled(database.Register(new PostgreSqlStorage(options)));

    public async Task<IRawWriter> OpenWriter() => new SingleStatementWriter(await SingleStatementCommit.Open(this));

    public async Task<IRawReader> OpenReader() => await RowReader.Open(this);

    public async Task<IRowWriter> OpenRows() => await TableRows.Open(this);

    public async Task Settle()
    {
        await database.Ask($"VACUUM (ANALYZE) {Events}");
        await database.Ask("CHECKPOINT");
    }

    public async Task<long> SizeBytes() =>
        long.Parse(await database.Ask($"SELECT pg_total_relation_size('{Events}')"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync() =>
        await database.Ask($"DROP SCHEMA {options.LogSchema}, {options.DocumentSchema} CASCADE");
}
