using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.PostgreSql;

/// <summary>A store in a PostgreSQL database. Several nodes may have the same one open, and are equal.</summary>
/// <remarks>
/// Each node commits on one connection, hears of the others on another one, and reads on as many as the options allow.
/// Safe to use from several threads.
/// </remarks>
public sealed class PostgreSqlStorage : IStorage, IMovableStorage
{
    private readonly Database _database;
    private readonly GeneralCommit _general;
    private readonly LogWriter _writer;
    private readonly PostgreSqlMoves _moves;
    private readonly IndexBuilder _indexes;
    private readonly LongTextIndexes _longTexts;
    private readonly SemaphoreSlim _opening = new(1);
    private bool _isOpen;

    /// <summary>Makes a storage on a database, which is opened by <see cref="Open"/>.</summary>
    /// <param name="options">The database and how it is used.</param>
    /// <param name="time">The clock of this node; null for the system's. Recorded times are by the database's clock,
    /// unless <see cref="PostgreSqlOptions.Clock"/> says otherwise.</param>
    /// <exception cref="ArgumentException">An option is out of its range; all that are, are named.</exception>
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
        var (queries, collections) = (new LogQueries(tables), new Collections(tables));
        var check = new ClockCheck(_database);
        _general = new GeneralCommit(
            _database, new FactReader(tables, collections, queries), check,
            new UserStatements(_database.Description, _database.Options.HoldTimeout, clock));
        Changes = new LogChanges(_database, clock);
        OptimisticCommits = new OptimisticCommit(_database, check, Changes);
        ConsumerCommits = new ConsumerCommit(_database, OptimisticCommits, collections);
        _writer = new LogWriter(_database, _general, OptimisticCommits, ConsumerCommits, collections, clock);
        var streams = new StreamQueries(tables);
        Reads = new StreamReads(_database, streams);
        Copies = new LogCopyPool(_database, queries, clock);
        _longTexts = new LongTextIndexes(_database, collections);
        Log = new PostgreSqlLog(_database, _writer, _longTexts, Changes, queries, Copies, streams, Reads, clock);
        var documents = new PostgreSqlDocuments(_database, collections, clock);
        Documents = documents;
        Snapshots = new SnapshotReads(documents);
        Leases = new PostgreSqlLeases(_database);
        DeadLetters = new PostgreSqlDeadLetters(_database);
        Maintenance = new PostgreSqlMaintenance(_database, collections);
        _moves = new PostgreSqlMoves(_database);
        _indexes = new IndexBuilder(_database, clock);
    }

    /// <summary>Makes a storage on a database with the default options.</summary>
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

    IMoveEndpoint IMovableStorage.Moves => _moves;

    internal OptimisticCommit OptimisticCommits { get; }

    internal ConsumerCommit ConsumerCommits { get; }

    /// <summary>The database, with its pool.</summary>
    internal Database Database => _database;

    internal LogChanges Changes { get; }

    internal StreamReads Reads { get; }

    internal SnapshotReads Snapshots { get; }

    internal LogCopyPool Copies { get; }

    /// <summary>How many documents were loaded in bulk.</summary>
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
            await _moves.RefuseClosed(cancellationToken).ConfigureAwait(false);
            _database.MarkOpen();
            // Else it is looked at, perhaps, or written by nobody: the first commit does.
            if (_database.Options.Migrates)
                await NoteServer(cancellationToken).ConfigureAwait(false);
            Changes.Start();
            if (!isComplete)
                _indexes.Start();
            _isOpen = true;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) =>
        Snapshots.Read(query, cancellationToken);

    /// <summary>
    /// Waits until the log has all its indexes, and builds those that it lacks where no other node does. An open store
    /// does so by itself and beside its work; a program that does nothing else than bring one up to date waits for it
    /// here.
    /// </summary>
    /// <param name="cancellationToken">Gives up; what is unfinished is built anew by the next one.</param>
    /// <exception cref="StorageException">This role does not own the log, among others.</exception>
    /// <exception cref="InvalidOperationException"><see cref="PostgreSqlOptions.Prepares"/> is false: that takes a
    /// connection of its own.
    /// </exception>
    public ValueTask BuildIndexes(CancellationToken cancellationToken) => _indexes.Build(cancellationToken);

    private async ValueTask NoteServer(CancellationToken cancellationToken)
    {
        try
        {
            await _writer.CheckServer(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException refused) when (refused.Problem == StorageProblem.ReadOnly)
        {
            // Who may only read does not begin an epoch: who writes does.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _indexes.DisposeAsync().ConfigureAwait(false);
        await _longTexts.DisposeAsync().ConfigureAwait(false);
        await Changes.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _moves.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
    }
}
