using System.Diagnostics;
using Millrace.Storage;

namespace Millrace;

/// <summary>Turns what a caller wants appended into what is committed, within the limits. Runs on the caller's
/// thread.</summary>
internal sealed class AppendEncoder(EventSerializer serializer, StoreOptions options, TimeProvider time)
{
    private readonly EventMetadata _plain = Noted(EventMetadata.Empty, options);
    private readonly ReadOnlyMemory<byte> _plainBytes = MetadataJson.Write(Noted(EventMetadata.Empty, options));

    public CommitRequest Encode(AppendRequest request)
    {
        if (request.Streams.Count
                + request.Claims.Count
                + request.Documents.Count
                + request.Handled.Count
                + request.Statements.Count
            == 0)
            throw new ArgumentException("The request writes nothing: add events or claims to it.", nameof(request));
        var context = ContextOf(request);
        var appends = new StreamAppend[request.Streams.Count];
        var count = 0;
        var bytes = 0L;
        for (var i = 0; i < appends.Length; i++)
        {
            var (stream, expected, events) = request.Streams[i];
            appends[i] = new StreamAppend(stream, expected, EncodeAll(events, context, ref bytes));
            count += events.Count;
        }
        options.Limits.CheckAppend(count, bytes);
        return new CommitRequest
        {
            Appends = appends,
            RecordedAt = request.RecordedAt,
            Conditions = Wide(request.Conditions),
            Claims = request.Claims,
            Documents = request.Documents,
            Handled = request.Handled,
            Statements = request.Statements,
        };
    }

    /// <summary>A condition on a type concerns the events that are stored under a former name of it as well.</summary>
    private IReadOnlyList<AppendCondition> Wide(IReadOnlyList<AppendCondition> conditions)
    {
        AppendCondition[]? wide = null;
        for (var i = 0; i < conditions.Count; i++)
        {
            var filter = serializer.Types.WithFormerNames(conditions[i].Filter);
            if (ReferenceEquals(filter, conditions[i].Filter))
                continue;
            wide ??= [.. conditions];
            wide[i] = new AppendCondition(filter, conditions[i].After);
        }
        return wide ?? conditions;
    }

    private EncodedEvent[] EncodeAll(IReadOnlyCollection<object> events, in AppendContext context, ref long bytes)
    {
        options.Limits.CheckAppend(events.Count, 0);
        var encoded = new EncodedEvent[events.Count];
        if (events is IReadOnlyList<object> list) // Most are: their elements are had without an enumerator.
        {
            for (var i = 0; i < encoded.Length; i++)
                encoded[i] = Encode(list[i], context, ref bytes);
            return encoded;
        }
        var next = 0;
        foreach (var given in events)
            encoded[next++] = Encode(given, context, ref bytes);
        return encoded;
    }

    private EncodedEvent Encode(object given, in AppendContext context, ref long bytes)
    {
        ArgumentNullException.ThrowIfNull(given, "events");
        var one = serializer.Encode(given, context);
        bytes += one.Payload.Length + one.MetadataBytes.Length;
        return one;
    }

    private AppendContext ContextOf(AppendRequest request)
    {
        var metadata = request.Metadata is { } given ? Noted(given, options) : _plain;
        if (metadata.TraceParent is null && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace })
            metadata = metadata with { TraceParent = trace };
        var bytes = ReferenceEquals(metadata, _plain) ? _plainBytes : MetadataJson.Write(metadata);
        return new AppendContext(time.GetUtcNow(), metadata, bytes, request.CorrelationId, request.CausationId);
    }

    /// <summary>With what the store notes where nothing else is said.</summary>
    private static EventMetadata Noted(EventMetadata metadata, StoreOptions options)
    {
        var source = metadata.Source ?? options.Source;
        var version = metadata.ApplicationVersion ?? options.ApplicationVersion;
        return source == metadata.Source && version == metadata.ApplicationVersion
            ? metadata
            : metadata with { Source = source, ApplicationVersion = version };
    }
}
