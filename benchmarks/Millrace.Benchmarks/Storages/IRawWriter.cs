using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Storages;

/// <summary>Hand-written appends with the expected version, to the tables and indexes of a store.</summary>
internal interface IRawWriter : IAsyncDisposable
{
    /// <summary>Returns the stored number of the stream of a key.</summary>
    int StreamOf(int key);

    /// <summary>Appends in one batch with other waiting appends. Returns whether the append was accepted.</summary>
    ValueTask<bool> Append(RawAppend append);

    /// <summary>Appends in a separate transaction on the calling thread.</summary>
    ValueTask AppendAlone(RawAppend append);
}
