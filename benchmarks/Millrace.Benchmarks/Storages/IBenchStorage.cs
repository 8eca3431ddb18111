using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Storages;

/// <summary>A measured kind of storage, and hand-written code on it for comparison.</summary>
internal interface IBenchStorage
{
    /// <summary>The prefix of its benchmarks; empty for the storage without a server.</summary>
    string Prefix { get; }

    /// <summary>The product and its version.</summary>
    string Description { get; }

    /// <summary>
    /// Creates a store with events spread over streams. By default each stream has one event, so that neither side
    /// creates streams while it is measured.
    /// </summary>
    Task<IBenchStore> NewStore(BenchmarkRun run, long events = SampleLines.Keys, int streams = SampleLines.Keys);

    /// <summary>Starts to monitor the server; returns null when there is none.</summary>
    Task<IServerMonitor?> Watch();
}
