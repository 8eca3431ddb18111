using Millrace.Events;
using Millrace.Serialization;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// Encrypts the marked values of commit requests. Every write of a store passes through this class, so that no copy of
/// a marked value is stored plain. Thread-safe.
/// </summary>
internal sealed class CommitProtector(
    StoreProtection protection, KeyRing keys, BlindIndex index, BlindClaims claims, EventLimits limits)
{
    private readonly ProtectionModel _model = protection.Model;
    private readonly ProtectionScope _scope = protection.Scope;

    /// <summary>
    /// Returns the request with encrypted values, or the same request if it contains no marked value.
    /// </summary>
    /// <exception cref="ProtectedValueException">A marked value cannot be encrypted.</exception>
    /// <exception cref="SubjectErasedException">An event contains data of an erased data subject.</exception>
    /// <exception cref="LimitExceededException">An event is too large after encryption.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public ValueTask<CommitRequest> Protect(CommitRequest request, CancellationToken cancellationToken) =>
        (_model.HasMarks && MayContainMarks(request)) || (_model.Claims.Count > 0 && request.Claims.Count > 0)
            ? ProtectAll(request, cancellationToken)
            : new ValueTask<CommitRequest>(request);

    /// <summary>Returns whether a request has a type with marks. Most requests have none.</summary>
    private bool MayContainMarks(CommitRequest request)
    {
        if (request.Documents.Count > 0 || request.DeadLetters.Count > 0)
            return true;
        string? unmarked = null; // The events of an append mostly have the same type.
        for (var i = 0; i < request.Appends.Count; i++)
        {
            var events = request.Appends[i].Events;
            for (var j = 0; j < events.Count; j++)
            {
                var type = events[j].Type;
                if (events[j].EncryptionKeyId is not null)
                    return true;
                if (ReferenceEquals(type, unmarked))
                    continue;
                if (_model.OfEvent(type) is not null)
                    return true;
                unmarked = type;
            }
        }
        return false;
    }

    private async ValueTask<CommitRequest> ProtectAll(CommitRequest request, CancellationToken cancellationToken)
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
                var letter = change.DeadLetter;
                var text = await EncryptWhole(edited, _scope.OfDeadLetter(letter), cancellationToken)
                    .ConfigureAwait(false);
                (letters ??= [.. request.DeadLetters])[i] = change with
                {
                    DeadLetter = letter with { EditedPayload = text },
                };
            }
        }
        var hashed = await claims.ToStored(request.Claims, cancellationToken).ConfigureAwait(false);
        return appends is null && documents is null && letters is null && ReferenceEquals(hashed, request.Claims)
            ? request
            : request.WithContents(appends, documents, letters, hashed);
    }

    private async ValueTask<StreamAppend> Protect(StreamAppend append, CancellationToken cancellationToken)
    {
        EncodedEvent[]? events = null;
        for (var i = 0; i < append.Events.Count; i++)
        {
            var encoded = WithoutCopiedEncryption(append.Events[i]);
            if (_model.OfEvent(encoded.Type) is { } marks)
                encoded = await Protect(encoded, append.Stream, marks, cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(encoded, append.Events[i]))
                (events ??= [.. append.Events])[i] = encoded;
        }
        return events is null ? append : append with { Events = events };
    }

    /// <summary>
    /// Removes the description of the encryption from an event whose metadata was copied from another event. The copied
    /// payload is decrypted, because the store returns no other. Bytes that are still encrypted are refused.
    /// </summary>
    private EncodedEvent WithoutCopiedEncryption(EncodedEvent encoded)
    {
        if (encoded.EncryptionKeyId is null)
            return encoded;
        var metadata = MetadataJson.Read(encoded.MetadataBytes.Span, encoded.Source);
        if (metadata.Encryption is not { IsOfMillrace: true } info)
            return _model.OfEvent(encoded.Type) is null
                ? encoded
                : throw new ProtectedValueException(
                    encoded.Type,
                    "its metadata says that the application encrypts it, but the type has marked members.");
        var paths = info.Fields.IsDefault ? [] : info.Fields;
        return EncryptedValueLocator.Find(encoded.Payload.Span)?.Exists(value => paths.Contains(value.Path)) != true
            ? encoded.WithoutEncryption(MetadataJson.Write(metadata with { Encryption = null }))
            : throw new ProtectedValueException(
                encoded.Type,
                "its values are encrypted already. Copy such events with 'millrace import', which keeps their place.");
    }

    private async ValueTask<EncodedEvent> Protect(
        EncodedEvent encoded, StreamId stream, MarkNode marks, CancellationToken cancellationToken)
    {
        var context = _scope.OfEvent(encoded.Type, stream, encoded.Id);
        var json = JsonOf(encoded);
        var values = MarkedValueLocator.Find(json.Span, marks, DataSubject.OfStream(context.Owner), encoded.Type);
        if (values.Count == 0)
            return encoded;
        var dataKeys = await ValueKeys.Of(keys, values, context.Tenant, cancellationToken).ConfigureAwait(false);
        var (payload, info) = new PayloadEncryption(json.Span, values, dataKeys, context).Run(refusesErased: true);
        if (info.KeyId.Length == 0)
            return encoded; // All values are the values after erasure.
        var metadata = MetadataJson.WithEncryption(encoded.MetadataBytes, info);
        limits.CheckPayload(payload.Length);
        limits.CheckMetadata(metadata.Length);
        return encoded.Encrypted(json, payload, metadata, info.KeyId);
    }

    private async ValueTask<DocumentChange> Protect(DocumentChange change, CancellationToken cancellationToken)
    {
        if (change.Body is not { } body)
            return change;
        var context = _scope.OfDocument(change.Collection, change.Key);
        if (ProtectionModel.IsEncryptedWhole(context.Type))
            return change with { Body = await EncryptWhole(body, context, cancellationToken).ConfigureAwait(false) };
        if (_model.OfCollection(context.Type) is not { } marks)
            return change;
        var values = MarkedValueLocator.Find(body.Span, marks, null, CollectionName.NameOf(context.Type));
        var dataKeys = await ValueKeys.Of(keys, values, context.Tenant, cancellationToken).ConfigureAwait(false);
        var fields = await index
            .ToStored(change.Collection, change.Fields, field => IsErased(field, values, dataKeys), cancellationToken)
            .ConfigureAwait(false);
        if (!ReferenceEquals(fields, change.Fields))
            change = change with { Fields = fields };
        if (values.Count == 0)
            return change;
        // A read model is derived from events and must not stop: it contains the value after erasure instead.
        var (json, _) = new PayloadEncryption(body.Span, values, dataKeys, context).Run(refusesErased: false);
        return change with { Body = json };
    }

    private static bool IsErased(BlindField field, IReadOnlyList<MarkedValue> values, DataKey[] dataKeys)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (dataKeys[i].IsDestroyed && field.IsAt(values[i].Path))
                return true;
        }
        return false;
    }

    private async ValueTask<ReadOnlyMemory<byte>> EncryptWhole(
        ReadOnlyMemory<byte> bytes, ProtectionContext context, CancellationToken cancellationToken)
    {
        var owner = new KeyOwner(context.Tenant, "", KeyOwner.DerivedKind);
        var key = await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
        using var cipher = key.CipherOf(context);
        var data = cipher.Encrypt(bytes.Span, "", CipherText.DefaultErased);
        return new CipherText(key.Id, data, CipherText.DefaultErased).ToBytes();
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
