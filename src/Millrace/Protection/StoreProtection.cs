using Millrace.Storage;

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
    /// <param name="limits">The limits of encrypted events.</param>
    /// <param name="stored">The storage without encryption.</param>
    public CommitProtector? CreateCommits(EventLimits limits, IStorage stored) =>
        Keys is null
            ? null
            : new CommitProtector(
                this, Keys, new BlindIndex(this, stored.Documents), new BlindClaims(this, stored.Log), limits);

    /// <summary>Decrypts an event that was read from the storage.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<RecordedEvent> Reveal(RecordedEvent recorded, CancellationToken cancellationToken) =>
        (await Reveal([recorded], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Decrypts the events of a page, after their keys are read together.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<IReadOnlyList<RecordedEvent>> Reveal(
        IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var revealed = await RevealEncrypted(events, cancellationToken).ConfigureAwait(false);
        return ProtectedValues.AreConcealed && Model.HasMarks ? [.. revealed.Select(ConcealPlain)] : revealed;
    }

    /// <summary>Hides marked values that were stored plain, before they were marked.</summary>
    private RecordedEvent ConcealPlain(RecordedEvent recorded) =>
        !recorded.Payload.IsEmpty && Model.OfEvent(recorded.Type) is { } marks
            ? PlainConcealment.Conceal(recorded, marks)
            : recorded;

    private async ValueTask<IReadOnlyList<RecordedEvent>> RevealEncrypted(
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
        var (dataKeys, unknown) = await Revealer.FindKeys(payloads, cancellationToken).ConfigureAwait(false);
        if (unknown is not null)
        {
            var users = indexes.Where((_, i) => payloads[i]?.Values.Any(value => value.Text.KeyId == unknown) == true);
            throw KeyStoreException.OfMissingKey(
                Keys!.Description, unknown, users.Min(index => events[index].Position));
        }
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

    /// <summary>Finds the encrypted values of an event that may be encrypted; null if it has none.</summary>
    private EncryptedPayload? Locate(RecordedEvent recorded)
    {
        if (recorded.EncryptionKeyId is null)
            return recorded.Metadata.Encryption is { IsOfMillrace: true }
                ? EncryptedPayload.Failed(recorded.Payload, Inconsistent)
                : null;
        if (!_encryptions.TryRead(recorded.Type, recorded.MetadataBytes.Span, out var paths))
            return EncryptedPayload.Failed(recorded.Payload, Inconsistent);
        return paths is null // The application encrypts and decrypts the event itself.
            ? null
            : Revealer.Locate(
                recorded.Payload, paths, Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id));
    }
}
