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
    private ImmediateFollower[] _suspects = []; // The views whose rows the storage may have refused.
    private RefusedRowSearch? _search;

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
        StartCommit(position);
        var changed = new ChangedDocuments(store, source, documents);
        foreach (var view in views)
            await view.Follow(changed, position, cancellationToken).ConfigureAwait(false);
        return Writes();
    }

    public async ValueTask<IReadOnlyList<DocumentChange>> Work(long position, CancellationToken cancellationToken)
    {
        StartCommit(position);
        foreach (var view in views)
            view.Forget();
        // A build is always due. It must not delay the others.
        _first = (_first + 1) % views.Count;
        var due = Enumerable.Range(_first, views.Count)
            .Select(index => views[index % views.Count])
            .OrderByDescending(static view => view.MustConfirm);
        foreach (var view in due)
        {
            if (view.NextDue > store.Time.GetUtcNow())
                continue;
            await view.Work(position, cancellationToken).ConfigureAwait(false);
            if (view.Writes is { Count: > 0 } writes)
                return writes;
        }
        return [];
    }

    public IReadOnlyList<DocumentChange>? Repeat(Exception exception)
    {
        foreach (var view in views.Where(static view => view.Writes.Count > 0))
            view.CommitFailed(exception);
        if (!ImmediateFailures.CanBeOfRows(exception))
            return null;
        if (_search is null)
        {
            _suspects = [.. views.Where(static view => view.HasPlannedRows)];
            if (_suspects.Length == 0)
                return null;
            _search = new RefusedRowSearch(_suspects.Length);
        }
        if (_search.Next(exception) is not { } refused)
            return null;
        for (var i = 0; i < _suspects.Length; i++)
        {
            if (refused.TryGetValue(i, out var reason))
                _suspects[i].LeaveOut(reason);
            else
                _suspects[i].Include();
        }
        return Writes();
    }

    public void Committed(long documentVersion)
    {
        foreach (var view in views)
            view.Committed(documentVersion, _position);
    }

    public void End() => ended();

    private void StartCommit(long position)
    {
        _position = position;
        _search = null;
    }

    private IReadOnlyList<DocumentChange> Writes() => [.. views.SelectMany(static view => view.Writes)];
}
