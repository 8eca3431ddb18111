using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>Reads the facts that a batch depends on, in as few round trips as possible: usually one.</summary>
internal sealed class FactReader(Tables tables, Collections collections, LogQueries queries)
{
    /// <summary>The number of document versions reserved for each batch.</summary>
    public const long VersionsInBatch = 1 << 20;

    private readonly string _findEnd = $"""
        SELECT h.turn, clock_timestamp(), e.position, e.recorded_at
        FROM {tables.Header} h LEFT JOIN LATERAL (
            SELECT position, recorded_at FROM {tables.Events} ORDER BY position DESC LIMIT 1) e ON true
        """;
    private readonly string _findInRange =
        $"SELECT EXISTS (SELECT 1 FROM {tables.Events} e WHERE e.stream >= $1 AND e.stream < $2)";
    private readonly string _findStreams = $"""
        SELECT u.stream, e.version, b.first_version, b.state
        FROM unnest($1) AS u (stream)
        LEFT JOIN LATERAL (
            SELECT version FROM {tables.Events} e WHERE e.stream = u.stream ORDER BY e.version DESC LIMIT 1) e ON true
        LEFT JOIN {tables.StreamBounds} b ON b.stream = u.stream
        WHERE e.version IS NOT NULL
        """;
    private readonly string _findLocations = $"""
        SELECT e.stream, e.id, e.version, e.position FROM unnest($1, $2) AS u (stream, id)
        JOIN {tables.Events} e ON e.id = u.id AND e.stream = u.stream
        """;
    private readonly string _findClaims = $"""
        SELECT c.scope, c.value, c.owner FROM unnest($1, $2) AS u (scope, value)
        JOIN {tables.Claims} c ON c.scope = u.scope AND c.value = u.value
        """;
    private readonly string _findHandled = $"""
        SELECT h.scope, h.id, h.answer, h.position, h.until FROM unnest($1, $2) AS u (scope, id)
        JOIN {tables.Handled} h ON h.scope = u.scope AND h.id = u.id
        """;
    private readonly string _findCheckpoints = $"""
        SELECT consumer, partition, lease_epoch, checkpoint FROM {tables.Consumers}
        WHERE (consumer, partition) IN (SELECT * FROM unnest($1, $2)) ORDER BY consumer, partition FOR UPDATE
        """;
    private readonly string _findDeadLetters = $"""
        SELECT d.consumer, d.partition, d.position, d.key, d.id, d.revision
        FROM unnest($1, $2, $3, $4) AS u (consumer, partition, position, key)
        JOIN {tables.DeadLetters} d
            ON d.consumer = u.consumer AND d.partition = u.partition AND d.position = u.position AND d.key = u.key
        ORDER BY d.id FOR UPDATE OF d
        """;
    private readonly string _nextVersions = $"SELECT nextval('{tables.DocumentVersions}')";

    /// <summary>Adds the queries for a batch.</summary>
    public void AddQueries(FactQueryBatch questions, BatchFacts facts, IReadOnlyList<CommitRequest> batch)
    {
        questions.Add(_findEnd, static (row, facts, _) =>
        {
            facts.Generation = row.GetInt64(0);
            facts.Now = row.GetTime(1);
            if (!row.IsDBNull(2))
            {
                facts.LastPosition = row.GetInt64(2);
                facts.LastTimestamp = row.GetTime(3);
            }
        });
        QueryStreams(questions, facts, batch);
        QueryClaims(questions, batch);
        QueryHandled(questions, batch);
        QueryCheckpoints(questions, batch);
        QueryDeadLetters(questions, batch);
        QueryDocuments(questions, facts, batch);
        foreach (var request in batch)
        {
            foreach (var condition in request.Conditions)
                queries.QueryFirst(questions, condition);
        }
    }

    /// <summary>Adds the query for the locations of events whose ids a batch appends to the given streams.</summary>
    public void QueryLocations(
        FactQueryBatch questions,
        BatchFacts facts,
        IReadOnlyList<CommitRequest> batch,
        IReadOnlyCollection<StreamId> requested)
    {
        if (requested.Count == 0)
            return;
        var open = new HashSet<StreamId>(requested);
        var streams = new List<string>();
        var ids = new List<Guid>();
        foreach (var request in batch)
        {
            foreach (var append in request.Appends)
            {
                if (!open.Contains(append.Stream))
                    continue;
                foreach (var appended in append.Events)
                {
                    streams.Add(append.Stream.Value);
                    ids.Add(appended.Id);
                }
            }
        }
        foreach (var stream in open)
            facts.AddStream(stream);
        questions.Add(_findLocations, static (row, facts, _) => facts.AddLocation(
            new StreamId(row.GetString(0)), new EventLocation(row.GetGuid(1), row.GetInt64(2), row.GetInt64(3))))
            .With(streams).With(ids);
    }

    /// <summary>
    /// Adds the queries for expected document versions, except for tables in <paramref name="queriedTables"/>. The
    /// first call uses collections from this node's cache. A second call queries those whose stored definition differs.
    /// </summary>
    public static void QueryVersions(
        FactQueryBatch questions, BatchFacts facts, IReadOnlyList<CommitRequest> batch, HashSet<string> queriedTables)
    {
        foreach (var (name, keys) in ExpectedDocuments(batch))
        {
            if (facts.Collections.GetValueOrDefault(name) is not { } collection || !queriedTables.Add(collection.Table))
                continue;
            questions
                .Add(
                    collection.FindVersions,
                    // The context is the name of the collection, as passed below.
                    static (row, facts, name) => facts.AddDocument((string)name!, row.GetString(0), row.GetInt64(1)),
                    name)
                .With(keys);
        }
    }

    private static Dictionary<string, List<string>> ExpectedDocuments(IReadOnlyList<CommitRequest> batch)
    {
        var expected = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var request in batch)
        {
            foreach (var change in request.Documents)
            {
                if (change.FromVersion is null)
                    continue;
                if (!expected.TryGetValue(change.Collection, out var keys))
                    expected.Add(change.Collection, keys = []);
                keys.Add(change.Key);
            }
        }
        return expected;
    }

    private void QueryStreams(FactQueryBatch questions, BatchFacts facts, IReadOnlyList<CommitRequest> batch)
    {
        var streams = new HashSet<StreamId>();
        var names = new List<string>();
        var repeatable = new HashSet<StreamId>();
        foreach (var request in batch)
        {
            foreach (var append in request.Appends)
            {
                if (streams.Add(append.Stream))
                    names.Add(append.Stream.Value);
                if (!append.Expected.IsExact && append.Events[0].HasCallerId)
                    repeatable.Add(append.Stream);
            }
            foreach (var guard in request.Guards)
            {
                if (streams.Add(guard.Stream))
                    names.Add(guard.Stream.Value);
            }
            foreach (var removal in request.Removals)
            {
                if (streams.Add(removal.Stream))
                    names.Add(removal.Stream.Value);
            }
        }
        if (names.Count == 0)
            return;
        questions.Add(_findStreams, static (row, facts, _) => facts.Add(new StreamId(row.GetString(0)), new StreamHead(
            row.GetInt64(1), row.FindInt64(2) ?? 1, row.IsDBNull(3) ? StreamState.Open : (StreamState)row.GetInt16(3))))
            .With(names);
        QueryFences(questions, batch);
        QueryLocations(questions, facts, batch, repeatable);
    }

    private void QueryFences(FactQueryBatch questions, IReadOnlyList<CommitRequest> batch)
    {
        if (FindFence(batch) is not { } fence || KnownFences.PrefixOf(fence) is not { } prefix)
            return;
        // The generation is read before: a fence that changes in between has a later one.
        var (low, end) = TextRange.Of(prefix);
        questions.Add(_findInRange, static (row, facts, context) =>
                facts.UnusedFences = row.GetBoolean(0) ? null : (string?)context,
            prefix).With(low).With(end!); // A prefix that ends with a slash has an end.
    }

    private static StreamId? FindFence(IReadOnlyList<CommitRequest> batch)
    {
        foreach (var request in batch)
        {
            for (var i = 0; i < request.Guards.Count; i++)
            {
                if (request.Guards[i].IsFence)
                    return request.Guards[i].Stream;
            }
        }
        return null;
    }

    private void QueryClaims(FactQueryBatch questions, IReadOnlyList<CommitRequest> batch)
    {
        var scopes = new List<string>();
        var values = new List<string>();
        foreach (var request in batch)
        {
            foreach (var claim in request.Claims)
            {
                scopes.Add(claim.Scope);
                values.Add(claim.Value);
            }
        }
        if (scopes.Count == 0)
            return;
        questions
            .Add(
                _findClaims,
                static (row, facts, _) => facts.AddClaim(row.GetString(0), row.GetString(1), row.GetString(2)))
            .With(scopes)
            .With(values);
    }

    private void QueryHandled(FactQueryBatch questions, IReadOnlyList<CommitRequest> batch)
    {
        var scopes = new List<string>();
        var ids = new List<string>();
        foreach (var request in batch)
        {
            foreach (var mark in request.Handled)
            {
                scopes.Add(mark.Scope);
                ids.Add(mark.Id);
            }
        }
        if (scopes.Count == 0)
            return;
        questions
            .Add(
                _findHandled,
                static (row, facts, _) =>
                    facts.AddHandled(
                        row.GetString(0),
                        row.GetString(1),
                        new HandledAnswer(row.GetFieldValue<byte[]>(2), row.GetInt64(3)),
                        row.GetTime(4)))
            .With(scopes)
            .With(ids);
    }

    private void QueryCheckpoints(FactQueryBatch questions, IReadOnlyList<CommitRequest> batch)
    {
        var consumers = new List<string>();
        var partitions = new List<int>();
        foreach (var request in batch)
        {
            if (request.Checkpoint is not { } move)
                continue;
            consumers.Add(move.Consumer);
            partitions.Add(move.Partition);
        }
        if (consumers.Count == 0)
            return;
        questions.Add(_findCheckpoints, static (row, facts, _) => facts.AddCheckpoint(
            row.GetString(0), row.GetInt32(1), new CheckpointFact(row.GetInt64(2), row.FindInt64(3))))
            .With(consumers).With(partitions);
    }

    private void QueryDeadLetters(FactQueryBatch questions, IReadOnlyList<CommitRequest> batch)
    {
        var consumers = new List<string>();
        var partitions = new List<int>();
        var positions = new List<long>();
        var keys = new List<string>();
        foreach (var request in batch)
        {
            foreach (var change in request.DeadLetters)
            {
                consumers.Add(change.DeadLetter.Consumer);
                partitions.Add(change.DeadLetter.Partition);
                positions.Add(change.DeadLetter.Position);
                keys.Add(change.DeadLetter.Key);
            }
        }
        if (consumers.Count == 0)
            return;
        questions
            .Add(
                _findDeadLetters,
                static (row, facts, _) =>
                    facts.AddDeadLetter(
                        row.GetString(0),
                        row.GetInt32(1),
                        row.GetInt64(2),
                        row.GetString(3),
                        new DeadLetterFact(row.GetInt64(4), row.GetInt64(5))))
            .With(consumers)
            .With(partitions)
            .With(positions)
            .With(keys);
    }

    private void QueryDocuments(FactQueryBatch questions, BatchFacts facts, IReadOnlyList<CommitRequest> batch)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var isWriting = false;
        foreach (var request in batch)
        {
            foreach (var change in request.Documents)
            {
                names.Add(change.Collection);
                isWriting |= change.Body is not null;
            }
        }
        if (names.Count == 0)
            return;
        if (isWriting)
            questions.Add(
                _nextVersions, static (row, facts, _) => facts.LastDocumentVersion = row.GetInt64(0) * VersionsInBatch);
        collections.AddQueries(questions, names, facts.Collections);
    }
}
