using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Alerting;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Recovering;

/// <summary>
/// Stores the cases as documents, with their steps as events in the same commits. A change expects the version that was
/// read, so that of two nodes only one can start an action.
/// </summary>
internal sealed class RecoveryStore(EventStore store)
{
    /// <summary>The number of steps that are removed together.</summary>
    public const int RemovedEvents = OldEvents.Count;

    private const string Collection = "recovery";
    private const string InfoKey = "declared";
    private const string CasePrefix = "case/";
    private const string RunPrefix = "run/";
    private const int MaxPerPage = 500;
    private const int MaxKey = 512;

    private readonly CollectionSet _collections = new(store, new CollectionDefinition(Collection, []));

    private IDocumentStorage Documents => store.Storage.Documents;

    /// <summary>Returns the key of the case of a fault.</summary>
    public static string KeyOf(RecoveryDiagnosis diagnosis) =>
        Bounded($"{CasePrefix}{diagnosis.Symptom}/{diagnosis.Subject}/{diagnosis.Node}");

    /// <summary>Returns the key of an action that an operator requests.</summary>
    public static string KeyOf(string action, string? subject) => Bounded($"{RunPrefix}{action}/{subject}");

    public ValueTask EnsureCollection(CancellationToken cancellationToken) => _collections.Ensure(cancellationToken);

    /// <summary>Returns all cases by key. An unreadable case does not hide the others.</summary>
    /// <param name="reportUnreadable">Called with the key of each case that cannot be read; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<SortedDictionary<string, Versioned<RecoveryRecord>>> ReadAll(
        Action<string, StorageException>? reportUnreadable, CancellationToken cancellationToken)
    {
        var all = new SortedDictionary<string, Versioned<RecoveryRecord>>(StringComparer.Ordinal);
        if (!await _collections.Has(Collection, cancellationToken).ConfigureAwait(false))
            return all;
        var query = new DocumentQuery { Collection = Collection, Limit = MaxPerPage };
        await foreach (var document in Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
        {
            if (document.Key == InfoKey)
                continue;
            try
            {
                all[document.Key] = Read(document, RecoveryJson.Default.RecoveryRecord);
            }
            catch (StorageException exception)
            {
                reportUnreadable?.Invoke(document.Key, exception);
            }
        }
        return all;
    }

    public ValueTask<Versioned<RecoveryRecord>?> Find(string key, CancellationToken cancellationToken) =>
        Find(key, RecoveryJson.Default.RecoveryRecord, cancellationToken);

    /// <summary>Returns the rules and actions that an application declared; null if none did.</summary>
    public async ValueTask<RecoveryInfo?> FindInfo(CancellationToken cancellationToken) =>
        (await Find(InfoKey, RecoveryJson.Default.RecoveryInfo, cancellationToken).ConfigureAwait(false))?.Value;

    /// <summary>Stores the rules and actions of this application, if they have changed.</summary>
    public async ValueTask Declare(RecoveryInfo info, CancellationToken cancellationToken)
    {
        await EnsureCollection(cancellationToken).ConfigureAwait(false);
        var before = await Documents.Get(Collection, InfoKey, cancellationToken).ConfigureAwait(false);
        if (before is null || !before.Body.Span.SequenceEqual(BodyOf(info)))
            await Write(info, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores the rules and actions of this application. Throws if the store cannot be written.</summary>
    public async ValueTask Write(RecoveryInfo info, CancellationToken cancellationToken)
    {
        var request = new AppendRequest();
        request.With(new DocumentChange { Collection = Collection, Key = InfoKey, Body = BodyOf(info) });
        await Commit(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits a step with its events.</summary>
    /// <param name="key">The key of the case.</param>
    /// <param name="version">The version of the case that was read; 0 for none.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False if another caller has changed the case.</returns>
    public ValueTask<bool> TryCommit(
        string key, long version, RecoveryStep step, CancellationToken cancellationToken)
    {
        var request = new AppendRequest();
        if (step.Events.Count > 0)
            request.ToReserved(
                RecoveryEvents.Stream,
                ExpectedVersion.Any,
                [.. step.Events.Select(static one => (object)EventOf(one.Type, one.Note))]);
        if (step.After is not null || version > 0)
            request.With(new DocumentChange
            {
                Collection = Collection,
                Key = key,
                FromVersion = version,
                Body = step.After is null
                    ? (ReadOnlyMemory<byte>?)null
                    : JsonSerializer.SerializeToUtf8Bytes(step.After, RecoveryJson.Default.RecoveryRecord),
            });
        return Commit(request, cancellationToken);
    }

    /// <summary>Returns the newest steps, newest first.</summary>
    public async ValueTask<IReadOnlyList<RecoveryEntry>> ReadHistory(int limit, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(RecoveryEvents.Stream, long.MaxValue, IsBackwards: true, Limit: limit);
        var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        return [.. page.Events.Select(EntryOf)];
    }

    /// <summary>
    /// Removes steps before a time. Each removal is recorded in the store, so that a few steps wait until there are
    /// enough.
    /// </summary>
    public ValueTask RemoveBefore(DateTimeOffset time, CancellationToken cancellationToken) => OldEvents.RemoveBefore(
        store, RecoveryEvents.Stream, time, "the history of recoveries is kept for a year", cancellationToken);

    private async ValueTask<bool> Commit(AppendRequest request, CancellationToken cancellationToken)
    {
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        return outcome.FindDocumentConflict() is null;
    }

    private async ValueTask<Versioned<T>?> Find<T>(
        string key, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        if (!await _collections.Has(Collection, cancellationToken).ConfigureAwait(false))
            return null;
        var document = await Documents.Get(Collection, key, cancellationToken).ConfigureAwait(false);
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
                $"The recovery case '{document.Key}' cannot be read.", StorageProblem.Damaged, exception);
        }
    }

    private static byte[] BodyOf(RecoveryInfo info) =>
        JsonSerializer.SerializeToUtf8Bytes(info, RecoveryJson.Default.RecoveryInfo);

    private static NewEvent EventOf(string type, RecoveryNote note) =>
        NewEvent.FromBytes(type, JsonSerializer.SerializeToUtf8Bytes(note, RecoveryJson.Default.RecoveryNote)) with
        {
            Metadata = note.By is null ? null : new EventMetadata { UserId = note.By },
        };

    private static RecoveryEntry EntryOf(RecordedEvent recorded)
    {
        var note = TryRead(recorded) ?? new RecoveryNote { Case = "" };
        return new RecoveryEntry
        {
            Time = recorded.Timestamp,
            Kind = recorded.Type[(recorded.Type.IndexOf('.', StringComparison.Ordinal) + 1)..],
            Case = note.Case,
            Rule = note.Rule,
            Diagnosis = note.Diagnosis,
            Subject = note.Subject,
            Action = note.Action,
            Attempt = note.Attempt,
            Node = note.Node,
            Duration = note.DurationMs is { } duration ? TimeSpan.FromMilliseconds(duration) : null,
            Text = note.Text,
            By = note.By,
        };
    }

    private static RecoveryNote? TryRead(RecordedEvent recorded)
    {
        try
        {
            return JsonSerializer.Deserialize(recorded.Payload.Span, RecoveryJson.Default.RecoveryNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Bounded(string key) => key.Length <= MaxKey
        ? key
        : $"{key[..(MaxKey - 70)]}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
}
