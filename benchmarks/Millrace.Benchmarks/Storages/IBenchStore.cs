using Millrace.Storage;

namespace Millrace.Benchmarks.Storages;

/// <summary>A store for one round, or for several read-only rounds. Disposing the store deletes its data.</summary>
internal interface IBenchStore : IAsyncDisposable
{
    /// <summary>Creates a storage for Millrace. Each storage is a separate node.</summary>
    IStorage NewStorage();

    /// <summary>Opens the store for hand-written appends.</summary>
    Task<IRawWriter> OpenWriter();

    /// <summary>Opens the store for hand-written reads.</summary>
    Task<IRawReader> OpenReader();

    /// <summary>Creates a table outside the tables of the store, for hand-written rows.</summary>
    Task<IRowWriter> OpenRows();

    /// <summary>
    /// Runs work that the storage has deferred, so that this work does not run during the measurement.
    /// </summary>
    Task Settle();

    /// <summary>
    /// Gets the SQL statements for the table that <see cref="OpenRows"/> creates. The first creates the table. The
    /// second inserts a row with an id and a body unless a row with this id exists.
    /// </summary>
    (string Create, string Insert) RowStatements { get; }

    /// <summary>Returns the size of the log on disk.</summary>
    Task<long> SizeBytes();
}
