namespace Millrace.Protection;

/// <summary>The encryption of one store: its model, its keys, and the rule for tenants.</summary>
/// <param name="model">The marked members.</param>
/// <param name="keys">The keys; null for a tool that reads a store without its keys.</param>
/// <param name="scope">The tenant of the store.</param>
internal sealed class StoreProtection(ProtectionModel model, KeyRing? keys, ProtectionScope scope)
{
    /// <summary>Gets the encryption for a tool without keys. Encrypted values remain as they are stored.</summary>
    public static StoreProtection WithoutKeys { get; } =
        new(new ProtectionModel(EmptyMarks, EmptyMarks), null, new ProtectionScope("", false));

    private static Dictionary<string, IReadOnlyList<ProtectedMember>> EmptyMarks => [];

    public ProtectionModel Model { get; } = model;

    public KeyRing? Keys { get; } = keys;

    public ProtectionScope Scope { get; } = scope;

    public PayloadRevealer Revealer { get; } = new(keys);

    /// <summary>Gets the encryption of commit requests; null without keys.</summary>
    public CommitProtector? Commits { get; } = keys is null ? null : new CommitProtector(model, keys, scope);

    /// <summary>Decrypts an event that was read from the storage.</summary>
    public async ValueTask<RecordedEvent> Reveal(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (recorded.EncryptionKeyId is null
            || recorded.Metadata.Encryption is not { IsOfMillrace: true } info)
            return recorded;
        var context = ProtectionContext.OfEvent(recorded.Type, recorded.Stream, recorded.Id);
        var revealed = await Revealer
            .Reveal(recorded.Payload, info.Fields.IsDefault ? [] : info.Fields, context, cancellationToken)
            .ConfigureAwait(false);
        return recorded.Revealed(revealed.Json, revealed.Problem);
    }

    /// <summary>Decrypts the events of a page, after the keys of the page are read together.</summary>
    public async ValueTask<IReadOnlyList<RecordedEvent>> Reveal(
        IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var first = FirstEncrypted(events);
        if (first < 0)
            return events;
        await LoadKeys(events, first, cancellationToken).ConfigureAwait(false);
        RecordedEvent[] revealed = [.. events];
        for (var i = first; i < revealed.Length; i++)
        {
            if (revealed[i].EncryptionKeyId is not null)
                revealed[i] = await Reveal(revealed[i], cancellationToken).ConfigureAwait(false);
        }
        return revealed;
    }

    private static int FirstEncrypted(IReadOnlyList<RecordedEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].EncryptionKeyId is not null)
                return i;
        }
        return -1;
    }

    private async ValueTask LoadKeys(
        IReadOnlyList<RecordedEvent> events, int first, CancellationToken cancellationToken)
    {
        if (Keys is null)
            return;
        HashSet<string>? missing = null;
        for (var i = first; i < events.Count; i++)
        {
            if (events[i].EncryptionKeyId is { Length: CipherText.KeyIdLength } id && !Keys.TryFind(id, out _))
                (missing ??= new HashSet<string>(StringComparer.Ordinal)).Add(id);
        }
        if (missing is not null)
            await Keys.Load(missing, cancellationToken).ConfigureAwait(false);
    }
}
