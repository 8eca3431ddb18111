using Millrace.Storage;

namespace Millrace;

/// <summary>Requests that are to be committed together, and which others may join them.</summary>
internal sealed class OpenBatch(StoreOptions options, bool isInProcess)
{
    // SQL has its time while nothing else is written, and on a server each is a round trip.
    private const int MaxStatementsInProcess = 1_000;
    private const int MaxStatementsAtServer = 32;

    private readonly List<PendingCommit> _requests = [];
    private int _events;
    private int _statements;
    private bool _removes;

    public IReadOnlyList<PendingCommit> Requests => _requests;

    public int Count => _requests.Count;

    public bool HasStatements => _statements > 0;

    public void Add(PendingCommit pending)
    {
        _requests.Add(pending);
        _events += pending.Events;
        _statements += pending.Request.Statements.Count;
        _removes |= pending.Request.Removals.Count > 0;
    }

    public void Clear()
    {
        _requests.Clear();
        (_events, _statements, _removes) = (0, 0, false);
    }

    /// <summary>Whether a request may be committed with those that are here.</summary>
    public bool HasRoomFor(PendingCommit next) =>
        Count == 0
        || (Count < options.MaxBatchRequests && _events + next.Events <= options.MaxBatchEvents
            && FitsWithRemovals(next.Request) && FitsWithStatements(next.Request));

    /// <summary>Behind a removal facts of the store still tell of the events that it removes.</summary>
    private bool FitsWithRemovals(CommitRequest next) =>
        !_removes || (next.Appends.Count == 0 && next.Conditions.Count == 0);

    /// <summary>Those with SQL of the user's own go by themselves, and what consumers do by SQL goes alone.</summary>
    private bool FitsWithStatements(CommitRequest next)
    {
        var first = _requests[0].Request;
        if (first.Statements.Count == 0 || next.Statements.Count == 0)
            return first.Statements.Count == next.Statements.Count;
        return first.Checkpoint is null && next.Checkpoint is null
            && _statements + next.Statements.Count <= (isInProcess ? MaxStatementsInProcess : MaxStatementsAtServer);
    }
}
