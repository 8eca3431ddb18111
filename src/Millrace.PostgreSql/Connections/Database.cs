using System.Globalization;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>
/// The database: its connection pool, the retries of reads and writes, and the translation of failures.
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    private const int Attempts = 3;

    /// <summary>
    /// The maximum wait for any other lock while the log's lock is held. The holder of the other lock may keep it for
    /// long, and all appends wait meanwhile. The operation is therefore retried from the start, and appends run in
    /// between.
    /// </summary>
    public const string LockTimeoutUnderLogLock = "200ms";

    /// <summary>
    /// The settings of a connection that commits. Commit statements are few and all use indexes, whatever their
    /// parameters. One generic plan for each therefore stays right when the tables grow. Otherwise the server would
    /// need longer to plan a small commit than to execute it.
    /// </summary>
    private const string GenericPlanSetting =
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit "
            + "= off";

    private static readonly TimeSpan LockWaitBackoff = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time;
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource? _commits;
    private readonly BudgetedPool? _pool;
    private bool _isOpen;
    private bool _isDisposed;

    /// <summary>Creates the pool.</summary>
    /// <param name="options">The connection string and the limits of the database.</param>
    /// <param name="time">The clock of this node.</param>
    /// <param name="budget">The budget shared with other databases; null when this database has its own
    /// connections.</param>
    public Database(PostgreSqlOptions options, TimeProvider time, ConnectionBudget? budget = null)
    {
        Options = options;
        _time = time;
        Tables = new Tables(options.LogSchema, options.DocumentSchema);
        Description = PostgreSqlAddress.Describe(options.ConnectionString);
        var settings = DataSources.Settings(options);
        if (budget is null && options.Prepares)
        {
            _commits = DataSources.Make(
                new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false }
            );
            settings.MaxPoolSize--;
        }
        _source = DataSources.Make(settings);
        _pool = budget?.Add(_source);
        StalledCommits = new StalledCommitTerminator(this, time);
    }

    /// <summary>
    /// True when the database shares its connections with others, so that no connection stays open while the database
    /// is unused.
    /// </summary>
    public bool SharesConnections => _pool is not null;

    /// <summary>
    /// Gets whether a node commits on a dedicated connection, whose settings last as long as it is open. False when
    /// connections are shared with other databases, or when a pooler may assign each transaction another session.
    /// </summary>
    public bool HasOwnCommits => _commits is not null;

    public PostgreSqlOptions Options { get; }

    public Tables Tables { get; }

    public string Description { get; }

    /// <summary>Terminates commits of nodes that have stopped responding.</summary>
    public StalledCommitTerminator StalledCommits { get; }

    /// <summary>
    /// The timeout of one attempt to take a lock. It is short, so that the waiting node can check in between whether a
    /// frozen node holds the lock.
    /// </summary>
    public TimeSpan LockWait =>
        Options.HoldTimeout / 2 < Options.LockTimeout ? Options.HoldTimeout / 2 : Options.LockTimeout;

    public void MarkOpen() => _isOpen = true;

    /// <summary>Takes a connection from the pool. Disposing it returns it.</summary>
    /// <exception cref="StorageException">No connection is available.</exception>
    public ValueTask<NpgsqlConnection> Connect(CancellationToken cancellationToken) =>
        Connect(_source, cancellationToken);

    /// <summary>
    /// Opens the connection for commits. A dedicated connection ends with its settings when it is disposed, and no
    /// other work ever uses it.
    /// </summary>
    /// <exception cref="StorageException">No connection is available.</exception>
    public async ValueTask<NpgsqlConnection> ConnectToCommit(CancellationToken cancellationToken)
    {
        if (_commits is null)
            return await Connect(cancellationToken).ConfigureAwait(false);
        var connection = await Connect(_commits, cancellationToken).ConfigureAwait(false);
        try
        {
            var command = connection.Command($"{GenericPlanSetting}; SET lock_timeout = '{Milliseconds(LockWait)}'");
            await using var _ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (PostgreSqlErrors.IsKnown(exception))
                throw PostgreSqlErrors.ToStorage(exception, Description);
            throw;
        }
    }

    private async ValueTask<NpgsqlConnection> Connect(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        if (_isDisposed)
            throw new StorageException("The store is closed.", StorageProblem.Closed);
        try
        {
            return _pool is null
                ? await source.OpenPrimary(cancellationToken).ConfigureAwait(false)
                : await _pool.Open(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception))
        {
            throw PostgreSqlErrors.ToStorage(exception, Description);
        }
    }

    /// <summary>
    /// Reads. When the connection is lost, or its server is no longer the primary, the read is repeated on another
    /// connection.
    /// </summary>
    public async ValueTask<TResult> Read<TState, TResult>(
        Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> work,
        TState state,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CheckOpen();
            var connection = await Connect(cancellationToken).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            try
            {
                return await work(connection, state, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
                when (attempt < Attempts
                    && PostgreSqlErrors.ShouldReconnect(exception)
                    && !_isDisposed
                    && !PostgreSqlErrors.IsTimeout(exception))
            {
                ForgetIdle();
            }
            catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception))
            {
                throw PostgreSqlErrors.ToStorage(exception, Description);
            }
        }
    }

    /// <summary>
    /// Discards the idle connections of the pool. When the server has closed one connection, as after a restart, it has
    /// usually closed all of them, and each would fail an attempt.
    /// </summary>
    public void ForgetIdle() => _source.Clear();

    /// <summary>Executes changes in their own transaction, which is rolled back on a failure.</summary>
    /// <param name="work">Reads and writes. Repeated on another connection if the connection is lost before the
    /// commit.</param>
    /// <param name="state">The state for <paramref name="work"/>.</param>
    /// <param name="takesLock">True to take the log's lock first, because the change affects facts that commits rely
    /// on.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <param name="triesAgain">True to retry for as long as a commit would when another transaction holds a
    /// lock.</param>
    public async ValueTask<TResult> Write<TState, TResult>(
        Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> work, TState state, bool takesLock,
        CancellationToken cancellationToken, bool triesAgain = true)
    {
        var started = _time.GetTimestamp();
        var lockWait = !takesLock ? (TimeSpan?)null : triesAgain ? LockWait : Options.LockTimeout;
        while (true)
        {
            try
            {
                return await Read(
                        static (connection, all, cancel) =>
                            all.self.WriteOnce(
                                connection, all.work, all.state, all.lockWait, Timeout.InfiniteTimeSpan, cancel),
                        (self: this, work, state, lockWait),
                        cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (StorageException waited) when (triesAgain && PostgreSqlErrors.IsLockWait(waited.InnerException)
                && _time.GetElapsedTime(started) < Options.LockTimeout)
            {
                await AfterLockWait(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Executes changes under the log's lock within a time limit, which replaces
    /// <see cref="PostgreSqlOptions.CommandTimeout"/>. A commit that waits for a standby also ends at the limit, in
    /// doubt. Until then, the work is retried while another transaction holds the lock.
    /// </summary>
    /// <param name="limit">The time limit. It is slightly exceeded when the server does not respond at all.</param>
    /// <param name="work">Reads and writes.</param>
    /// <param name="state">The state for <paramref name="work"/>.</param>
    /// <param name="cancellationToken">Cancels the operation before the commit.</param>
    /// <exception cref="StorageException">Nothing was changed within the limit, or it is unknown whether anything was
    /// changed.</exception>
    public async ValueTask<TResult> WriteWithin<TState, TResult>(
        TimeSpan limit, Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> work, TState state,
        CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var ending = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, cancellationToken);
        StorageException? waited = null;
        try
        {
            while (true)
            {
                try
                {
                    return await Read(
                            static (connection, all, cancel) =>
                                all.self.WriteOnce(
                                    connection,
                                    all.work,
                                    all.state,
                                    all.self.LockWait,
                                    all.limit - all.self._time.GetElapsedTime(all.started),
                                    cancel),
                            (self: this, work, state, limit, started),
                            either.Token)
                        .ConfigureAwait(false);
                }
                catch (StorageException failure) when (PostgreSqlErrors.IsLockWait(failure.InnerException))
                {
                    waited = failure;
                    await AfterLockWait(either.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw waited ?? new StorageException($"{Description} did not answer in time.", StorageProblem.Busy);
        }
    }

    /// <summary>
    /// Terminates a frozen node's commit that may hold the lock, then pauses so that other transactions can proceed.
    /// </summary>
    public async ValueTask AfterLockWait(CancellationToken cancellationToken)
    {
        await StalledCommits.End(cancellationToken).ConfigureAwait(false);
        await Task.Delay(LockWaitBackoff, _time, cancellationToken).ConfigureAwait(false);
    }

    public static string Milliseconds(TimeSpan time) =>
        ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    public void CheckOpen()
    {
        if (_isDisposed)
            throw new StorageException("The store is closed.", StorageProblem.Closed);
        if (!_isOpen)
            throw new InvalidOperationException("The storage is not open: call Open first.");
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_commits is not null)
            await _commits.DisposeAsync().ConfigureAwait(false);
        if (_pool is not null)
            await _pool.DisposeAsync().ConfigureAwait(false);
        else
            await _source.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<TResult> WriteOnce<TState, TResult>(
        NpgsqlConnection connection,
        Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> work,
        TState state,
        TimeSpan? lockWait,
        TimeSpan commitWait,
        CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        if (lockWait is { } wait)
            await TakeLogLock(connection, wait, cancellationToken).ConfigureAwait(false);
        var result = await work(connection, state, cancellationToken).ConfigureAwait(false);
        using var standby = new StandbyConfirmationMonitor(connection);
        await Commit(connection, commitWait).ConfigureAwait(false);
        return standby.IsUnconfirmed ? throw StandbyConfirmationMonitor.InDoubt(Description) : result;
    }

    /// <summary>
    /// Takes the log's lock in a separate statement, so that later statements see everything that was committed before
    /// the lock was granted.
    /// </summary>
    private async ValueTask TakeLogLock(NpgsqlConnection connection, TimeSpan wait, CancellationToken cancellationToken)
    {
        var (lockClass, key) = Tables.LogLock;
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.Add("""
            SELECT set_config('idle_in_transaction_session_timeout', $4, true), set_config('lock_timeout', $3, true),
                pg_advisory_xact_lock($1, $2)
            """).With(lockClass).With(key).With(Milliseconds(wait)).With(Milliseconds(Options.HoldTimeout));
        batch.Add($"SELECT set_config('lock_timeout', '{LockTimeoutUnderLogLock}', true)");
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Commits. A commit that may have happened must not be repeated. Its wait is limited by time, not by a token.
    /// </summary>
    private async ValueTask Commit(NpgsqlConnection connection, TimeSpan wait)
    {
        var command = connection.Command("COMMIT");
        await using var _ = command.ConfigureAwait(false);
        if (wait != Timeout.InfiniteTimeSpan)
            command.CommandTimeout = Math.Clamp((int)Math.Ceiling(wait.TotalSeconds), 1, command.CommandTimeout);
        try
        {
            await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsConnectionLost(exception))
        {
            throw new StorageException(
                $"{Description}: the connection broke during a commit, and it is unknown whether the commit happened. "
                    + "Check the result, and try again.",
                StorageProblem.InDoubt,
                exception);
        }
    }
}
