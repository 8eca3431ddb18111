using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// A batch of requests that are committed together. The batch decides whether it can accept another request.
/// </summary>
internal sealed class OpenBatch(StoreOptions options, bool isInProcess)
{
    // While the SQL of requests runs, all other writes wait. With a database server, each statement also needs a round
    // trip.
    private const int MaxStatementsInProcess = 1_000;
    private const int MaxStatementsAtServer = 32;

    private readonly List<PendingCommit> _requests = [];
    private int _events;
    private int _statements;
    private bool _hasRemovals;

    public IReadOnlyList<PendingCommit> Requests => _requests;

    public int Count => _requests.Count;

    public bool HasStatements => _statements > 0;

    public void Add(PendingCommit pending)
    {
        _requests.Add(pending);
        _events += pending.Events;
        _statements += pending.Request.Statements.Count;
        _hasRemovals |= pending.Request.Removals.Count > 0;
    }

    public void Clear()
    {
        _requests.Clear();
        _events = 0;
        _statements = 0;
        _hasRemovals = false;
    }

    /// <summary>Returns whether a request may be committed with the requests in the batch.</summary>
    public bool HasRoomFor(PendingCommit next) =>
        Count == 0
        || (Count < options.MaxBatchRequests && _events + next.Events <= options.MaxBatchEvents
            && FitsWithRemovals(next.Request) && FitsWithStatements(next.Request));

    /// <summary>
    /// Returns whether removals in the batch allow the request. The store's facts still include events that the same
    /// batch removes, so they would be wrong for a request that depends on these events.
    /// </summary>
    private bool FitsWithRemovals(CommitRequest next) =>
        !_hasRemovals || (next.Appends.Count == 0 && next.Conditions.Count == 0);

    /// <summary>
    /// Requests with SQL are batched separately, and requests of consumers with SQL are committed alone.
    /// </summary>
    private bool FitsWithStatements(CommitRequest next)
    {
        var first = _requests[0].Request;
        if (first.Statements.Count == 0 || next.Statements.Count == 0)
            return first.Statements.Count == next.Statements.Count;
        return first.Checkpoint is null && next.Checkpoint is null
            && _statements + next.Statements.Count <= (isInProcess ? MaxStatementsInProcess : MaxStatementsAtServer);
    }
}
