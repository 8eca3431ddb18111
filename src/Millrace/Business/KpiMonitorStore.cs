using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Alerting;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Business;

/// <summary>
/// Stores how far the figures were examined, the states of the detectors, the anomalies and the reports that are sent,
/// as documents. A change expects the version that was read, so that of two nodes only one succeeds.
/// </summary>
internal sealed class KpiMonitorStore(EventStore store)
{
    /// <summary>The maximum number of stored anomalies of a figure. The oldest ones are removed.</summary>
    public const int MaxAnomalies = 1_000;

    private const string ScheduleKey = "report";
    private const string RequestKey = "requested-report";
    private const string DeclarationKey = "declared";
    private const string Progress = "kpi-monitor";
    private const string States = "kpi-detectors";
    private const string Anomalies = "kpi-anomalies";
    private const string KpiField = "kpi";
    private const string HourField = "hour";
    private const int PageDocuments = 200;
    private const int MaxKey = 512;
    private const int HashCharacters = 65;

    private readonly CollectionSet _collections = new(
        store,
        new(Progress, []),
        new(States, []),
        new(
            Anomalies,
            [new FieldDefinition(KpiField, FieldKind.Text), new FieldDefinition(HourField, FieldKind.Integer)]));

    private IDocumentStorage Documents => store.Storage.Documents;

    public ValueTask EnsureCollections(CancellationToken cancellationToken) => _collections.Ensure(cancellationToken);

    public ValueTask<Versioned<KpiDetectionRecord>?> FindProgress(string kpi, CancellationToken cancellationToken) =>
        Find(Progress, "kpi/" + kpi, KpiMonitorJson.Default.KpiDetectionRecord, cancellationToken);

    public ValueTask<Versioned<KpiScheduleRecord>?> FindSchedule(CancellationToken cancellationToken) =>
        Find(Progress, ScheduleKey, KpiMonitorJson.Default.KpiScheduleRecord, cancellationToken);

    public ValueTask<Versioned<KpiMailRecord>?> FindRequest(CancellationToken cancellationToken) =>
        Find(Progress, RequestKey, KpiMonitorJson.Default.KpiMailRecord, cancellationToken);

    /// <summary>Returns what the application declared at its last start; null if no application did.</summary>
    public async ValueTask<KpiMonitorDeclaration?> FindDeclaration(CancellationToken cancellationToken) =>
        (await Find(Progress, DeclarationKey, KpiMonitorJson.Default.KpiMonitorDeclaration, cancellationToken)
            .ConfigureAwait(false))?.Value;

    public async ValueTask<byte[]?> FindState(string kpi, int number, CancellationToken cancellationToken)
    {
        var found = await Find(
            States, StateKey(kpi, number), KpiMonitorJson.Default.KpiDetectorState, cancellationToken)
            .ConfigureAwait(false);
        return found?.Value.State;
    }

    /// <summary>Returns anomalies, the newest hours first.</summary>
    public async ValueTask<IReadOnlyList<KpiAnomaly>> ReadAnomalies(
        KpiAnomalyQuery query, CancellationToken cancellationToken)
    {
        var all = new List<KpiAnomaly>();
        if (!await _collections.Has(Anomalies, cancellationToken).ConfigureAwait(false))
            return all;
        var conditions = new List<FieldCondition>();
        if (query.Kpi is { } kpi)
            conditions.Add(new FieldCondition(KpiField, Comparison.Equal, kpi));
        if (query.From is { } from)
            conditions.Add(new FieldCondition(HourField, Comparison.GreaterOrEqual, FieldValue.Microseconds(from)));
        if (query.To is { } to)
            conditions.Add(new FieldCondition(HourField, Comparison.Less, FieldValue.Microseconds(to)));
        var documents = Documents.ReadAll(
            new DocumentQuery
            {
                Collection = Anomalies,
                Conditions = conditions,
                OrderBy = HourField,
                IsDescending = true,
                Limit = Math.Min(PageDocuments, query.Limit),
            },
            cancellationToken);
        await foreach (var document in documents.ConfigureAwait(false))
        {
            all.Add(Read(document, KpiMonitorJson.Default.KpiAnomaly).Value);
            if (all.Count == query.Limit)
                break;
        }
        return all;
    }

    /// <summary>Returns the keys of the anomalies of a figure, the newest hours first.</summary>
    public async ValueTask<IReadOnlyList<string>> ReadAnomalyKeys(string kpi, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        var query = new DocumentQuery
        {
            Collection = Anomalies,
            Conditions = [new FieldCondition(KpiField, Comparison.Equal, kpi)],
            OrderBy = HourField,
            IsDescending = true,
            Limit = PageDocuments,
        };
        await foreach (var document in Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
            keys.Add(document.Key);
        return keys;
    }

    public static DocumentChange Change(string kpi, KpiDetectionRecord record, long fromVersion) =>
        Change(Progress, "kpi/" + kpi, record, KpiMonitorJson.Default.KpiDetectionRecord, fromVersion);

    public static DocumentChange Change(KpiScheduleRecord record, long fromVersion) =>
        Change(Progress, ScheduleKey, record, KpiMonitorJson.Default.KpiScheduleRecord, fromVersion);

    public static DocumentChange Change(KpiMailRecord record, long fromVersion) =>
        Change(Progress, RequestKey, record, KpiMonitorJson.Default.KpiMailRecord, fromVersion);

    public static DocumentChange Change(string kpi, int number, byte[] state) => Change(
        States, StateKey(kpi, number), new KpiDetectorState(state), KpiMonitorJson.Default.KpiDetectorState, null);

    public static DocumentChange Change(KpiAnomaly anomaly) =>
        Change(Anomalies, KeyOf(anomaly), anomaly, KpiMonitorJson.Default.KpiAnomaly, null) with
        {
            Fields = [anomaly.Kpi, FieldValue.Microseconds(anomaly.Hour)],
        };

    /// <summary>Returns the removal of a stored anomaly.</summary>
    public static DocumentChange RemoveAnomaly(string key) => new() { Collection = Anomalies, Key = key };

    /// <summary>Stores what the application declares, if it has changed.</summary>
    public async ValueTask Declare(KpiMonitorDeclaration declaration, CancellationToken cancellationToken)
    {
        await EnsureCollections(cancellationToken).ConfigureAwait(false);
        var change = Change(
            Progress, DeclarationKey, declaration, KpiMonitorJson.Default.KpiMonitorDeclaration, null);
        var before = await Documents.Get(Progress, DeclarationKey, cancellationToken).ConfigureAwait(false);
        if (before is null || !before.Body.Span.SequenceEqual(change.Body!.Value.Span)) // It has a body.
            await TryCommit([change], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Commits changes. Returns the new version of the documents, or the conflict if another node has changed one.
    /// </summary>
    public async ValueTask<(long Version, DocumentConflictException? Conflict)> TryCommit(
        IEnumerable<DocumentChange> changes, CancellationToken cancellationToken)
    {
        var request = new AppendRequest();
        foreach (var change in changes)
            request.With(change);
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        return (outcome.DocumentVersion, outcome.FindDocumentConflict());
    }

    /// <summary>Returns the key of an anomaly. A member is unusual at most once in an hour.</summary>
    private static string KeyOf(KpiAnomaly anomaly)
    {
        var hour = anomaly.Hour.UtcDateTime.ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);
        var key = $"{anomaly.Kpi}/{hour}{(anomaly.Member is null ? "" : $"/{anomaly.Dimension}/{anomaly.Member}")}";
        return key.Length <= MaxKey
            ? key
            : $"{key[..(MaxKey - HashCharacters)]}#"
                + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    private static string StateKey(string kpi, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{kpi}/{number}");

    private static DocumentChange Change<T>(
        string collection, string key, T value, JsonTypeInfo<T> json, long? fromVersion) => new()
        {
            Collection = collection,
            Key = key,
            FromVersion = fromVersion,
            Body = JsonSerializer.SerializeToUtf8Bytes(value, json),
        };

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
                $"The document '{document.Key}' of the monitor of business figures cannot be read.",
                StorageProblem.Damaged,
                exception);
        }
    }
}
