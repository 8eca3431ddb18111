using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Storages;

/// <summary>Appends by hand: to a store's own tables and indexes, with the expected version,
/// and with nothing else.</summary>
internal interface IRawWriter : IAsyncDisposable
{
    /// <summary>What a key's stream is stored by.</summary>
    int StreamOf(int key);

    /// <summary>Appends together with all others that wait.</summary>
    ValueTask<bool> Append(RawAppend append);

    /// <summary>Appends in a transaction of its own, without any handing over.</summary>
    ValueTask AppendAlone(RawAppend append);
}
