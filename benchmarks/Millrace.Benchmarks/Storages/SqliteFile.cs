using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Benchmarks.Storages;

/// <summary>A store in a SQLite file.</summary>
internal sealed class SqliteFile(BenchmarkRun run) : IBenchStore
{
    private readonly ScratchDirectory _directory = run.NewDirectory();

    public (string Create, string Insert) RowStatements => (RawRows.Create, RawRows.Insert);

    private string Path => _directory.File("store.db");

    public IStorage NewStorage() => run.Profiled(new SqliteStorage(Path));

    public Task<IRawWriter> OpenWriter() => Task.FromResult<IRawWriter>(new RawCommitLoop(new RawLog(Path)));

    public Task<IRawReader> OpenReader() =>
        Task.FromResult<IRawReader>(new RawScan(Path, _directory.File("totals.db")));

    public Task<IRowWriter> OpenRows() => Task.FromResult<IRowWriter>(new RawRows(_directory.File("rows.db")));

    public Task Settle() => Task.CompletedTask; // SQLite has no deferred work.

    public Task<long> SizeBytes() => Task.FromResult(new FileInfo(Path).Length);

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
