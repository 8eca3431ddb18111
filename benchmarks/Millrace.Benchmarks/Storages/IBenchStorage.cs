using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Storages;

/// <summary>A kind of storage that is measured, with what a specialist writes for it by hand beside Millrace.</summary>
internal interface IBenchStorage
{
    /// <summary>What the names of its benchmarks begin with; empty for the one that needs no server.</summary>
    string Prefix { get; }

    /// <summary>What it is, in which version.</summary>
    string Description { get; }

    /// <summary>
    /// Makes a store whose events are spread over streams. By default each stream has one event: what both sides begin
    /// with, so that neither makes streams while it is measured.
    /// </summary>
    Task<IBenchStore> NewStore(BenchmarkRun run, long events = SampleLines.Keys, int streams = SampleLines.Keys);

    /// <summary>Begins to watch where the time goes besides this process; null where
    /// there is nothing besides.</summary>
    Task<IServerMonitor?> Watch();
}
