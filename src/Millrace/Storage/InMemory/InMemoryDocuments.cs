using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>Stores documents in memory.</summary>
internal sealed class InMemoryDocuments(InMemoryData data) : IDocumentStorage
{
    public ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(collection);
        using (data.Writing(cancellationToken))
        {
            var exists = data.Collections.TryGetValue(collection.Name, out var stored);
            if (exists && stored!.Definition.IsStoredAs(collection)) // Not null if it exists.
                return ValueTask.FromResult(true);
            data.Collections[collection.Name] = new CollectionTable(collection);
            if (exists)
                ResetConsumer(collection.Name);
            return ValueTask.FromResult(!exists);
        }
    }

    public ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.GetCollection(collection).Find(key)?.Document);
    }

    public ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using (data.Reading(cancellationToken))
        {
            var table = data.GetCollection(collection);
            var found = new List<Document>(keys.Count);
            foreach (var key in keys.Distinct(StringComparer.Ordinal))
            {
                if (table.Find(key) is { } row)
                    found.Add(row.Document);
            }
            return ValueTask.FromResult<IReadOnlyList<Document>>(found);
        }
    }

    public ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(new InMemoryQuery(data.GetCollection(query.Collection), query).Run());
    }

    public ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(InMemoryQuery.Matching(data.GetCollection(collection), conditions).LongCount());
    }

    public ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var infos = data.Collections.Values.Select(table => new CollectionInfo(table.Definition, table.Count));
            return ValueTask.FromResult<IReadOnlyList<CollectionInfo>>(
                [.. infos.OrderBy(info => info.Definition.Name, CodePointOrder.Instance)]);
        }
    }

    public ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            data.GetCollection(collection).Clear();
            if (consumer is null)
                return ValueTask.CompletedTask;
            ResetConsumer(consumer);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            var row = data.ReadModels.Values.FirstOrDefault(record => record.Contains(collection));
            if (row?.HasActive(collection) == true
                || row?.FindRetired(collection)?.Until > now
                || IsHeld(collection, now))
                return ValueTask.FromResult(false);
            if (row is not null)
            {
                data.ReadModels[row.Name] = row with
                {
                    Revision = row.Revision + 1,
                    Retired = [.. row.Retired.Where(retired => retired.Name != collection)],
                };
            }
            data.Collections.Remove(collection);
            data.DeadLetters.RemoveOpen(collection, 0);
            data.Consumers.Remove(collection);
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult<IReadOnlyList<ReadModelRecord>>([.. data.ReadModels.Values]);
    }

    public ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        using (data.Writing(cancellationToken))
        {
            var revision = data.ReadModels.GetValueOrDefault(record.Name)?.Revision ?? 0;
            if (revision != record.Revision
                || (reached is not null && CheckpointOf(record.Live) < CheckpointOf(reached)))
                return ValueTask.FromResult(false);
            var retired = record.Retired.OrderBy(item => item.Name, CodePointOrder.Instance);
            data.ReadModels[record.Name] = record with { Revision = revision + 1, Retired = [.. retired] };
            return ValueTask.FromResult(true);
        }
    }

    /// <summary>Resets a consumer whose documents were removed.</summary>
    private void ResetConsumer(string consumer)
    {
        data.DeadLetters.RemoveOpen(consumer, 0);
        data.Consumers.ChangeAll(
            consumer,
            record =>
                record with
                {
                    Checkpoint = 0,
                    Holder = null,
                    HeldSince = null,
                    LeaseEpoch = record.LeaseEpoch + 1,
                }
        );
    }

    private bool IsHeld(string consumer, DateTimeOffset now) =>
        data.Consumers.All.Any(record =>
            record.Consumer == consumer && record.Holder is not null && record.LeaseUntil > now);

    private long CheckpointOf(string consumer) =>
        data.Consumers.Of(consumer).Select(record => record.Checkpoint ?? 0).DefaultIfEmpty().Min();
}
