using Millrace.Events;
using Millrace.Serialization;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// Encrypts the marked values of commit requests. Every write of a store passes through this class, so that no copy of
/// a marked value is stored plain. Thread-safe.
/// </summary>
internal sealed class CommitProtector(ProtectionModel model, KeyRing keys, ProtectionScope scope)
{
    private readonly PayloadRevealer _revealer = new(keys);

    /// <summary>
    /// Returns the request with encrypted values, or the same request if it contains no marked value.
    /// </summary>
    /// <exception cref="ProtectedValueException">A marked value cannot be encrypted.</exception>
    /// <exception cref="SubjectErasedException">An event contains data of an erased data subject.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<CommitRequest> Protect(CommitRequest request, CancellationToken cancellationToken)
    {
        StreamAppend[]? appends = null;
        for (var i = 0; i < request.Appends.Count; i++)
        {
            var append = await Protect(request.Appends[i], cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(append, request.Appends[i]))
                (appends ??= [.. request.Appends])[i] = append;
        }
        DocumentChange[]? documents = null;
        for (var i = 0; i < request.Documents.Count; i++)
        {
            var document = await Protect(request.Documents[i], cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(document, request.Documents[i]))
                (documents ??= [.. request.Documents])[i] = document;
        }
        DeadLetterChange[]? letters = null;
        for (var i = 0; i < request.DeadLetters.Count; i++)
        {
            if (request.DeadLetters[i] is { IsRemoval: false, DeadLetter.EditedPayload: { } edited } change)
            {
                (letters ??= [.. request.DeadLetters])[i] =
                    await Protect(change, edited, cancellationToken).ConfigureAwait(false);
            }
        }
        return appends is null && documents is null && letters is null
            ? request
            : request.WithContents(appends, documents, letters);
    }

    private async ValueTask<StreamAppend> Protect(StreamAppend append, CancellationToken cancellationToken)
    {
        EncodedEvent[]? events = null;
        for (var i = 0; i < append.Events.Count; i++)
        {
            var encoded = append.Events[i];
            var marks = model.OfEvent(encoded.Type);
            if (encoded.EncryptionKeyId is not null)
                await CheckCopy(encoded, append.Stream, marks, cancellationToken).ConfigureAwait(false);
            else if (marks is not null)
                encoded = await Protect(encoded, append.Stream, marks, cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(encoded, append.Events[i]))
                (events ??= [.. append.Events])[i] = encoded;
        }
        return events is null ? append : append with { Events = events };
    }

    private async ValueTask<EncodedEvent> Protect(
        EncodedEvent encoded, StreamId stream, MarkNode marks, CancellationToken cancellationToken)
    {
        var (tenant, subject) = scope.Split(stream.Value);
        var context = ProtectionContext.OfEvent(encoded.Type, stream, encoded.Id);
        var json = JsonOf(encoded);
        var values = MarkedValueLocator.Find(json.Span, marks, subject, encoded.Type);
        if (values.Count == 0)
            return encoded;
        var encrypted = await Encrypt(json, values, tenant, context, refusesErased: true, cancellationToken)
            .ConfigureAwait(false);
        return encrypted is null ? encoded : encoded.Encrypted(
            json,
            encrypted.Value.Json,
            MetadataJson.WithEncryption(encoded.MetadataBytes, encrypted.Value.Info),
            encrypted.Value.Info.KeyId);
    }

    /// <summary>
    /// Checks that an event that was appended as bytes with encrypted values, for example by an import, can be
    /// decrypted at its new place and has no plain value at a marked member.
    /// </summary>
    private async ValueTask CheckCopy(
        EncodedEvent encoded, StreamId stream, MarkNode? marks, CancellationToken cancellationToken)
    {
        var info = MetadataJson.Read(encoded.MetadataBytes.Span, null).Encryption;
        if (info is not { IsOfMillrace: true })
        {
            if (marks is not null)
                throw new ProtectedValueException(
                    encoded.Type,
                    "its metadata says that the application encrypts it, but the type has marked members.");
            return;
        }
        var context = ProtectionContext.OfEvent(encoded.Type, stream, encoded.Id);
        var revealed = await _revealer.Reveal(encoded.Payload, info.Fields, context, cancellationToken)
            .ConfigureAwait(false);
        if (revealed.Problem is { } problem)
            throw new ProtectedValueException(
                encoded.Type,
                $"{problem} An event with encrypted values can only be copied with its id into the same stream.");
        if (marks is null)
            return;
        foreach (var value in MarkedValueLocator.Find(encoded.Payload.Span, marks, "", encoded.Type))
        {
            if (!info.Fields.Contains(value.Path) && !value.IsErased(encoded.Payload.Span))
                throw new ProtectedValueException(encoded.Type, $"the value at {value.Path} is plain.");
        }
    }

    private async ValueTask<DocumentChange> Protect(DocumentChange change, CancellationToken cancellationToken)
    {
        if (change.Body is not { } body)
            return change;
        var (tenant, collection) = scope.Split(change.Collection);
        if (model.OfCollection(collection) is not { } marks)
            return change;
        var values = MarkedValueLocator.Find(body.Span, marks, streamSubject: null, CollectionName.NameOf(collection));
        if (values.Count == 0)
            return change;
        var context = ProtectionContext.OfDocument(change.Collection, change.Key);
        var encrypted = await Encrypt(body, values, tenant, context, refusesErased: false, cancellationToken)
            .ConfigureAwait(false);
        return encrypted is null ? change : change with { Body = encrypted.Value.Json };
    }

    private async ValueTask<DeadLetterChange> Protect(
        DeadLetterChange change, ReadOnlyMemory<byte> edited, CancellationToken cancellationToken)
    {
        var letter = change.DeadLetter;
        var owner = new KeyOwner(scope.Split(letter.Consumer).Tenant, "", KeyOwner.DerivedKind);
        var key = await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
        using var cipher = key.CipherOf(ProtectionContext.OfDeadLetter(letter.Consumer, letter.Position, letter.Key));
        var data = cipher.Encrypt(edited.Span, "", CipherText.DefaultErased);
        var text = new CipherText(key.Id, data, CipherText.DefaultErased).ToBytes();
        return change with { DeadLetter = letter with { EditedPayload = text } };
    }

    /// <summary>Encrypts values. Returns null if all values are already the erased values of their members.</summary>
    /// <param name="json">The JSON with the values.</param>
    /// <param name="values">The values.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="context">The place.</param>
    /// <param name="refusesErased">True to refuse values of erased data subjects; false to store the erased value
    /// instead, because a read model is derived from events and must not stop.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private async ValueTask<(byte[] Json, EncryptionInfo Info)?> Encrypt(
        ReadOnlyMemory<byte> json,
        IReadOnlyList<MarkedValue> values,
        string tenant,
        ProtectionContext context,
        bool refusesErased,
        CancellationToken cancellationToken)
    {
        var dataKeys = new DataKey[values.Count];
        for (var i = 0; i < dataKeys.Length; i++)
        {
            var owner = new KeyOwner(tenant, values[i].Subject, values[i].Mark.Kind);
            dataKeys[i] = keys.FindCurrent(owner)
                ?? await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
        }
        return new PayloadEncryption(json.Span, values, dataKeys, context).Run(refusesErased);
    }

    /// <summary>Returns the payload as JSON. Marked values are always stored in JSON.</summary>
    private static ReadOnlyMemory<byte> JsonOf(EncodedEvent encoded) => encoded.ContentType switch
    {
        EventContentType.Json => encoded.Payload,
        EventContentType.Cbor when CborJson.TryToJson(encoded.Payload.Span) is { } json => json,
        _ => throw new ProtectedValueException(
            encoded.Type,
            $"its payload is '{encoded.ContentType}', in which marked members cannot be found. Use JSON."),
    };
}
