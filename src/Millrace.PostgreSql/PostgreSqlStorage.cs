using Millrace.PostgreSql.Backups;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.DeadLettering;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Leases;
using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Maintenance;
using Millrace.PostgreSql.Moves;
using Millrace.PostgreSql.Planning;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.PostgreSql;

/// <summary>A store in a PostgreSQL database. Several nodes can open the same store, and all are equal.</summary>
/// <remarks>
/// Each node commits on one connection, receives notifications of other nodes on a second one, and reads on as many
/// connections as the options allow. Thread-safe.
/// </remarks>
public sealed class PostgreSqlStorage : IStorage, IBackupStorage
{
    private readonly Database _database;
    private readonly GeneralCommit _general;
    private readonly LogWriter _writer;
    private readonly PostgreSqlMoves _moves;
    private readonly ChangeRecorder _backupChanges;
    private readonly IndexBuilder _indexes;
    private readonly LongTextIndexes _longTexts;
    private readonly AvailabilityCheck _availability;
    private readonly SemaphoreSlim _opening = new(1);
    private bool _isOpen;

    /// <summary>Creates a storage for a database. <see cref="Open"/> opens it.</summary>
    /// <param name="options">The connection string and the limits of the database.</param>
    /// <param name="time">The clock of this node; null for the system clock. Recorded times come from the database's
    /// clock, unless <see cref="PostgreSqlOptions.Clock"/> is set otherwise.</param>
    /// <exception cref="ArgumentException">One or more options are out of range. The message lists all of
    /// them.</exception>
    public PostgreSqlStorage(PostgreSqlOptions options, TimeProvider? time = null)
        : this(options, time, budget: null)
    {
    }

    internal PostgreSqlStorage(PostgreSqlOptions options, TimeProvider? time, ConnectionBudget? budget)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        var clock = time ?? TimeProvider.System;
        _database = new Database(options.Copy(), clock, budget);
        var tables = _database.Tables;
        var queries = new LogQueries(tables);
        var collections = new Collections(tables);
        var check = new ClockCheck(_database);
        _general = new GeneralCommit(
            _database, new FactReader(tables, collections, queries), check,
            new UserStatements(_database.Description, _database.Options.HoldTimeout, clock));
        Changes = new LogChanges(_database, clock);
        OptimisticCommits = new OptimisticCommit(_database, check, Changes);
        ConsumerCommits = new ConsumerCommit(_database, OptimisticCommits, collections);
        var inDoubt = new InDoubtCommits(_database, clock);
        _writer = new LogWriter(_database, _general, OptimisticCommits, ConsumerCommits, inDoubt, collections, clock);
        var streams = new StreamQueries(tables);
        Reads = new StreamReads(_database, streams);
        Copies = new LogCopyPool(_database, queries, clock);
        _longTexts = new LongTextIndexes(_database, collections);
        Log = new PostgreSqlLog(
            _database, _writer, inDoubt, _longTexts, Changes, queries, Copies, streams, Reads, clock);
        var documents = new PostgreSqlDocuments(_database, collections, clock);
        Documents = documents;
        Planner = new PostgreSqlPlanner(_database, queries, streams, documents, clock);
        Snapshots = new SnapshotReads(documents);
        Leases = new PostgreSqlLeases(_database);
        DeadLetters = new PostgreSqlDeadLetters(_database);
        Maintenance = new PostgreSqlMaintenance(_database, collections);
        _moves = new PostgreSqlMoves(_database);
        _backupChanges = new ChangeRecorder(_database);
        _indexes = new IndexBuilder(_database, clock);
        _availability = new AvailabilityCheck(_database);
    }

    /// <summary>Creates a storage for a database with the default options.</summary>
    /// <inheritdoc cref="PostgreSqlStorage(PostgreSqlOptions, TimeProvider?)"/>
    public PostgreSqlStorage(string connectionString)
        : this(new PostgreSqlOptions { ConnectionString = connectionString })
    {
    }

    /// <inheritdoc/>
    public string Description => _database.Description;

    /// <inheritdoc/>
    public ILogStorage Log { get; }

    /// <inheritdoc/>
    public IDocumentStorage Documents { get; }

    /// <inheritdoc/>
    public ILeaseStorage Leases { get; }

    /// <inheritdoc/>
    public IDeadLetterStorage DeadLetters { get; }

    /// <inheritdoc/>
    public IMaintenanceStorage Maintenance { get; }

    /// <inheritdoc/>
    public IQueryPlanner Planner { get; }

    IMoveEndpoint IMovableStorage.Moves => _moves;

    IChangeRecorder IBackupStorage.Changes => _backupChanges;

    internal OptimisticCommit OptimisticCommits { get; }

    internal ConsumerCommit ConsumerCommits { get; }

    /// <summary>The database with its connection pool.</summary>
    internal Database Database => _database;

    internal LogChanges Changes { get; }

    internal StreamReads Reads { get; }

    internal SnapshotReads Snapshots { get; }

    internal LogCopyPool Copies { get; }

    /// <summary>The number of documents that were loaded in bulk.</summary>
    internal long LoadedDocuments => _general.Loaded;

    /// <inheritdoc/>
    public async ValueTask Open(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isOpen)
                return;
            var isComplete = await new Migrator(_database).Run(cancellationToken).ConfigureAwait(false);
            await _moves.ThrowIfClosed(cancellationToken).ConfigureAwait(false);
            _database.MarkOpen();
            // Without migration, the store may be read only: the first commit then checks the server.
            if (_database.Options.Migrates)
                await CheckServer(cancellationToken).ConfigureAwait(false);
            Changes.Start();
            if (!isComplete && _database.Options.BuildsIndexes)
                _indexes.Start();
            _isOpen = true;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc/>
    /// <remarks>The first call opens a further connection, beyond <see cref="PostgreSqlOptions.MaxConnections"/>.
    /// </remarks>
    public ValueTask Ping(CancellationToken cancellationToken) => _availability.Run(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) =>
        Snapshots.Read(query, cancellationToken);

    /// <summary>
    /// Waits until the log has all its indexes, and builds missing ones unless another node does. An open store does
    /// this automatically in the background. A program that only upgrades a store waits for it here.
    /// </summary>
    /// <param name="cancellationToken">Cancels the operation. The next build starts unfinished indexes again.</param>
    /// <exception cref="StorageException">This role does not own the log, or another failure of the
    /// storage.</exception>
    /// <exception cref="InvalidOperationException"><see cref="PostgreSqlOptions.Prepares"/> is false: the build needs
    /// its own connection.</exception>
    public ValueTask BuildIndexes(CancellationToken cancellationToken) => _indexes.Build(cancellationToken);

    private async ValueTask CheckServer(CancellationToken cancellationToken)
    {
        try
        {
            await _writer.CheckServer(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException refused) when (refused.Problem == StorageProblem.ReadOnly)
        {
            // A node that can only read does not start an epoch; the next writer does.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _availability.DisposeAsync().ConfigureAwait(false);
        await _indexes.DisposeAsync().ConfigureAwait(false);
        await _longTexts.DisposeAsync().ConfigureAwait(false);
        await Changes.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _moves.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
    }
}
