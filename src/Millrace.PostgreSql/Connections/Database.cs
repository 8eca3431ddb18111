using System.Globalization;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>The database: its pool of connections, and how work on it is done and its failures are told.</summary>
internal sealed class Database : IAsyncDisposable
{
    private const int Attempts = 3;

    /// <summary>
    /// How long anything but the log's lock is waited for while that one is held. Who holds it may be long about it,
    /// and all appends wait behind: it is tried again from the beginning, and they have their turn in between.
    /// </summary>
    public const string LockTimeoutUnderLogLock = "200ms";

    /// <summary>
    /// Statements that commit are few and all go by indexes, whatever they are given: one plan for each is kept, which
    /// is right also when the tables have grown. The server would otherwise take longer to plan a small commit anew
    /// than to carry it out.
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

    /// <summary>Makes the pool.</summary>
    /// <param name="options">The database and how it is used.</param>
    /// <param name="time">The clock of this node.</param>
    /// <param name="budget">What it shares with other databases; null when it has its connections for itself.</param>
    public Database(PostgreSqlOptions options, TimeProvider time, ConnectionBudget? budget = null)
    {
        (Options, _time) = (options, time);
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

    /// <summary>Whether it shares its connections with other databases, so that none is kept while nothing is done with
    /// it.</summary>
    public bool SharesConnections => _pool is not null;

    /// <summary>
    /// Whether a node commits on a connection that nothing else ever uses, with settings of its own for as long as it
    /// is open. Not where connections are shared with other databases, or a pooler may give every transaction another
    /// session.
    /// </summary>
    public bool HasOwnCommits => _commits is not null;

    public PostgreSqlOptions Options { get; }

    public Tables Tables { get; }

    public string Description { get; }

    /// <summary>Ends commits of nodes that say nothing any more.</summary>
    public StalledCommitTerminator StalledCommits { get; }

    /// <summary>
    /// How long a lock is waited for at once. It is short, so that who waits looks in between whether a frozen node is
    /// what it waits for.
    /// </summary>
    public TimeSpan LockWait =>
        Options.HoldTimeout / 2 < Options.LockTimeout ? Options.HoldTimeout / 2 : Options.LockTimeout;

    public void MarkOpen() => _isOpen = true;

    /// <summary>Takes a connection out of the pool; disposing it gives it back.</summary>
    /// <exception cref="StorageException">There is none to be had.</exception>
    public ValueTask<NpgsqlConnection> Connect(CancellationToken cancellationToken) =>
        Connect(_source, cancellationToken);

    /// <summary>
    /// Takes the connection that commits. One of its own ends when it is disposed, and what was set for it: no other
    /// work ever has it.
    /// </summary>
    /// <exception cref="StorageException">There is none to be had.</exception>
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
    /// Reads. What a lost connection interrupts, or one to a server that is the primary no more, is read again on
    /// another one.
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
                    && exception is not (TimeoutException or NpgsqlException { InnerException: TimeoutException }))
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
    /// Takes no connection out of the pool any more that is in it now: where the server has ended one, as when it was
    /// started again, it has mostly ended them all, and each would fail a try.
    /// </summary>
    public void ForgetIdle() => _source.Clear();

    /// <summary>Changes something in a transaction of its own, which leaves nothing where it fails.</summary>
    /// <param name="work">Reads and writes; repeated on another connection when this one was lost before the
    /// commit.</param>
    /// <param name="state">What the work needs.</param>
    /// <param name="takesLock">Whether it takes the log's lock first, because it changes what commits rely on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="triesAgain">Whether it is tried again, as long as a commit would be, when somebody holds what it
    /// needs.</param>
    public async ValueTask<TResult> Write<TState, TResult>(
        Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> work, TState state, bool takesLock,
        CancellationToken cancellationToken, bool triesAgain = true)
    {
        var (started, lockWait) = (
            _time.GetTimestamp(),
            !takesLock ? (TimeSpan?)null
            : triesAgain ? LockWait
            : Options.LockTimeout);
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
    /// Changes something under the log's lock within a time, in which <see cref="PostgreSqlOptions.CommandTimeout"/>
    /// does not count: also a commit that waits for a standby ends with it, in doubt. So long it is tried again while
    /// somebody holds the lock.
    /// </summary>
    /// <param name="limit">The time; a moment more when the server does not answer at all.</param>
    /// <param name="work">Reads and writes.</param>
    /// <param name="state">What the work needs.</param>
    /// <param name="cancellationToken">Gives up before the commit.</param>
    /// <exception cref="StorageException">Nothing was changed in that time, or it is not known whether.</exception>
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

    /// <summary>Ends whoever is frozen and may be what was waited for, and lets others have their turn.</summary>
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
        return standby.HasGivenUp ? throw StandbyConfirmationMonitor.InDoubt(Description) : result;
    }

    /// <summary>Waits for the log's lock, in a statement of its own: later ones see what was committed before it was
    /// given.</summary>
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

    /// <summary>A commit that may have happened must not be done again. How long it waits is bounded, and not by a
    /// token.</summary>
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
                $"{Description}: the connection broke in a commit, and it is not known whether it happened. Look, and "
                    + $"try again.",
                StorageProblem.InDoubt,
                exception);
        }
    }
}
