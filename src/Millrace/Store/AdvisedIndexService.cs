using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Builds declared and advised indexes that collections lack: those of new collections and rebuilds, and those of all
/// collections after a move or a restore. Consumers do not wait for them, because an index only makes queries faster,
/// and a build can take hours. A build that would stop all writes for long is reported, and left to an operator.
/// </summary>
internal sealed partial class AdvisedIndexService(
    EventStore store, IndexBuildGate gate, ILogger<AdvisedIndexService> logger)
    : IStoreService, IDisposable
{
    /// <summary>The maximum number of documents for a build that stops all writes: it takes milliseconds.</summary>
    public const int MaxBlockingDocuments = 10_000;

    private const int MaxAttempts = 3;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMinutes(1);

    private readonly AdvisedIndexStore _indexes = new(store);
    private readonly Dictionary<(string Collection, string Name), long> _undeclaredSince = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _isBuilding;

    /// <summary>Gets whether an index is being built now.</summary>
    public bool IsBuilding => _isBuilding;

    /// <summary>
    /// Gets the time after which a node removes an index that its code does not declare; one day by default.
    /// </summary>
    internal TimeSpan DropAfter { get; init; } = TimeSpan.FromDays(1);

    public Task Start(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Cancels a build. The next start of a node builds the index again.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task Run(CancellationToken cancellationToken)
    {
        while (true)
        {
            var request = await store.IndexRequests.Take(cancellationToken).ConfigureAwait(false);
            for (var attempt = 1; !await TryBuild(request, cancellationToken).ConfigureAwait(false); attempt++)
            {
                if (attempt == MaxAttempts)
                    break;
                await Task.Delay(RetryDelay, store.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<bool> TryBuild(IndexRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await ChangeDeclared(request, cancellationToken).ConfigureAwait(false);
            await BuildMissing(request.Collection, cancellationToken).ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // Queries work without an index, so no failure may end the service.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, request.Collection.Name, exception);
            return false;
        }
    }

    /// <summary>
    /// Builds the declared indexes that a collection lacks, and removes those that have not been declared for long. An
    /// index of the same fields with another name is enough.
    /// </summary>
    private async ValueTask ChangeDeclared(IndexRequest request, CancellationToken cancellationToken)
    {
        if (request.Declared is not { } wanted || store.Storage.Planner?.Indexes is not { } indexes)
            return;
        var collection = request.Collection.Name;
        var existing = await indexes.List(collection, cancellationToken).ConfigureAwait(false);
        foreach (var index in wanted.Where(index => !existing.Any(known => known.Fields.SequenceEqual(index.Fields))))
        {
            if (!indexes.CanBuild)
                Log.CannotBuildDeclared(logger, index.Name, collection);
            else if (await StopsWritesForLong(indexes, collection, cancellationToken).ConfigureAwait(false))
                Log.DeclaredMissing(logger, index.Name, collection, MaxBlockingDocuments);
            else
                await Build(indexes, collection, index, cancellationToken).ConfigureAwait(false);
        }
        if (indexes.CanBuild)
            await DropUndeclared(indexes, request, wanted, existing, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes the indexes that have not been declared for long. Meanwhile, nodes of another version may declare them,
    /// for example during a deployment.
    /// </summary>
    private async ValueTask DropUndeclared(
        IDocumentIndexes indexes,
        IndexRequest request,
        IReadOnlyList<DocumentIndex> wanted,
        IReadOnlyList<DocumentIndex> existing,
        CancellationToken cancellationToken)
    {
        var collection = request.Collection.Name;
        foreach (var index in wanted)
            _undeclaredSince.Remove((collection, index.Name));
        foreach (var index in existing.Where(known => known.IsDeclared && wanted.All(one => one.Name != known.Name)))
        {
            var key = (collection, index.Name);
            if (!_undeclaredSince.TryGetValue(key, out var since))
            {
                _undeclaredSince[key] = since = store.Time.GetTimestamp();
                _ = RequestLater(request, cancellationToken);
            }
            if (store.Time.GetElapsedTime(since) < DropAfter)
                continue;
            if (await indexes.Drop(collection, index.Name, cancellationToken).ConfigureAwait(false))
                Log.Dropped(logger, index.Name, collection);
            _undeclaredSince.Remove(key);
        }
    }

    private async Task RequestLater(IndexRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(DropAfter + TimeSpan.FromSeconds(1), store.Time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested)
            store.IndexRequests.Add(request.Collection, request.Declared);
    }

    private async ValueTask<bool> StopsWritesForLong(
        IDocumentIndexes indexes, string collection, CancellationToken cancellationToken) =>
        indexes.BuildStopsWrites
        && await store.Storage.Documents.Count(collection, [], cancellationToken).ConfigureAwait(false)
        > MaxBlockingDocuments;

    private async ValueTask BuildMissing(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        var wanted = await _indexes.FindWanted(collection, cancellationToken).ConfigureAwait(false);
        if (wanted.Count == 0 || store.Storage.Planner?.Indexes is not { } indexes)
            return;
        var existing = await indexes.List(collection.Name, cancellationToken).ConfigureAwait(false);
        foreach (var index in wanted)
        {
            if (!existing.Any(known => known.Name == index.Name)
                && !await TryBuild(indexes, collection, index, cancellationToken).ConfigureAwait(false))
                continue;
            await _indexes.SetBuilt(index.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Builds an index, or reports that it is missing and returns false.</summary>
    private async ValueTask<bool> TryBuild(
        IDocumentIndexes indexes,
        CollectionDefinition collection,
        AdvisedIndex index,
        CancellationToken cancellationToken)
    {
        if (!indexes.CanBuild)
        {
            Log.CannotBuild(logger, index.Name, collection.Name);
            return false;
        }
        if (await StopsWritesForLong(indexes, collection.Name, cancellationToken).ConfigureAwait(false))
        {
            Log.Missing(logger, index.Name, collection.Name, MaxBlockingDocuments, index.Name);
            return false;
        }
        await Build(indexes, collection.Name, new DocumentIndex(index.Name, index.Fields), cancellationToken)
            .ConfigureAwait(false);
        return true;
    }

    private async ValueTask Build(
        IDocumentIndexes indexes, string collection, DocumentIndex index, CancellationToken cancellationToken)
    {
        Log.Building(logger, index.Name, collection);
        await gate.Enter(cancellationToken).ConfigureAwait(false);
        try
        {
            _isBuilding = true;
            var started = store.Time.GetTimestamp();
            await indexes.Create(collection, index, cancellationToken).ConfigureAwait(false);
            var duration = store.Time.GetElapsedTime(started);
            Log.Built(logger, index.Name, collection, duration);
        }
        finally
        {
            _isBuilding = false;
            gate.Leave();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 19002,
            Level = LogLevel.Warning,
            Message = "The indexes of {Collection} could not be built. Queries are slower until a further "
                + "attempt or the next start of a node succeeds. 'millrace advise remove' removes an advised index.")]
        public static partial void Failed(ILogger logger, string collection, Exception exception);

        [LoggerMessage(
            EventId = 19003,
            Level = LogLevel.Warning,
            Message = "The advised index {Index} of {Collection} is missing. It is not built automatically, because "
                + "all writes would wait, and there are more than {MaxDocuments} documents. To build it, run 'millrace "
                + "advise apply {Name}'.")]
        public static partial void Missing(
            ILogger logger, string index, string collection, int maxDocuments, string name);

        [LoggerMessage(
            EventId = 19004,
            Level = LogLevel.Warning,
            Message = "The advised index {Index} of {Collection} is missing, and cannot be built through a pool of "
                + "statements. Run 'millrace advise apply' with a direct connection to the database.")]
        public static partial void CannotBuild(ILogger logger, string index, string collection);

        [LoggerMessage(
            EventId = 19005,
            Level = LogLevel.Information,
            Message = "The index {Index} of {Collection} is missing. It is built when no other index is being "
                + "built.")]
        public static partial void Building(ILogger logger, string index, string collection);

        [LoggerMessage(
            EventId = 19006,
            Level = LogLevel.Information,
            Message = "The index {Index} of {Collection} was built in {Duration}.")]
        public static partial void Built(ILogger logger, string index, string collection, TimeSpan duration);

        [LoggerMessage(
            EventId = 19007,
            Level = LogLevel.Warning,
            Message = "The declared index {Index} of {Collection} is missing, and cannot be built through a pool of "
                + "statements. Start a node with a direct connection to the database.")]
        public static partial void CannotBuildDeclared(ILogger logger, string index, string collection);

        [LoggerMessage(
            EventId = 19009,
            Level = LogLevel.Warning,
            Message = "The declared index {Index} of {Collection} is missing. It is not built automatically, because "
                + "all writes would wait, and there are more than {MaxDocuments} documents. 'millrace advise' proposes "
                + "an index of the same fields for recorded queries, and 'millrace advise apply' builds it. A new "
                + "version of the projection also has the index.")]
        public static partial void DeclaredMissing(
            ILogger logger, string index, string collection, int maxDocuments);

        [LoggerMessage(
            EventId = 19008,
            Level = LogLevel.Information,
            Message = "The index {Index} of {Collection} was removed, because it is no longer declared.")]
        public static partial void Dropped(ILogger logger, string index, string collection);
    }
}
