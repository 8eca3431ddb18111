using System.Runtime.CompilerServices;
using System.Text.Json;
using Millrace.Discovery;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// A service registry in the event store, for services that share a store. Each instance is a document, which expires
/// according to the storage's clock. A watch polls the store.
/// </summary>
public sealed class StoreRegistry : IServiceRegistry
{
    private const string Name = "services";
    private const int MaxInstances = 1_000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private static readonly CollectionDefinition Collection = new(
        Name, [new FieldDefinition("name", FieldKind.Text), new FieldDefinition("until", FieldKind.Integer)]);

    private readonly EventStore _store;
    private readonly StoreClock _clock;
    private volatile bool _hasCollection;

    /// <summary>Creates the registry of a store. In an application <c>AddMillrace</c> does this.</summary>
    public StoreRegistry(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _clock = new StoreClock(() => store.Storage, store.Time);
    }

    /// <inheritdoc/>
    public string Description => _store.Description;

    /// <inheritdoc/>
    public async ValueTask Register(
        ServiceInstance instance, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        instance.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeToLive, TimeSpan.FromHours(1));
        var now = await PrepareAndGetTime(cancellationToken).ConfigureAwait(false);
        await RemoveExpired(now, cancellationToken).ConfigureAwait(false);
        var record = new ServiceRecord
        {
            Instance = instance with { LastCheck = now },
            TimeToLive = timeToLive,
            Until = now + timeToLive,
        };
        await TryWrite(record, fromVersion: null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> Heartbeat(
        string name, string id, ServiceHealth health, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var now = await PrepareAndGetTime(cancellationToken).ConfigureAwait(false);
            var found = await _store
                .Storage.Documents.Get(Name, KeyOf(name, id), cancellationToken)
                .ConfigureAwait(false);
            if (found is null || Read(found) is not { } record || record.Until <= now)
                return false;
            var next = record with
            {
                Instance = record.Instance with { Health = health, LastCheck = now },
                Until = now + record.TimeToLive,
            };
            if (await TryWrite(next, found.Version, cancellationToken).ConfigureAwait(false))
                return true;
        }
    }

    /// <inheritdoc/>
    public async ValueTask Deregister(string name, string id, CancellationToken cancellationToken = default)
    {
        await PrepareAndGetTime(cancellationToken).ConfigureAwait(false); // Creates the collection.
        var removal = new DocumentChange { Collection = Name, Key = KeyOf(name, id) };
        await _store
            .Commit(new CommitRequest { Documents = [removal] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ServiceInstance>> Find(
        string name, CancellationToken cancellationToken = default)
    {
        ServiceInstance.CheckName(name);
        var all = await Query([new FieldCondition("name", Comparison.Equal, name)], cancellationToken)
            .ConfigureAwait(false);
        return [.. all.Where(static instance => instance.Health == ServiceHealth.Passing)];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ServiceInstance>> List(CancellationToken cancellationToken = default) =>
        await Query([], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Watch(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ServiceInstance>? last = null;
        while (true)
        {
            IReadOnlyList<ServiceInstance>? found = null;
            try
            {
                found = await Find(name, cancellationToken).ConfigureAwait(false);
            }
            catch (MillraceException exception) when (exception.IsTransient)
            {
                // The last result remains valid.
            }
            if (found is not null && (last is null || !ServiceInstanceComparer.AreSame(last, found)))
                yield return last = found;
            await Task.Delay(PollInterval, _store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Creates the collection on the first call, and returns the time of the storage's clock.</summary>
    private async ValueTask<DateTimeOffset> PrepareAndGetTime(CancellationToken cancellationToken)
    {
        if (!_hasCollection)
        {
            await _store.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);
            _hasCollection = true;
        }
        return await _clock.Now(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<ServiceInstance>> Query(
        FieldCondition[] conditions, CancellationToken cancellationToken)
    {
        var now = await PrepareAndGetTime(cancellationToken).ConfigureAwait(false);
        var query = new DocumentQuery
        {
            Collection = Name,
            Conditions = [.. conditions, new FieldCondition("until", Comparison.Greater, FieldValue.Microseconds(now))],
            Limit = MaxInstances,
        };
        var page = await _store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        return [.. page.Documents.Select(static document => Read(document).Instance)];
    }

    /// <summary>
    /// Removes expired instances. An instance is only removed if its document has not changed, because it may be
    /// registered again at the same time.
    /// </summary>
    private async ValueTask RemoveExpired(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Collection = Name,
            Conditions = [new FieldCondition("until", Comparison.LessOrEqual, FieldValue.Microseconds(now))],
            Limit = MaxInstances,
        };
        var page = await _store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        foreach (var expired in page.Documents)
        {
            var removal = new DocumentChange { Collection = Name, Key = expired.Key, FromVersion = expired.Version };
            var request = new CommitRequest { Documents = [removal] };
            await _store.TryCommit(request, isBackground: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a record. Returns false if the document has changed after it was read.</summary>
    private async ValueTask<bool> TryWrite(ServiceRecord record, long? fromVersion, CancellationToken cancellationToken)
    {
        var change = new DocumentChange
        {
            Collection = Name,
            Key = KeyOf(record.Instance.Name, record.Instance.Id),
            FromVersion = fromVersion,
            Body = JsonSerializer.SerializeToUtf8Bytes(record, DiscoveryJson.Default.ServiceRecord),
            Fields = [record.Instance.Name, FieldValue.Microseconds(record.Until)],
        };
        var outcome = await _store
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        return outcome.FindDocumentConflict() is null;
    }

    private static ServiceRecord Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, DiscoveryJson.Default.ServiceRecord)!; // Never null.

    private static string KeyOf(string name, string id) => $"{name}/{id}";
}
