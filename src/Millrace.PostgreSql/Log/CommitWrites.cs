using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.DeadLettering;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Writes the accepted requests of a decision, one kind of row after the other: each table once, with the final state
/// of each row.
/// </summary>
internal sealed class CommitWrites(Tables tables)
{
    private const int MarksBeforeCleanup = 500;
    // More than usually expire between two commits, so that a backlog shrinks.
    private const int MaxExpiredPerCommit = 2_000;

    private static readonly TimeSpan CleanupInterval = TimeSpan.FromSeconds(10);

    private readonly DeadLetterTable _deadLetters = new(tables);
    private readonly RemovalWrites _removals = new(tables);
    private readonly ReplacementWrites _replacements = new(tables);
    private readonly string _insertEvents = EventArrays.Insert(tables);
    private readonly string _takeClaims = $"""
        INSERT INTO {tables.Claims} (scope, value, owner) SELECT * FROM unnest($1, $2, $3)
        ON CONFLICT (scope, value) DO UPDATE SET owner = excluded.owner
        """;
    private readonly string _releaseClaims =
        $"DELETE FROM {tables.Claims} WHERE (scope, value) IN (SELECT * FROM unnest($1, $2))";
    private readonly string _setHandled = $"""
        INSERT INTO {tables.Handled} (scope, id, answer, position, until) SELECT * FROM unnest($1, $2, $3, $4, $5)
        ON CONFLICT (scope, id) DO UPDATE SET answer = excluded.answer, position = excluded.position, until = excluded.until
        """;
    // The facts have locked each existing row that they read. A row that did not exist must still be missing; otherwise
    // the statement fails and the commit is retried.
    private readonly string _moveCheckpoints = $"""
        UPDATE {tables.Consumers} c SET checkpoint = u.checkpoint FROM unnest($1, $2, $3) AS u (consumer, partition, checkpoint)
        WHERE c.consumer = u.consumer AND c.partition = u.partition
        """;
    private readonly string _addCheckpoints = $"""
        INSERT INTO {tables.Consumers} (consumer, partition, checkpoint) SELECT * FROM unnest($1, $2, $3)
        """;
    private readonly string _removeExpired = $"""
        DELETE FROM {tables.Handled} WHERE (scope, id) IN (
            SELECT scope, id FROM {tables.Handled} WHERE until <= $1 ORDER BY until LIMIT {MaxExpiredPerCommit})
        """;
    private DateTimeOffset _lastCleanup;
    private int _marksSinceCleanup;

    /// <summary>Adds the statements that write the accepted requests of a batch.</summary>
    public void Add(
        NpgsqlBatch target, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts,
        IReadOnlyCollection<DocumentWrites> documents)
    {
        AddLog(target, batch, outcomes, facts);
        AddClaims(target, batch, outcomes, facts);
        foreach (var writes in documents)
            writes.AddTo(target);
        AddHandled(target, batch, outcomes, facts);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result != CommitResult.Committed)
                continue;
            foreach (var change in batch[i].DeadLetters)
                _deadLetters.Write(target, change);
        }
        AddCheckpoints(target, batch, outcomes, facts);
    }

    /// <summary>
    /// Adds events and removals in the order of the requests: a removal sees events that earlier requests appended. A
    /// stream is opened again after its events, because a backup records the change with the last position of the log.
    /// </summary>
    private void AddLog(
        NpgsqlBatch target, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts)
    {
        var heads = new Dictionary<StreamId, StreamHead>();
        var reopened = new List<StreamId>();
        var (from, hasRemovals) = (0, false);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result != CommitResult.Committed)
                continue;
            for (var j = 0; j < batch[i].Appends.Count; j++)
                NoteAppend(batch[i].Appends[j].Stream, outcomes[i].Placements[j], heads, reopened, facts);
            if (batch[i].Removals.Count == 0 && batch[i].Replacements.Count == 0 && reopened.Count == 0)
                continue;
            AddEvents(target, batch, outcomes, from, i + 1);
            from = i + 1;
            reopened.ForEach(stream => _removals.AddReopening(target, stream));
            reopened.Clear();
            _replacements.Add(target, batch[i].Replacements);
            hasRemovals |= batch[i].Removals.Count > 0;
            foreach (var removal in batch[i].Removals)
            {
                var head = heads.TryGetValue(removal.Stream, out var noted) ? noted : facts.GetStream(removal.Stream);
                heads[removal.Stream] = _removals.Add(target, removal, head, outcomes[i].Timestamp);
            }
        }
        AddEvents(target, batch, outcomes, from, outcomes.Length);
        if (hasRemovals)
            target.Add($"UPDATE {tables.Header} SET turn = turn + 1");
    }

    private static void NoteAppend(
        StreamId stream,
        AppendPlacement placement,
        Dictionary<StreamId, StreamHead> heads,
        List<StreamId> reopened,
        BatchFacts facts)
    {
        var head = heads.TryGetValue(stream, out var noted) ? noted : facts.GetStream(stream);
        if (head.State == StreamState.Deleted)
            reopened.Add(stream);
        heads[stream] = new StreamHead(placement.LastVersion, head.FirstVersion, StreamState.Open);
    }

    private void AddEvents(
        NpgsqlBatch target, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, int from, int to)
    {
        var count = EventArrays.CountEvents(batch, outcomes, from, to);
        if (count == 0)
            return;
        var events = EventArrays.Of(batch, outcomes, from, to, count);
        var command = target.Add(_insertEvents);
        events.PutInto(command.Parameters, 0, withOptional: true);
        events.PutTimesInto(command.Parameters, 0);
    }

    private void AddClaims(
        NpgsqlBatch target, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts)
    {
        Dictionary<(string Scope, string Value), string?>? owners = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result != CommitResult.Committed)
                continue;
            foreach (var claim in batch[i].Claims)
            {
                owners ??= [];
                var key = (claim.Scope, claim.Value);
                if (!claim.IsRelease)
                    owners[key] = claim.Owner;
                else if ((owners.TryGetValue(key, out var owner) ? owner : facts.FindClaim(claim.Scope, claim.Value))
                    == claim.Owner)
                    owners[key] = null;
            }
        }
        if (owners is null)
            return;
        var takenScopes = new List<string>();
        var takenValues = new List<string>();
        var takers = new List<string>();
        var freeScopes = new List<string>();
        var freeValues = new List<string>();
        foreach (var ((scope, value), owner) in owners)
        {
            (owner is null ? freeScopes : takenScopes).Add(scope);
            (owner is null ? freeValues : takenValues).Add(value);
            if (owner is not null)
                takers.Add(owner);
        }
        if (takers.Count > 0)
            target.Add(_takeClaims).With(takenScopes).With(takenValues).With(takers);
        if (freeScopes.Count > 0)
            target.Add(_releaseClaims).With(freeScopes).With(freeValues);
    }

    private void AddHandled(
        NpgsqlBatch target, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts)
    {
        Dictionary<(string Scope, string Id), (HandledMark Mark, long Position)>? marks = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            for (var j = 0; outcomes[i].Result == CommitResult.Committed && j < batch[i].Handled.Count; j++)
            {
                var mark = batch[i].Handled[j];
                (marks ??= [])[(mark.Scope, mark.Id)] = (mark, outcomes[i].Position);
            }
        }
        if (marks is null)
            return;
        var scopes = new List<string>(marks.Count);
        var ids = new List<string>(marks.Count);
        var answers = new List<ReadOnlyMemory<byte>>(marks.Count);
        var positions = new List<long>(marks.Count);
        var untils = new List<DateTime>(marks.Count);
        foreach (var (mark, position) in marks.Values)
        {
            scopes.Add(mark.Scope);
            ids.Add(mark.Id);
            answers.Add(mark.Answer);
            positions.Add(position);
            untils.Add(mark.Until.UtcDateTime);
        }
        target.Add(_setHandled).With(scopes).With(ids).With(answers).With(positions).With(untils);
        _marksSinceCleanup += marks.Count;
        if (_marksSinceCleanup < MarksBeforeCleanup && (facts.Now - _lastCleanup).Duration() < CleanupInterval)
            return;
        _lastCleanup = facts.Now;
        _marksSinceCleanup = 0;
        target.Add(_removeExpired).With(facts.Now.UtcDateTime);
    }

    private void AddCheckpoints(
        NpgsqlBatch target, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts)
    {
        Dictionary<(string Consumer, int Partition), CheckpointMove>? moves = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed && batch[i].Checkpoint is { } move)
                (moves ??= [])[(move.Consumer, move.Partition)] = move;
        }
        if (moves is null)
            return;
        AddMoves(target, _moveCheckpoints, moves, facts, areNew: false);
        AddMoves(target, _addCheckpoints, moves, facts, areNew: true);
    }

    /// <summary>Adds the checkpoint moves of consumers with a row, or of those without one.</summary>
    private static void AddMoves(
        NpgsqlBatch target,
        string sql,
        Dictionary<(string Consumer, int Partition), CheckpointMove> moves,
        BatchFacts facts,
        bool areNew)
    {
        var consumers = new List<string>();
        var partitions = new List<int>();
        var checkpoints = new List<long>();
        foreach (var move in moves.Values)
        {
            if (facts.HasCheckpoint(move.Consumer, move.Partition) == areNew)
                continue;
            consumers.Add(move.Consumer);
            partitions.Add(move.Partition);
            checkpoints.Add(move.To);
        }
        if (consumers.Count > 0)
            target.Add(sql).With(consumers).With(partitions).With(checkpoints);
    }

    /// <summary>Returns the documents of the accepted requests, grouped by collection.</summary>
    public static IReadOnlyCollection<DocumentWrites> DocumentsOf(
        IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts)
    {
        Dictionary<string, DocumentWrites>? collections = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result != CommitResult.Committed)
                continue;
            foreach (var change in batch[i].Documents)
            {
                collections ??= new Dictionary<string, DocumentWrites>(StringComparer.Ordinal);
                if (!collections.TryGetValue(change.Collection, out var writes))
                {
                    var collection =
                        facts.Collections.GetValueOrDefault(change.Collection)
                        ?? throw Collections.Missing(change.Collection);
                    collections.Add(change.Collection, writes = new DocumentWrites(collection));
                }
                writes.Add(change, outcomes[i]);
            }
        }
        return collections is null ? [] : collections.Values;
    }
}
