using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>The immediate views of a collection of a read model, in one run of its projection.</summary>
internal sealed class ImmediateFollowers(
    EventStore store, string source, IReadOnlyList<ImmediateFollower> views, Action ended)
    : IDocumentFollower
{
    private long _position; // The checkpoint after the next commit.
    private int _first; // The view that works first.

    public DateTimeOffset? NextDue => views.Min(static view => view.NextDue);

    public async ValueTask Start(long leaseEpoch, long? checkpoint, CancellationToken cancellationToken)
    {
        // A collection that was dropped and created again has another revision.
        await store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        foreach (var view in views)
            await view.Start(leaseEpoch, checkpoint, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<DocumentChange>> Follow(
        IReadOnlyList<DocumentChange> documents, long position, CancellationToken cancellationToken)
    {
        _position = position;
        var changed = new ChangedDocuments(store, source, documents);
        var changes = new List<DocumentChange>();
        foreach (var view in views)
            changes.AddRange(await view.Follow(changed, position, cancellationToken).ConfigureAwait(false));
        return changes;
    }

    public async ValueTask<IReadOnlyList<DocumentChange>> Work(long position, CancellationToken cancellationToken)
    {
        _position = position;
        foreach (var view in views)
            view.Forget();
        // A build is always due. It must not delay the others.
        _first = (_first + 1) % views.Count;
        var due = Enumerable.Range(_first, views.Count)
            .Select(index => views[index % views.Count])
            .OrderByDescending(static view => view.MustConfirm);
        foreach (var view in due)
        {
            if (view.NextDue <= store.Time.GetUtcNow()
                && await view.Work(position, cancellationToken).ConfigureAwait(false) is { Count: > 0 } changes)
                return changes;
        }
        return [];
    }

    public IReadOnlyList<DocumentChange>? Abandon(Exception exception)
    {
        var changes = new List<DocumentChange>();
        var isCaused = true;
        foreach (var view in views)
        {
            if (!view.HasPending)
                continue;
            if (view.Abandon(exception) is { } others)
                changes.AddRange(others);
            else
                isCaused = false;
        }
        return isCaused ? changes : null;
    }

    public void Committed(long documentVersion)
    {
        foreach (var view in views)
            view.Committed(documentVersion, _position);
    }

    public void End() => ended();
}
