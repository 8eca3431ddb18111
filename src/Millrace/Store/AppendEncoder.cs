using System.Diagnostics;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Converts append requests to commit requests and checks the limits. This class runs on the caller's thread.
/// </summary>
internal sealed class AppendEncoder(EventSerializer serializer, StoreOptions options, TimeProvider time)
{
    private readonly EventMetadata _defaultMetadata = WithDefaults(EventMetadata.Empty, options);
    private readonly ReadOnlyMemory<byte> _defaultBytes =
        MetadataJson.Write(WithDefaults(EventMetadata.Empty, options));

    public CommitRequest Encode(AppendRequest request)
    {
        if (request.Streams.Count
                + request.Claims.Count
                + request.Documents.Count
                + request.Handled.Count
                + request.Statements.Count
            == 0)
            throw new ArgumentException("The request is empty. Add events or claims to the request.", nameof(request));
        var context = ContextOf(request);
        var appends = new StreamAppend[request.Streams.Count];
        var count = 0;
        var bytes = 0L;
        for (var i = 0; i < appends.Length; i++)
        {
            var (stream, expected, events, mayBeReserved) = request.Streams[i];
            if (!mayBeReserved)
                ReservedStreams.CheckStream(stream);
            var encoded = EncodeAll(events, context, ref bytes);
            if (!mayBeReserved)
                ReservedStreams.CheckTypes(encoded);
            appends[i] = new StreamAppend(stream, expected, encoded);
            count += events.Count;
        }
        options.Limits.CheckAppend(count, bytes);
        return new CommitRequest
        {
            Appends = appends,
            RecordedAt = request.RecordedAt,
            Conditions = WithFormerNames(request.Conditions),
            Claims = request.Claims,
            Documents = request.Documents,
            Handled = request.Handled,
            Statements = request.Statements,
            PlacedBy = request.PlacedBy,
            PlacedIn = request.PlacedIn,
        };
    }

    /// <summary>
    /// Adds the former names of event types to the conditions, so that the conditions also match events stored under
    /// those names.
    /// </summary>
    private IReadOnlyList<AppendCondition> WithFormerNames(IReadOnlyList<AppendCondition> conditions)
    {
        AppendCondition[]? result = null;
        for (var i = 0; i < conditions.Count; i++)
        {
            var filter = serializer.Types.WithFormerNames(conditions[i].Filter);
            if (ReferenceEquals(filter, conditions[i].Filter))
                continue;
            result ??= [.. conditions];
            result[i] = new AppendCondition(filter, conditions[i].After);
        }
        return result ?? conditions;
    }

    private EncodedEvent[] EncodeAll(IReadOnlyCollection<object> events, in AppendContext context, ref long bytes)
    {
        options.Limits.CheckAppend(events.Count, 0);
        var encoded = new EncodedEvent[events.Count];
        if (events is IReadOnlyList<object> list) // Most collections are lists, which need no enumerator.
        {
            for (var i = 0; i < encoded.Length; i++)
                encoded[i] = Encode(list[i], context, ref bytes);
            return encoded;
        }
        var next = 0;
        foreach (var @event in events)
            encoded[next++] = Encode(@event, context, ref bytes);
        return encoded;
    }

    private EncodedEvent Encode(object @event, in AppendContext context, ref long bytes)
    {
        ArgumentNullException.ThrowIfNull(@event, "events");
        var encoded = serializer.Encode(@event, context);
        bytes += encoded.Payload.Length + encoded.MetadataBytes.Length;
        return encoded;
    }

    private AppendContext ContextOf(AppendRequest request)
    {
        var metadata = request.Metadata is { } requested ? WithDefaults(requested, options) : _defaultMetadata;
        if (metadata.TraceParent is null && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace })
            metadata = metadata with { TraceParent = trace };
        var bytes = ReferenceEquals(metadata, _defaultMetadata) ? _defaultBytes : MetadataJson.Write(metadata);
        return new AppendContext(time.GetUtcNow(), metadata, bytes, request.CorrelationId, request.CausationId);
    }

    /// <summary>
    /// Returns the metadata with the source and application version from the store's options if the metadata has none.
    /// </summary>
    private static EventMetadata WithDefaults(EventMetadata metadata, StoreOptions options)
    {
        var source = metadata.Source ?? options.Source;
        var version = metadata.ApplicationVersion ?? options.ApplicationVersion;
        return source == metadata.Source && version == metadata.ApplicationVersion
            ? metadata
            : metadata with { Source = source, ApplicationVersion = version };
    }
}
