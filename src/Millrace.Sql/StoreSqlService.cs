using DuckDB.NET.Data;
using Millrace.Sql;

namespace Millrace;

/// <summary>
/// Answers SQL statements about a store with DuckDB, in the memory of this process. For each statement, the views that
/// it names are copied from the store, up to one position of the log. Thread-safe.
/// </summary>
public sealed class StoreSqlService : ISqlService
{
    // The time for the engine to end after an interruption, so that usually nothing runs after a call.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly SqlSource _source;
    private readonly SqlOptions _options;
    private readonly TimeProvider _time;
    private readonly StatementGate _gate;

    /// <summary>Creates a service for an open store, which it does not own.</summary>
    /// <param name="store">The store, or the store of one tenant.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    public StoreSqlService(EventStore store, SqlOptions? options = null, TimeProvider? time = null)
        : this(store, options ?? new SqlOptions(), time ?? TimeProvider.System, gate: null)
    {
    }

    internal StoreSqlService(EventStore store, SqlOptions options, TimeProvider time, StatementGate? gate)
    {
        ArgumentNullException.ThrowIfNull(store);
        options.Validate();
        (_source, _options, _time) = (new SqlSource(store), options, time);
        _gate = gate ?? new StatementGate(options.MaxConcurrency);
    }

    /// <summary>Gets the names of the functions that statements can call, in ordinal order.</summary>
    public static IReadOnlyList<string> Functions => AllowedFunctions.Names;

    /// <inheritdoc/>
    public async Task<SqlAnswer> Run(SqlRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var started = _time.GetTimestamp();
        var answer = await Run(
                request,
                outputFile: null,
                static (run, loaded, cancel) =>
                    run.Read(cancel) with { Position = loaded.Position, Views = loaded.Views },
                cancellationToken)
            .ConfigureAwait(false);
        return answer with { Elapsed = _time.GetElapsedTime(started) };
    }

    /// <summary>Runs one statement, and writes its rows to a Parquet file with the types of the columns.</summary>
    /// <param name="request">The statement with its limits.</param>
    /// <param name="file">The path of the file, which is replaced if it exists.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SqlException">The statement is not valid, or it does not only read views.</exception>
    /// <exception cref="SqlLimitException">The statement needs more time or memory than it may use.</exception>
    public async Task<SqlExport> ExportParquet(
        SqlRequest request, string file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(file);
        var path = Path.GetFullPath(file);
        return await Run(
                request,
                path,
                (run, loaded, cancel) =>
                {
                    var (rows, isCut) = run.Export(path, cancel);
                    return new SqlExport(rows, isCut, loaded.Position);
                },
                cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SqlView>> ListViews(CancellationToken cancellationToken = default)
    {
        var catalog = await ViewCatalog.Read(_source, [], cancellationToken).ConfigureAwait(false);
        return [.. catalog.All];
    }

    /// <inheritdoc/>
    public async Task<SqlStatementParts> Inspect(SqlRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await Run(request, Inspect, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SqlStatementParts> Inspect(
        SqlRequest request, SqlOptions limits, CancellationToken cancellationToken)
    {
        using var session = SqlSession.Open(limits, outputFile: null, cancellationToken);
        var statement = ParsedStatement.Parse(session, request.Statement);
        var catalog = await ViewCatalog.Read(_source, request.Declared, cancellationToken).ConfigureAwait(false);
        return statement.Parts with { Views = statement.Resolve(catalog) };
    }

    private Task<TResult> Run<TResult>(
        SqlRequest request,
        string? outputFile,
        Func<StatementRun, LoadedViews, CancellationToken, TResult> read,
        CancellationToken cancellationToken) =>
        Run(
            request,
            (one, limits, cancel) => Run(one, limits, outputFile, read, cancel),
            cancellationToken);

    private async Task<TResult> Run<TResult>(
        SqlRequest request,
        Func<SqlRequest, SqlOptions, CancellationToken, Task<TResult>> run,
        CancellationToken cancellationToken)
    {
        var limits = LimitsOf(request);
        using var timeout = new CancellationTokenSource(limits.TimeLimit, _time);
        // The statement can run on after this call, and then keeps its token.
        var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Task<TResult>? running = null;
        try
        {
            var place = await _gate.Enter(linked.Token).ConfigureAwait(false);
            // The engine blocks its threads, and so does the copying into it.
            running = Task.Run(
                async () =>
                {
                    using (place)
                        return await RunConverted(request, limits, run, linked.Token).ConfigureAwait(false);
                },
                CancellationToken.None);
            return await WaitFor(running, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (
            timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw LimitError(limits, running is not null, exception);
        }
        finally
        {
            DisposeAfter(running, linked);
        }
    }

    /// <summary>Waits for a statement. A function of the engine cannot be interrupted, so that a stopped statement may
    /// end later; until then it keeps its place.</summary>
    private static async Task<TResult> WaitFor<TResult>(Task<TResult> running, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            await ((Task)running).WaitAsync(Grace, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static void DisposeAfter(Task? running, CancellationTokenSource source)
    {
        if (running is null)
            source.Dispose();
        else
            _ = running.ContinueWith(
                static (ended, state) =>
                {
                    _ = ended.Exception; // The caller got the reason.
                    ((CancellationTokenSource)state!).Dispose(); // Set below.
                },
                source,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
    }

    private static SqlLimitException LimitError(SqlOptions limits, bool hasStarted, Exception exception) =>
        hasStarted
            ? new SqlLimitException(
                SqlLimit.Time,
                $"The statement was stopped after {limits.TimeLimit.TotalSeconds:0.###} seconds. Read less: name "
                    + "the view of an event type instead of 'events', or raise the time limit.",
                exception)
            : new SqlLimitException(
                SqlLimit.Concurrency,
                $"{limits.MaxConcurrency} other statements ran for {limits.TimeLimit.TotalSeconds:0.###} seconds. "
                    + "Try again later.",
                exception);

    /// <summary>Runs with errors of the engine converted.</summary>
    private static async Task<TResult> RunConverted<TResult>(
        SqlRequest request,
        SqlOptions limits,
        Func<SqlRequest, SqlOptions, CancellationToken, Task<TResult>> run,
        CancellationToken cancellationToken)
    {
        try
        {
            return await run(request, limits, cancellationToken).ConfigureAwait(false);
        }
        catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (DuckDBException error)
        {
            throw new EngineErrors(request.Statement, int.MaxValue, limits).Convert(error);
        }
    }

    private async Task<TResult> Run<TResult>(
        SqlRequest request,
        SqlOptions limits,
        string? outputFile,
        Func<StatementRun, LoadedViews, CancellationToken, TResult> read,
        CancellationToken cancellationToken)
    {
        using var session = SqlSession.Open(limits, outputFile, cancellationToken);
        var statement = ParsedStatement.Parse(session, request.Statement);
        var catalog = statement.NeedsCatalog
            ? await ViewCatalog.Read(_source, request.Declared, cancellationToken).ConfigureAwait(false)
            : ViewCatalog.Of([], []);
        var loader = new ViewLoader(
            _source, session, catalog, statement.Reads, new DeclaredMembers(request.Declared), limits.MaxRows);
        var views = statement.Resolve(catalog);
        request.Reading?.Invoke([.. views.Select(static view => view.Name).Order(StringComparer.Ordinal)]);
        var position = await loader.Load(views, cancellationToken).ConfigureAwait(false);
        return read(new StatementRun(session, statement, limits), new(position, views), cancellationToken);
    }

    private SqlOptions LimitsOf(SqlRequest request)
    {
        if (request.MaxRows is < 1)
            throw new SqlException("The maximum number of rows must be at least 1.");
        if (request.TimeLimit is { } time && time <= TimeSpan.Zero)
            throw new SqlException("The time limit must be greater than 0.");
        var limits = _options.Copy();
        limits.TimeLimit = request.TimeLimit < limits.TimeLimit ? request.TimeLimit.Value : limits.TimeLimit;
        limits.MaxRows = Math.Min(request.MaxRows ?? int.MaxValue, limits.MaxRows);
        return limits;
    }
}

/// <summary>The result of an export to a file.</summary>
/// <param name="Rows">The number of rows in the file.</param>
/// <param name="IsCut">Whether the statement had more rows than the limit allows.</param>
/// <param name="Position">The position of the log up to which the statement saw events.</param>
public sealed record SqlExport(long Rows, bool IsCut, long Position);
