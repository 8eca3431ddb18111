using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>
/// The events with values of a subject, and these values if their keys still exist. It is read several times, because
/// events may be appended until the keys are destroyed.
/// </summary>
/// <param name="scope">The store.</param>
/// <param name="subject">The subject.</param>
/// <param name="kinds">The kinds of data; empty for all kinds.</param>
/// <param name="withValues">True to decrypt the values.</param>
internal sealed class SubjectTrace(ErasureScope scope, string subject, IReadOnlyList<string> kinds, bool withValues)
{
    private readonly HashSet<StreamId> _streams = [];
    private readonly HashSet<StreamId> _shared = []; // Streams with encrypted values of others.
    private readonly HashSet<StreamId> _sharedLater = []; // Those after the head, which are inspected again.
    private readonly HashSet<long> _positions = [];
    private readonly HashSet<long> _plain = [];
    private readonly OtherKeyPositions _otherKeys = new(scope.Keys);
    private readonly PlainValueReader _plainValues = new(scope, subject, kinds);
    private readonly StreamSubjects _subjectsOfStreams = new(scope);
    private long _readTo;

    public IReadOnlySet<StreamId> Streams => _streams;

    /// <summary>Gets the streams with values of the subject, and without encrypted values of others.</summary>
    public IEnumerable<StreamId> OwnStreams =>
        _streams.Where(stream => !_shared.Contains(stream) && !_sharedLater.Contains(stream));

    public IReadOnlySet<long> Positions => _positions;

    /// <summary>Gets the positions of the events with values that are not encrypted.</summary>
    public IReadOnlySet<long> PlainPositions => _plain;

    /// <summary>Gets the positions of the events with values under a key that the key store does not contain.</summary>
    public IReadOnlySet<long> LostPositions => _otherKeys.Lost;

    /// <summary>
    /// Gets the positions of the events with values under a key of another owner, such as another kind of data.
    /// </summary>
    public IReadOnlySet<long> OtherOwnerPositions => _otherKeys.OfOtherOwners;

    /// <summary>Gets the number of inspected events.</summary>
    public long Inspected { get; private set; }

    /// <summary>Gets the values; null if they were not read.</summary>
    public ErasedValues? Values { get; } = withValues ? new ErasedValues() : null;

    /// <summary>
    /// Reads the events after those that earlier calls have read. Values of new events whose keys are destroyed are
    /// missing.
    /// </summary>
    /// <param name="head">The end of the log before the keys were listed. Later events may have keys that are not in
    /// the list, so the next call reads them again.</param>
    /// <param name="ids">The ids of the subject's keys.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Read(long head, KeyIdSet ids, CancellationToken cancellationToken)
    {
        _sharedLater.Clear();
        var notOfOthers = await FindKeysWithoutOthers(ids, cancellationToken).ConfigureAwait(false);
        var keys = new Dictionary<string, DataKey?>(StringComparer.Ordinal);
        try
        {
            var events = scope.ReadEvents(scope.Filter(), _readTo, cancellationToken);
            await foreach (var recorded in events.ConfigureAwait(false))
            {
                if (recorded.Position <= head)
                    Inspected++;
                if (recorded.EncryptionKeyId is not null && notOfOthers.HasOthers(recorded.Payload.Span))
                    (recorded.Position <= head ? _shared : _sharedLater).Add(recorded.Stream);
                await Add(recorded, ids, keys, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var key in keys.Values)
                key?.Forget();
        }
        await _otherKeys.Resolve(cancellationToken).ConfigureAwait(false);
        _readTo = Math.Max(_readTo, head);
    }

    /// <summary>Adds an event if it has values of the subject.</summary>
    private async ValueTask Add(
        RecordedEvent recorded,
        KeyIdSet ids,
        Dictionary<string, DataKey?> keys,
        CancellationToken cancellationToken)
    {
        if (_positions.Contains(recorded.Position) && !_otherKeys.Contains(recorded.Position))
            return;
        var isOfSubject = await AddPlainValues(recorded, ids, cancellationToken).ConfigureAwait(false);
        if (recorded.EncryptionKeyId is not null && ids.IsIn(recorded.Payload.Span))
        {
            isOfSubject = true;
            if (Values is { } values)
                await AddValues(recorded, ids, values, keys, cancellationToken).ConfigureAwait(false);
        }
        if (!isOfSubject)
            return;
        _streams.Add(recorded.Stream);
        _positions.Add(recorded.Position);
    }

    /// <summary>
    /// Returns the keys that do not make a stream the stream of another person: those of all kinds of data of the
    /// subject, and those of the tenant, which have no subject.
    /// </summary>
    private async ValueTask<KeyIdSet> FindKeysWithoutOthers(KeyIdSet ids, CancellationToken cancellationToken)
    {
        var own = await new SubjectKeys(scope, subject, []).List(cancellationToken).ConfigureAwait(false);
        var ofTenant = await new SubjectKeys(scope, "", []).List(cancellationToken).ConfigureAwait(false);
        return new KeyIdSet([.. ids.All, .. own.Concat(ofTenant).Select(record => record.Id)]);
    }

    private async ValueTask<bool> AddPlainValues(
        RecordedEvent recorded, KeyIdSet ids, CancellationToken cancellationToken)
    {
        var found = await _plainValues.Read(recorded, ids, _subjectsOfStreams, cancellationToken).ConfigureAwait(false);
        if (found.IsUnreadable && Values is not null)
            Values.IsPartial = true;
        _otherKeys.Set(recorded.Position, found.OtherKeys);
        if (found.OfSubject.Count == 0)
            return found.OtherKeys.Count > 0;
        _plain.Add(recorded.Position);
        foreach (var value in found.OfSubject)
            Values?.Add(value.Span);
        return true;
    }

    private async ValueTask AddValues(
        RecordedEvent recorded,
        KeyIdSet ids,
        ErasedValues values,
        Dictionary<string, DataKey?> keys,
        CancellationToken cancellationToken)
    {
        if (EncryptedValueLocator.Find(recorded.Payload.Span) is not { } found)
            return;
        found.RemoveAll(value => !ids.Contains(value.Text.KeyId));
        await LoadKeys(found, keys, cancellationToken).ConfigureAwait(false);
        var context = scope.Protection.Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id);
        foreach (var group in found.GroupBy(value => value.Text.KeyId, StringComparer.Ordinal))
        {
            if (keys.GetValueOrDefault(group.Key) is not { IsDestroyed: false } key)
            {
                values.IsPartial = true;
                continue;
            }
            using var cipher = key.CipherOf(context);
            foreach (var value in group)
            {
                if (cipher.Decrypt(value.Text.Data.Span, value.Path, value.Text.ErasedJson) is { } json)
                    values.Add(json.Span);
                else
                    values.IsPartial = true;
            }
        }
    }

    /// <summary>
    /// Loads keys as the key store contains them. After the restore of an old backup, it contains keys of an earlier
    /// erasure of the subject again. Readers do not use them, but their values are readable until they are destroyed
    /// again.
    /// </summary>
    private async ValueTask LoadKeys(
        List<EncryptedValue> values, Dictionary<string, DataKey?> keys, CancellationToken cancellationToken)
    {
        foreach (var id in values.Select(value => value.Text.KeyId).Distinct(StringComparer.Ordinal))
        {
            if (keys.ContainsKey(id))
                continue;
            var stored = await scope.Keys.LoadStored([id], cancellationToken).ConfigureAwait(false);
            keys[id] = stored.Count > 0 ? stored[0] : null;
        }
    }
}
