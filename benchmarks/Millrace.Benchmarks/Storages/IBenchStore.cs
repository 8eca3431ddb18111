using Millrace.Storage;

namespace Millrace.Benchmarks.Storages;

/// <summary>A store of one round, or of several read-only rounds; its data is deleted when it is disposed.</summary>
internal interface IBenchStore : IAsyncDisposable
{
    /// <summary>Opens the store for Millrace; each storage is a separate node.</summary>
    IStorage NewStorage();

    /// <summary>Opens the store for hand-written appends.</summary>
    Task<IRawWriter> OpenWriter();

    /// <summary>Opens the store for hand-written reads.</summary>
    Task<IRawReader> OpenReader();

    /// <summary>Creates a table beside the store, for hand-written rows.</summary>
    Task<IRowWriter> OpenRows();

    /// <summary>Runs deferred work of the storage on the loaded data now, so that it does not run during the
    /// measurement.</summary>
    Task Settle();

    /// <summary>
    /// SQL for such a table in the store: a statement that creates it, and one that inserts a row with its id and body
    /// unless it exists.
    /// </summary>
    (string Create, string Insert) RowStatements { get; }

    /// <summary>Returns the size of the log on disk.</summary>
    Task<long> SizeBytes();
}
