using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Storages;

/// <summary>Hand-written appends with the expected version, to a store's tables and indexes.</summary>
internal interface IRawWriter : IAsyncDisposable
{
    /// <summary>Returns the stored number of a key's stream.</summary>
    int StreamOf(int key);

    /// <summary>Appends in one batch with all waiting appends.</summary>
    ValueTask<bool> Append(RawAppend append);

    /// <summary>Appends in a separate transaction on the calling thread.</summary>
    ValueTask AppendAlone(RawAppend append);
}
