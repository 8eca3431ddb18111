using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Alerting;

/// <summary>
/// Stores the alerts of each rule, and the changes that wait for each channel, as documents. A change expects the
/// version that was read, so that of two nodes only one can change an alert.
/// </summary>
internal sealed class AlertStore(EventStore store)
{
    /// <summary>The collection with the alerts of each rule.</summary>
    public const string Alerts = "alerts";

    /// <summary>The collection with the waiting changes of each channel.</summary>
    public const string Queues = "alert-notices";

    /// <summary>The collection with the time of the last evaluation.</summary>
    public const string Evaluations = "alert-evaluations";

    private const string LastEvaluation = "last";
    private const int MaxPerPage = 500;

    private readonly CollectionSet _collections =
        new(store, new(Alerts, []), new(Queues, []), new(Evaluations, []));

    public EventStore Store => store;

    private IDocumentStorage Documents => store.Storage.Documents;

    public ValueTask EnsureCollections(CancellationToken cancellationToken) => _collections.Ensure(cancellationToken);

    /// <summary>Returns the alerts of all rules.</summary>
    /// <param name="damaged">Gets the rules whose alerts cannot be read; null to throw an exception then.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public ValueTask<Dictionary<string, Versioned<RuleAlerts>>> ReadAlerts(
        Dictionary<string, StorageException>? damaged, CancellationToken cancellationToken) =>
        ReadAll(Alerts, AlertingJson.Default.RuleAlerts, damaged, cancellationToken);

    /// <summary>Returns the changes that wait for each channel.</summary>
    /// <inheritdoc cref="ReadAlerts"/>
    public ValueTask<Dictionary<string, Versioned<ChannelQueue>>> ReadQueues(
        Dictionary<string, StorageException>? damaged, CancellationToken cancellationToken) =>
        ReadAll(Queues, AlertingJson.Default.ChannelQueue, damaged, cancellationToken);

    /// <summary>Returns the time of the last evaluation by any node; null if it is not known.</summary>
    public async ValueTask<DateTimeOffset?> FindEvaluation(CancellationToken cancellationToken)
    {
        try
        {
            var found = await Find(
                Evaluations, LastEvaluation, AlertingJson.Default.EvaluationRecord, cancellationToken)
                .ConfigureAwait(false);
            return found?.Value.At;
        }
        catch (StorageException exception) when (exception.Problem == StorageProblem.Damaged)
        {
            return null; // The next evaluation replaces it.
        }
    }

    /// <summary>Stores the time of an evaluation.</summary>
    public async ValueTask WriteEvaluation(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new AppendRequest();
        request.With(new DocumentChange
        {
            Collection = Evaluations,
            Key = LastEvaluation,
            Body = JsonSerializer.SerializeToUtf8Bytes(
                new EvaluationRecord(now), AlertingJson.Default.EvaluationRecord),
        });
        await TryCommit(request, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Versioned<RuleAlerts>> FindAlerts(string rule, CancellationToken cancellationToken) =>
        await Find(Alerts, rule, AlertingJson.Default.RuleAlerts, cancellationToken).ConfigureAwait(false)
        ?? new Versioned<RuleAlerts>(RuleAlerts.None, 0);

    public async ValueTask<Versioned<ChannelQueue>> FindQueue(string channel, CancellationToken cancellationToken) =>
        await Find(Queues, channel, AlertingJson.Default.ChannelQueue, cancellationToken).ConfigureAwait(false)
        ?? new Versioned<ChannelQueue>(ChannelQueue.Empty, 0);

    public static DocumentChange Change(string rule, RuleAlerts alerts, long fromVersion) => new()
    {
        Collection = Alerts,
        Key = rule,
        FromVersion = fromVersion,
        Body = JsonSerializer.SerializeToUtf8Bytes(alerts, AlertingJson.Default.RuleAlerts),
    };

    public static DocumentChange Change(string channel, ChannelQueue queue, long fromVersion) => new()
    {
        Collection = Queues,
        Key = channel,
        FromVersion = fromVersion,
        Body = JsonSerializer.SerializeToUtf8Bytes(queue, AlertingJson.Default.ChannelQueue),
    };

    /// <summary>
    /// Commits a request. Returns the conflict if another node changed one of the documents first; otherwise null.
    /// </summary>
    public async ValueTask<DocumentConflictException?> TryCommit(
        AppendRequest request, CancellationToken cancellationToken)
    {
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        return outcome.FindDocumentConflict();
    }

    private async ValueTask<Dictionary<string, Versioned<T>>> ReadAll<T>(
        string collection,
        JsonTypeInfo<T> json,
        Dictionary<string, StorageException>? damaged,
        CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, Versioned<T>>(StringComparer.Ordinal);
        if (!await _collections.Has(collection, cancellationToken).ConfigureAwait(false))
            return all;
        var query = new DocumentQuery { Collection = collection, Limit = MaxPerPage };
        await foreach (var document in Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                all[document.Key] = Read(document, json);
            }
            catch (StorageException exception) when (damaged is not null)
            {
                damaged[document.Key] = exception;
            }
        }
        return all;
    }

    private async ValueTask<Versioned<T>?> Find<T>(
        string collection, string key, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        if (!await _collections.Has(collection, cancellationToken).ConfigureAwait(false))
            return null;
        var document = await Documents.Get(collection, key, cancellationToken).ConfigureAwait(false);
        return document is null ? null : Read(document, json);
    }

    private static Versioned<T> Read<T>(Document document, JsonTypeInfo<T> json)
    {
        try
        {
            var value = JsonSerializer.Deserialize(document.Body.Span, json)
                ?? throw new JsonException("The document is null.");
            return new Versioned<T>(value, document.Version);
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"The alerts of '{document.Key}' cannot be read.", StorageProblem.Damaged, exception);
        }
    }
}

/// <summary>A stored value with the version of its document; 0 if it is not stored.</summary>
internal sealed record Versioned<T>(T Value, long Version);

/// <summary>The last evaluation of the rules by any node.</summary>
internal sealed record EvaluationRecord(DateTimeOffset At);
