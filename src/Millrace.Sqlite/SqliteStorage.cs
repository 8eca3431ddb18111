using Microsoft.Extensions.Logging;
using Millrace.Sqlite.Backups;
using Millrace.Sqlite.Connections;
using Millrace.Sqlite.DeadLettering;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Leases;
using Millrace.Sqlite.Log;
using Millrace.Sqlite.Maintenance;
using Millrace.Sqlite.Moves;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Planning;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.Sqlite;

/// <summary>A store in one SQLite file. Several programs can open the same file.</summary>
/// <remarks>
/// The file is in write-ahead mode: the files <c>-wal</c> and <c>-shm</c> exist next to it while it is in use, and
/// belong to it. The file must be on a local disk. Reads run on their callers' threads, and commits on the thread that
/// calls <see cref="ILogStorage.Commit"/>.
/// </remarks>
public sealed class SqliteStorage : IStorage, IBackupStorage
{
    private readonly SqliteOptions _options;
    private readonly ILogger? _logger;
    private readonly Writer _writer;
    private readonly ReaderPool _readers;
    private readonly LogChanges _changes;
    private readonly SqliteMaintenance _maintenance;
    private readonly SqliteMoves _moves;
    private readonly ChangeRecorder _backupChanges;

    /// <summary>Creates a storage for a file. <see cref="Open"/> opens it.</summary>
    /// <param name="options">The path and the settings of the file.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <exception cref="ArgumentException">One or more options are out of range. The message lists all of
    /// them.</exception>
    public SqliteStorage(SqliteOptions options, TimeProvider? time = null)
        : this(options, time, logger: null)
    {
    }

    internal SqliteStorage(SqliteOptions options, TimeProvider? time, ILogger? logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _logger = logger;
        _options = options.Copy();
        if (_options.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        var clock = time ?? TimeProvider.System;
        var names = new NameTable();
        var streams = new StreamTable();
        var collections = new Collections();
        var queries = new LogQueries(names, streams);
        var auxiliary = new AuxiliaryTables(names);
        _readers = new ReaderPool(_options);
        var heads = new StreamHeadCache();
        var documents = new DocumentWriter(collections);
        _writer = new Writer(_options, clock) { Committed = names.Committed, RolledBack = Forget };
        void Forget()
        {
            names.RolledBack();
            heads.Clear();
            documents.Forget();
        }
        _changes = new LogChanges(_readers, _options, clock);
        var applier = new CommitApplier(names, heads, queries, auxiliary, documents);
        var streamQueries = new StreamQueries(queries, streams);
        Log = new SqliteLog(_writer, _readers, _changes, applier, streamQueries, queries, auxiliary, clock);
        Planner = new SqlitePlanner(
            _readers, queries, streamQueries, auxiliary, collections,
            new SqliteDocumentIndexes(_writer, _readers, collections));
        Documents = new SqliteDocuments(_writer, _readers, collections);
        Leases = new SqliteLeases(_writer, _readers);
        DeadLetters = new SqliteDeadLetters(_readers);
        _maintenance = new SqliteMaintenance(_options, _writer, _readers, names, collections);
        _moves = new SqliteMoves(_options, clock);
        _backupChanges = new ChangeRecorder(_writer, _readers, names);
    }

    /// <summary>Creates a storage for a file with the default options.</summary>
    /// <inheritdoc cref="SqliteStorage(SqliteOptions, TimeProvider?)"/>
    public SqliteStorage(string path)
        : this(new SqliteOptions { Path = path })
    {
    }

    /// <inheritdoc/>
    public string Description => $"SQLite {_options.Path}";

    /// <inheritdoc/>
    public ILogStorage Log { get; }

    /// <inheritdoc/>
    public IDocumentStorage Documents { get; }

    /// <inheritdoc/>
    public ILeaseStorage Leases { get; }

    /// <inheritdoc/>
    public IDeadLetterStorage DeadLetters { get; }

    /// <inheritdoc/>
    public IMaintenanceStorage Maintenance => _maintenance;

    /// <inheritdoc/>
    public IQueryPlanner Planner { get; }

    /// <inheritdoc/>
    public string? DataDirectory => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(_options.Path));

    /// <inheritdoc/>
    public string? MissingFile
    {
        get
        {
            var file = new FileInfo(_options.Path);
            try
            {
                File.GetAttributes(file.FullName); // FileInfo does not distinguish a file that may not be seen.
                return file.Length > 0 ? null : file.FullName;
            }
            catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
            {
                return file.FullName;
            }
            catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
            {
                return null; // It may exist. Open reports the error.
            }
        }
    }

    IMoveEndpoint IMovableStorage.Moves => _moves;

    IChangeRecorder IBackupStorage.Changes => _backupChanges;

    /// <summary>
    /// Checks that the file's pages are intact, like SQLite's <c>quick_check</c>. It reads several hundred MB a second
    /// while the store is in use. <see cref="IMaintenanceStorage.Verify"/> checks the content of the pages.
    /// </summary>
    /// <returns>The first hundred problems; empty if there are none.</returns>
    public Task<IReadOnlyList<string>> CheckPages(CancellationToken cancellationToken = default) =>
        _maintenance.CheckPages(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask Open(CancellationToken cancellationToken)
    {
        WalReset.Check(_options, _logger);
        await Task
            .Factory.StartNew(
                _options.IsReadOnly ? _readers.OpenToRead : _writer.Open,
                cancellationToken,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Opens the file anew, so that a removed or unreadable file is detected.</remarks>
    public ValueTask Ping(CancellationToken cancellationToken) => new(Task.Run(
        () =>
        {
            using var connection = _readers.Open();
            _ = SqliteLog.ReadHead(connection);
        },
        cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _changes.Dispose();
        _moves.Dispose();
        _readers.Dispose();
        await Task.Factory.StartNew(
            _writer.Dispose,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default)
            .ConfigureAwait(false);
    }
}
