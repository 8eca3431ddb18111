using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Storages;

/// <summary>A measured kind of storage. It creates stores for Millrace and for the hand-written comparison.</summary>
internal interface IBenchStorage
{
    /// <summary>Gets the prefix of the names of the storage's benchmarks. SQLite has an empty prefix.</summary>
    string Prefix { get; }

    /// <summary>Gets the product and the version.</summary>
    string Description { get; }

    /// <summary>
    /// Creates a store with events that are spread over streams. By default, each stream has one event, so that no
    /// measurement includes the creation of streams.
    /// </summary>
    Task<IBenchStore> NewStore(BenchmarkRun run, long events = SampleLines.Keys, int streams = SampleLines.Keys);

    /// <summary>Starts to monitor the server. Returns null when the storage has no server.</summary>
    Task<IServerMonitor?> Watch();
}
