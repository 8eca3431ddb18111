using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Materializing.Immediate;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Removes the former collections of views.</summary>
internal sealed class ViewCollectionCleaner(ConsumerHost host, ViewStore states, ILogger logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _retryAfter = new(StringComparer.Ordinal);

    /// <summary>
    /// Removes the former collections of a view whose time has passed. One that cannot be removed, for example because
    /// a dump reads it, is tried again after a pause, and does not keep the others.
    /// </summary>
    public async ValueTask RemoveReplaced(ViewRecord record, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        foreach (var replaced in record.Replaced)
        {
            if (replaced.Until <= now && await TryDrop(replaced.Name, now, cancellationToken).ConfigureAwait(false))
                removed.Add(replaced.Name);
        }
        if (removed.Count > 0)
            await NoteRemoved(record.Key, removed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes a declaration of a view with its collections. The state is removed last, so that it names the remaining
    /// collections if the removal is interrupted.
    /// </summary>
    public async ValueTask RemoveAll(ViewRecord record, CancellationToken cancellationToken)
    {
        var key = record.Key;
        if (record.IsDamaged)
        {
            // The nodes later remove its collections, which no state names any more.
            await states.Remove(key, cancellationToken).ConfigureAwait(false);
            return;
        }
        var now = await host.Clock.Now(cancellationToken).ConfigureAwait(false);
        var removing = await states
            .Change(key, stored => stored is null ? null : WithoutRows(stored, now), cancellationToken)
            .ConfigureAwait(false);
        if (removing is null)
            return;
        List<string> removed = [.. removing.Replaced.Select(static replaced => replaced.Name)];
        // Without the state, the projection does not write the rows any more.
        if (record is { Policy: ImmediateCatalog.Policy, Sources: [var source] })
            await new ImmediateStateStore(host.Store).Remove(key, source, removed, cancellationToken)
                .ConfigureAwait(false);
        foreach (var collection in removed)
            await Drop(collection, now, cancellationToken).ConfigureAwait(false);
        await NoteRemoved(key, removed, cancellationToken).ConfigureAwait(false);
        await states
            .RemoveIf(key, static rest => rest is { Live: null, Building: null, Replaced.Count: 0 }, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Removes collections of declared views that no state names, which a suspended node has created.
    /// </summary>
    public async ValueTask RemoveUnlisted(IReadOnlyList<string> views, CancellationToken cancellationToken)
    {
        // The collections are read first: the state names each collection before it is created.
        var all = await host.Store.Storage.Documents.List(cancellationToken).ConfigureAwait(false);
        var own = all.Select(info => info.Definition.Name).Where(name => IsOf(views, name)).ToArray();
        if (own.Length == 0)
            return;
        var records = await states.List(cancellationToken).ConfigureAwait(false);
        if (records.Any(record => record.IsDamaged))
            return; // Its collections are unknown.
        var listed = records.SelectMany(record => record.Collections).ToHashSet(StringComparer.Ordinal);
        var now = await host.Clock.Now(cancellationToken).ConfigureAwait(false);
        foreach (var collection in own)
        {
            if (!listed.Contains(collection))
                await TryDrop(collection, now, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns whether a collection belongs to one of the views and to no read model.</summary>
    private bool IsOf(IReadOnlyList<string> views, string collection) =>
        views.Any(view => CollectionName.NameOf(collection) == ViewComputation.CollectionNameOf(view))
        && host.Store.ReadModels.Find(CollectionName.NameOf(collection)) is null;

    private static ViewRecord WithoutRows(ViewRecord stored, DateTimeOffset now) => stored with
    {
        Live = null,
        Building = null,
        RefreshedAt = null,
        Rows = 0,
        Replaced = [.. stored.Collections.Select(name => new ReplacedCollection(name, now))],
    };

    private async ValueTask NoteRemoved(string key, List<string> removed, CancellationToken cancellationToken) =>
        await states
            .Change(
                key,
                stored => stored is null ? null : stored with
                {
                    Replaced = [.. stored.Replaced.Where(replaced => !removed.Contains(replaced.Name))],
                },
                cancellationToken)
            .ConfigureAwait(false);

    private async ValueTask<bool> TryDrop(string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_retryAfter.TryGetValue(collection, out var until) && now < until)
            return false;
        try
        {
            await Drop(collection, now, cancellationToken).ConfigureAwait(false);
            _retryAfter.TryRemove(collection, out _);
            return true;
        }
        catch (StorageException exception)
        {
            _retryAfter[collection] = now + RetryDelay;
            ViewLog.CannotRemove(logger, collection, exception);
            return false;
        }
    }

    /// <summary>Removes a collection; no effect if it does not exist.</summary>
    private async ValueTask Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await host.Store.Storage.Documents.Drop(collection, now, cancellationToken).ConfigureAwait(false);
        ViewLog.Removed(logger, collection);
    }
}
