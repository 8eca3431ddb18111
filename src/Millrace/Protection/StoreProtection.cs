namespace Millrace.Protection;

/// <summary>The encryption of one store: its model, its keys, and the rule for tenants.</summary>
/// <param name="model">The marked members.</param>
/// <param name="keys">The keys; null for a tool that reads a store without its keys.</param>
/// <param name="scope">The tenant of the store.</param>
internal sealed class StoreProtection(ProtectionModel model, KeyRing? keys, ProtectionScope scope)
{
    private const string Inconsistent = "its key id and its metadata contradict each other.";

    /// <summary>Gets the encryption for a tool without keys. Encrypted values remain as they are stored.</summary>
    public static StoreProtection WithoutKeys { get; } =
        new(ProtectionModel.Empty, null, new ProtectionScope("", false));

    public ProtectionModel Model { get; } = model;

    public KeyRing? Keys { get; } = keys;

    public ProtectionScope Scope { get; } = scope;

    private readonly EncryptionReader _encryptions = new();

    public PayloadRevealer Revealer { get; } = new(keys);

    /// <summary>Creates the encryption of commit requests; null without keys.</summary>
    public CommitProtector? CreateCommits(EventLimits limits) =>
        Keys is null ? null : new CommitProtector(this, Keys, limits);

    /// <summary>Decrypts an event that was read from the storage.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<RecordedEvent> Reveal(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (Locate(recorded) is not { } located)
            return recorded;
        try
        {
            var revealed = await Revealer.Reveal(located, cancellationToken).ConfigureAwait(false);
            return recorded.Revealed(revealed.Json, revealed.Problem);
        }
        catch (KeyStoreException exception) when (exception.KeyId is { } id)
        {
            throw KeyStoreException.OfMissingKey(Keys!.Description, id, recorded.Position);
        }
    }

    /// <summary>Decrypts the events of a page, after their keys are read together.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<IReadOnlyList<RecordedEvent>> Reveal(
        IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        List<int>? indexes = null;
        for (var i = 0; i < events.Count; i++)
        {
            if (MayBeEncrypted(events[i]))
                (indexes ??= []).Add(i);
        }
        if (indexes is null)
            return events;
        var payloads = new EncryptedPayload?[indexes.Count];
        ParallelPage.Run(payloads.Length, i => payloads[i] = Locate(events[indexes[i]]), cancellationToken);
        if (!payloads.Any(static payload => payload is not null))
            return events;
        var dataKeys = await LoadKeys(payloads, indexes, events, cancellationToken).ConfigureAwait(false);
        RecordedEvent[] all = [.. events];
        ParallelPage.Run(
            payloads.Length,
            i =>
            {
                if (payloads[i] is not { } payload)
                    return;
                var revealed = PayloadRevealer.Decrypt(payload, dataKeys);
                all[indexes[i]] = all[indexes[i]].Revealed(revealed.Json, revealed.Problem);
            },
            cancellationToken);
        return all;
    }

    private bool MayBeEncrypted(RecordedEvent recorded) =>
        !recorded.Payload.IsEmpty // Otherwise the page is read without payloads.
        && (recorded.EncryptionKeyId is not null
            || (!recorded.MetadataBytes.IsEmpty && Model.OfEvent(recorded.Type) is not null));

    private async ValueTask<Dictionary<string, DataKey>> LoadKeys(
        EncryptedPayload?[] payloads,
        List<int> indexes,
        IReadOnlyList<RecordedEvent> events,
        CancellationToken cancellationToken)
    {
        try
        {
            return await Revealer.LoadKeys(payloads, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyStoreException exception) when (exception.KeyId is { } id)
        {
            var users = indexes.Where((_, i) => payloads[i]?.Values.Any(value => value.Text.KeyId == id) == true);
            throw KeyStoreException.OfMissingKey(
                Keys!.Description, id, users.Select(index => events[index].Position).Min());
        }
    }

    /// <summary>Finds the encrypted values of an event; null if it has none.</summary>
    private EncryptedPayload? Locate(RecordedEvent recorded)
    {
        if (!MayBeEncrypted(recorded))
            return null;
        if (!_encryptions.TryRead(recorded.Type, recorded.MetadataBytes.Span, out var paths))
            return recorded.EncryptionKeyId is null ? null : EncryptedPayload.Failed(recorded.Payload, Inconsistent);
        if (paths is not { } listed)
            return null; // The application encrypts and decrypts the event itself.
        if (recorded.EncryptionKeyId is null)
            return EncryptedPayload.Failed(recorded.Payload, Inconsistent);
        return Revealer.Locate(
            recorded.Payload, listed, Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id));
    }
}
