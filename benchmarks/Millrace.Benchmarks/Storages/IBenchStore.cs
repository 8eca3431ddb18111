using Millrace.Storage;

namespace Millrace.Benchmarks.Storages;

/// <summary>A store of one round, or of several that only read; its data are gone when it is disposed.</summary>
internal interface IBenchStore : IAsyncDisposable
{
    /// <summary>Opens it for Millrace; each is a node of its own.</summary>
    IStorage NewStorage();

    /// <summary>Opens it for writing by hand.</summary>
    Task<IRawWriter> OpenWriter();

    /// <summary>Opens it for reading by hand.</summary>
    Task<IRawReader> OpenReader();

    /// <summary>Makes a table beside it, for writing rows by hand.</summary>
    Task<IRowWriter> OpenRows();

    /// <summary>Does what the storage would do later, in the midst of what is measured, with
    /// what was just loaded.</summary>
    Task Settle();

    /// <summary>
    /// SQL for such a table in the store itself: what makes it, and what writes a row with its id and its body unless
    /// it is there.
    /// </summary>
    (string Create, string Insert) RowStatements { get; }

    /// <summary>How much room the log takes on disk.</summary>
    Task<long> SizeBytes();
}
