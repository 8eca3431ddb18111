using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The projections of a store on all its nodes: how they stand, and how they are rebuilt. Safe to use from several threads.
/// </summary>
public sealed class Projections
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);

    private readonly ConsumerHost _host;
    private readonly Consumers _consumers;
    private readonly ProgressWaiter _waiter;

    private readonly IReadOnlyList<ProjectionDefinition> _definitions;

    internal Projections(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
    {
        (_host, _definitions) = (host, definitions);
        (_consumers, _waiter) = (new Consumers(host), new ProgressWaiter(host));
    }

    internal IReadOnlyList<ProjectionDefinition> Definitions => _definitions;

    private IStorage Storage => _host.Store.Storage;

    /// <summary>The projections that other nodes run on a store, for tools that run none themselves.</summary>
    public static Projections Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Projections(ConsumerHost.Idle(store), []);
    }

    /// <summary>All projections that have documents, or could have.</summary>
    public async ValueTask<IReadOnlyList<ProjectionStatus>> List(CancellationToken cancellationToken = default)
    {
        var consumers = new Dictionary<string, ConsumerStatus>(StringComparer.Ordinal);
        foreach (var status in await _consumers.List(cancellationToken).ConfigureAwait(false))
            consumers[status.Name] = status;
        var projections = new List<ProjectionStatus>();
        foreach (var collection in await Storage.Documents.List(cancellationToken).ConfigureAwait(false))
        {
            // Other collections, such as those of snapshots, have no consumer.
            if (consumers.TryGetValue(collection.Definition.Name, out var consumer))
                projections.Add(new ProjectionStatus { Collection = consumer.Name, Documents = collection.Documents, Consumer = consumer });
        }
        return projections;
    }

    /// <summary>
    /// Removes the documents of a projection and has them built again from the first event; returns when the end of the log, as it was
    /// when this began, is reached.
    /// </summary>
    /// <remarks>
    /// Documents and checkpoint go in one transaction. Reads go on: they find the documents built so far, and are answered stale. The
    /// work is done by the node that runs the projection; giving up here only ends the waiting, and pausing the consumer interrupts the
    /// work.
    /// </remarks>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <param name="progress">Told a few times a second how far it is; null for nobody.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ProjectionNotFoundException">There is no such projection.</exception>
    public async Task Rebuild(
        string collection, IProgress<RebuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        await Clear(collection, cancellationToken).ConfigureAwait(false);
        var total = (await Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var started = _host.Store.Time.GetTimestamp();
        for (var done = 0L; done < total;)
        {
            done = await _waiter.Wait(collection, total, ReportEvery, cancellationToken).ConfigureAwait(false);
            var seconds = _host.Store.Time.GetElapsedTime(started).TotalSeconds;
            var pace = seconds > 0 ? Math.Min(done, total) / seconds : 0;
            TimeSpan? left = pace > 0 ? TimeSpan.FromSeconds(Math.Max(0, total - done) / pace) : null;
            progress?.Report(new RebuildProgress(Math.Min(done, total), total, pace, left));
        }
    }

    /// <summary>Folds the whole log again and compares the result with the documents, while both are in use.</summary>
    /// <param name="collection">A projection of this application, stored, with its version: <c>daily-sales@1</c>.</param>
    /// <param name="wait">How long to wait for the documents to reach the end of the log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProjectionNotFoundException">This application has no such projection, or its documents are not stored.</exception>
    /// <exception cref="TimeoutException">The documents did not get there in time.</exception>
    public async Task<ReadModelCheck> Check(string collection, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var definition = _definitions.FirstOrDefault(one => one.Collection == collection && one.Lifecycle != ProjectionLifecycle.Live)
            ?? throw new ProjectionNotFoundException(collection);
        var token = await _host.Store.GetToken(cancellationToken).ConfigureAwait(false);
        if (!await _consumers.WaitFor(collection, token, wait, cancellationToken).ConfigureAwait(false))
            throw new TimeoutException($"The projection '{collection}' did not reach the end of the log within {wait}.");
        return await definition.Check(_host.Store, token.Position, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Clear(string collection, CancellationToken cancellationToken)
    {
        var isThere = false;
        foreach (var projection in await List(cancellationToken).ConfigureAwait(false))
            isThere |= projection.Collection == collection;
        if (!isThere)
            throw new ProjectionNotFoundException(collection);
        // The lease is taken before, so that no reader takes the emptied model for fresh, and after, so that whoever began in between
        // is fenced
        // off: what it wrote it will find, and pass over.
        await Storage.Leases.Reset(collection, 0, cancellationToken).ConfigureAwait(false);
        await Storage.Documents.Clear(collection, collection, cancellationToken).ConfigureAwait(false);
        await _consumers.Reset(collection, 0, cancellationToken).ConfigureAwait(false);
    }
}
