using System.Collections.Immutable;
using System.Text.Json;
using Millrace.Evolution;

namespace Millrace.Events;

/// <summary>Serializes and deserializes events, with the store's type map and limits.</summary>
internal sealed class EventSerializer(EventTypeMap types, EventLimits limits, EventFormat format = EventFormat.Json)
{
    private const int MaxNameCharacters = 256;

    public EventTypeMap Types { get; } = types;

    public EncodedEvent Encode(object @event, in AppendContext context)
    {
        var wrapper = @event as NewEvent;
        if (wrapper is { Data: null })
            return EncodeBytes(wrapper, context);
        var data = wrapper?.Data ?? @event;
        var shape = Types.GetShape(data.GetType());
        var type = shape.Type!; // A shape that was found by its CLR type has a type.
        var contentType = type.ContentTypeIn(format);
        var payload = Write(type, data, contentType);
        limits.CheckPayload(payload.Length);
        var tags = TagsOf(type, data, wrapper);
        // Readers receive an event of an old shape only after its upcasters, so its object cannot be reused.
        var decoded = shape.Upcaster is null && shape.Role is null ? data : null;
        return Build(
            wrapper, context, type.Name, type.SchemaVersion, contentType, payload, tags, decoded, type.ReadableBy);
    }

    public object Decode(RecordedEvent recorded)
    {
        if (recorded.ProtectionProblem is { } problem)
            return Unreadable(recorded, problem);
        var shape = Types.FindShape(recorded.Type, recorded.SchemaVersion);
        return shape is null ? DecodeUnknown(recorded) : Decode(recorded, shape);
    }

    private object DecodeUnknown(RecordedEvent recorded)
    {
        var newest = Types.NewestOf(recorded.Type);
        if (newest == 0)
            return new UnknownEvent(recorded.Type, recorded.SchemaVersion, recorded.ContentType, recorded.Payload);
        // A newer program wrote the event, and may have declared that readers of this version can read it.
        if (recorded.SchemaVersion > newest && recorded.Metadata.ReadableBy <= newest)
            return Decode(recorded, Types.FindShape(recorded.Type, newest)!); // The newest known version has a shape.
        return Unreadable(
            recorded, $"this program knows '{recorded.Type}', but not its schema version {recorded.SchemaVersion}");
    }

    private object Decode(RecordedEvent recorded, StoredShape shape)
    {
        if (shape.Role is { } role && recorded.Partner is { } partner)
            return role.IsFirst ? EventParts.None : DecodeMerged(recorded, shape, role, partner);
        var contentType = recorded.ContentType;
        if (!CanRead(shape, contentType))
        {
            var expected = shape.Type?.ContentType ?? EventContentType.Json;
            return Unreadable(
                recorded, $"it is stored as '{contentType}', but {NameOf(shape)} is read from '{expected}'");
        }
        try
        {
            return shape.Upcaster is null
                // A shape without an upcaster always has a type.
                ? shape.Type!.Read(recorded.Payload.Span, contentType)
                : Upcasting.Read(shape, recorded.Payload.Span, contentType);
        }
#pragma warning disable CA1031 // A stored event must never crash a reader, even if the code of its type fails.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Unreadable(recorded, $"it is not a {NameOf(shape)}: {TextOf(exception, recorded)}");
        }
    }

    /// <summary>Decodes two stored events that are merged into one event. The second event has the result.</summary>
    private object DecodeMerged(RecordedEvent recorded, StoredShape shape, MergeRole role, RecordedEvent partner)
    {
        // The partner has the other role in the same merge, so its shape exists.
        var first = Types.FindShape(partner.Type, partner.SchemaVersion)!;
        if (partner.ProtectionProblem is { } problem)
            return Unreadable(recorded, $"it is merged with the event before it: {problem}");
        if (!CanRead(shape, recorded.ContentType) || !CanRead(first, partner.ContentType))
            return Unreadable(
                recorded,
                $"it is stored as '{recorded.ContentType}' and is merged with the event before it, which is stored as "
                    + $"'{partner.ContentType}'. At least one of these formats cannot be read");
        try
        {
            return Upcasting.ReadMerged(role, (first, partner), (shape, recorded));
        }
#pragma warning disable CA1031 // A stored event must never crash a reader, even if the code of its type fails.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Unreadable(
                recorded, $"it cannot be merged with the event before it: {TextOf(exception, recorded, partner)}");
        }
    }

    /// <summary>
    /// Returns the message of an error. If an event has encrypted values, the message could contain one, so the result
    /// is only the type of the error.
    /// </summary>
    private static string TextOf(Exception exception, params ReadOnlySpan<RecordedEvent> events)
    {
        foreach (var recorded in events)
        {
            if (recorded.EncryptionKeyId is not null)
                return exception.GetType().Name;
        }
        return exception.Message;
    }

    private static bool CanRead(StoredShape shape, string contentType) =>
        shape.Type?.CanRead(contentType) ?? contentType is EventContentType.Json or EventContentType.Cbor;

    private static string NameOf(StoredShape shape) =>
        shape.Type?.ClrType.Name ?? $"{shape.Name} version {shape.SchemaVersion}";

    private static UnreadableEvent Unreadable(RecordedEvent recorded, string reason) =>
        new(recorded.Type, recorded.SchemaVersion, recorded.ContentType, recorded.Payload, reason);

    private EncodedEvent EncodeBytes(NewEvent newEvent, in AppendContext context)
    {
        var name = newEvent.Type!; // The constructor for events without data sets the type.
        if (EventNames.Problem(name) is { } problem)
            throw new InvalidNameException("event type", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(newEvent.SchemaVersion, 1, nameof(newEvent));
        limits.CheckPayload(newEvent.Payload.Length);
        var tags = newEvent.Tags.IsDefault ? [] : newEvent.Tags;
        var known = Types.Find(name, newEvent.SchemaVersion);
        if (known is not null && known.CanRead(newEvent.ContentType))
            ValidateBytes(known, newEvent);
        return Build(
            newEvent, context, name, newEvent.SchemaVersion, newEvent.ContentType, newEvent.Payload.ToArray(), tags,
            data: null);
    }

    private static void ValidateBytes(EventType type, NewEvent newEvent)
    {
        try
        {
            type.Read(newEvent.Payload.Span, newEvent.ContentType);
        }
#pragma warning disable CA1031 // Any exception of the type's reader means that the bytes are no event of the type.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new CannotSerializeException(
                type.Name, $"the bytes are not a {type.ClrType.Name}: {exception.Message}", exception);
        }
    }

    private static byte[] Write(EventType type, object data, string contentType)
    {
        try
        {
            return type.Write(data, contentType);
        }
        catch (Exception exception) when (
            exception is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new CannotSerializeException(type.Name, exception.Message, exception);
        }
    }

    private static ImmutableArray<Tag> TagsOf(EventType type, object data, NewEvent? wrapper)
    {
        var found = TagList.Rent();
        type.CollectTags(data, found);
        if (wrapper is { Tags.IsDefaultOrEmpty: false })
            found.AddRange(wrapper.Tags);
        return found.Count == 0 ? [] : [.. found.Distinct()];
    }

    private EncodedEvent Build(
        NewEvent? wrapper,
        in AppendContext context,
        string type,
        int schemaVersion,
        string contentType,
        ReadOnlyMemory<byte> payload,
        ImmutableArray<Tag> tags,
        object? data,
        int? readableBy = null)
    {
        limits.CheckTags(tags.Length);
        CheckNames(contentType, wrapper?.Metadata ?? context.Metadata, tags);
        var metadata = wrapper?.Metadata;
        // The caller may have copied the metadata from another event. So the type of this event decides which versions
        // can read it. An event that was passed as bytes keeps the value of its metadata.
        var oldestReader =
            readableBy is null ? (metadata ?? context.Metadata).ReadableBy
            : readableBy > 0 ? readableBy
            : null;
        if (oldestReader != (metadata ?? context.Metadata).ReadableBy)
            metadata = (metadata ?? context.Metadata) with { ReadableBy = oldestReader };
        // An object has no encrypted values yet, whatever its copied metadata says.
        if (readableBy is not null && (metadata ?? context.Metadata).Encryption is { IsOfMillrace: true })
            metadata = (metadata ?? context.Metadata) with { Encryption = null };
        var bytes = metadata is null ? context.MetadataBytes : MetadataJson.Write(metadata);
        limits.CheckMetadata(bytes.Length);
        return new EncodedEvent
        {
            Id = wrapper?.Id ?? EventIds.New(context.Now),
            HasCallerId = wrapper?.Id is not null,
            Type = type,
            SchemaVersion = schemaVersion,
            ContentType = contentType,
            Payload = payload,
            MetadataBytes = bytes,
            Source = (metadata ?? context.Metadata).Source,
            EncryptionKeyId = (metadata ?? context.Metadata).Encryption?.KeyId,
            CorrelationId = wrapper?.CorrelationId ?? context.CorrelationId,
            CausationId = wrapper?.CausationId ?? context.CausationId,
            Tags = tags,
            Data = data,
        };
    }

    private static void CheckNames(string contentType, EventMetadata metadata, ImmutableArray<Tag> tags)
    {
        if (!ReferenceEquals(contentType, EventContentType.Json) && !ReferenceEquals(contentType, EventContentType.Cbor)
        )
        {
            WellFormedText.Check("content type", contentType, MaxNameCharacters);
            if (contentType.StartsWith(EventContentType.ArchivedPrefix, StringComparison.Ordinal))
                throw new InvalidNameException("content type", contentType, "it is reserved for archived events");
        }
        WellFormedText.Check("source", metadata.Source, MaxNameCharacters);
        WellFormedText.Check("encryption key id", metadata.Encryption?.KeyId, MaxNameCharacters);
        foreach (var tag in tags)
        {
            if (tag.IsDefault)
                throw new ArgumentException("The tag is not set: it is the default value of Tag.", nameof(tags));
        }
    }

    /// <summary>A list for each thread, so that an event without tags causes no allocation.</summary>
    private static class TagList
    {
        [ThreadStatic]
        private static List<Tag>? _tags;

        public static List<Tag> Rent()
        {
            var tags = _tags ??= [];
            tags.Clear();
            return tags;
        }
    }
}
