using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Storages;

/// <summary>The storage SQLite. Each store has its own file.</summary>
internal sealed class SqliteFiles : IBenchStorage
{
    public string Prefix => "";

    public string Description => $"SQLite {RawConnection.Version}, synchronous=FULL";

    public async Task<IBenchStore> NewStore(BenchmarkRun run, long events, int streams)
    {
        var file = new SqliteFile(run);
        await Stores.Fill(file.NewStorage(), events, streams);
        return file;
    }

    public Task<IServerMonitor?> Watch() => Task.FromResult<IServerMonitor?>(null);
}
