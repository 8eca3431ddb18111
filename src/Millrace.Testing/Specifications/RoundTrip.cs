using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Events;
using Millrace.Testing.Differences;

namespace Millrace.Testing.Specifications;

/// <summary>
/// Writes events in their stored form and reads them back through the upcasters, as in production. It detects data that
/// is lost in this round trip.
/// </summary>
/// <param name="typeAssembly">The assembly of the specified type. Its model is used first.</param>
internal sealed class RoundTrip(Assembly? typeAssembly)
{
    private static readonly DateTimeOffset Time = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly StreamId SampleStream = new("test-1");

    private readonly List<Assembly> _others = [];

    /// <summary>Gets or sets the model that the specification names, or null to search for a model.</summary>
    public SpecificationModel? Named { get; set; }

    /// <summary>Gets the options that write values as JSON, or null if no model is known.</summary>
    public JsonSerializerOptions? Json => Models().FirstOrDefault()?.Catalog.Json;

    /// <summary>Gets the model of the specified type.</summary>
    /// <exception cref="SpecificationException">There is no model.</exception>
    public SpecificationModel Model => Models().FirstOrDefault() ?? throw new SpecificationException(
        $"{typeAssembly?.GetName().Name ?? "The assembly"} has no [Model]: name one by WithModel<TModel>().");

    /// <summary>Records an event. The event is written, but not read yet.</summary>
    /// <param name="given">The event, a <see cref="NewEvent"/> or a <see cref="SerializedEvent"/>.</param>
    /// <param name="stream">The stream of the event.</param>
    /// <param name="position">The position of the event.</param>
    /// <exception cref="MillraceException">The event cannot be stored.</exception>
    public RecordedEvent Record(object given, StreamId stream, StoredEventPosition position)
    {
        var now = position.Time ?? Time;
        if (given is SerializedEvent form)
            return CreateRecorded(ModelOf(form).Serializer, form, stream, position, now);
        var serializer = ModelOf(DataOf(given).GetType()).Serializer;
        var encoded = serializer.Encode(given, new AppendContext(now, new EventMetadata(), default, null, null));
        return encoded.WithoutDataAt(stream, position.Version, position.Position, now, serializer);
    }

    /// <summary>
    /// Records an event of the specification. If the event cannot be stored, the specification is wrong.
    /// </summary>
    /// <exception cref="SpecificationException">The event cannot be stored.</exception>
    public RecordedEvent RecordGivenEvent(object given, string label, StreamId stream, StoredEventPosition position)
    {
        try
        {
            return Record(given, stream, position);
        }
        catch (MillraceException exception)
        {
            throw new SpecificationException(
                $"{label}, {Display(given)}, cannot be stored: {exception.Message}", exception);
        }
    }

    /// <summary>Records the events that an append has raised. Each event must survive a round trip.</summary>
    /// <param name="raised">The events.</param>
    /// <param name="version">The version of the stream before the append.</param>
    /// <exception cref="SpecificationException">An event changes when it is stored and read.</exception>
    /// <exception cref="MillraceException">An event cannot be stored.</exception>
    public List<RecordedEvent> RecordRaised(IReadOnlyList<object> raised, long version = 0) =>
        RecordAppend(raised, "Raised", (one, _, position) => Record(one, SampleStream, position), version);

    /// <summary>
    /// Returns the events that a store reads after one append of the given events. Upcasters and mergers may change
    /// the number of events.
    /// </summary>
    /// <param name="given">The events.</param>
    /// <param name="kind">The kind of the events in messages: <c>Expected</c>.</param>
    /// <exception cref="SpecificationException">An event cannot be stored, or changes when it is stored and
    /// read.</exception>
    public List<object> ReadGivenEvents(IReadOnlyList<object> given, string kind) =>
        Read(RecordGivenEvents(given, kind));

    /// <summary>Records given events as a stream records them.</summary>
    /// <inheritdoc cref="ReadGivenEvents"/>
    public List<RecordedEvent> RecordGivenEvents(IReadOnlyList<object> given, string kind) =>
        RecordAppend(given, kind, (one, label, position) => RecordGivenEvent(one, label, SampleStream, position), 0);

    /// <summary>Returns the events as a store reads them.</summary>
    public static List<object> Read(IEnumerable<RecordedEvent> recorded) =>
        [.. recorded.SelectMany(one => one.Data is EventParts merged ? merged.Parts : [one.Data])];

    /// <summary>
    /// Joins events that a store merges when it reads them. Such events follow each other in a stream and in the log,
    /// and have the same recorded time.
    /// </summary>
    public static void Join(IReadOnlyList<RecordedEvent> recorded)
    {
        for (var i = 1; i < recorded.Count; i++)
        {
            var first = recorded[i - 1];
            var second = recorded[i];
            if (ReferenceEquals(first.Decoder, second.Decoder))
                second.Decoder?.Types.Join(first, second);
        }
    }

    /// <summary>Throws if an event was written but cannot be read, or is read as a different event.</summary>
    public static void RejectDataLoss(RecordedEvent recorded, object given, string label)
    {
        var data = DataOf(given);
        if (data is SerializedEvent or EventParts)
            return; // The event is read as another type than it was written.
        if (recorded.Data is UnreadableEvent unreadable)
        {
            throw new SpecificationException(
                $"{label}, {DisplayType(data)}, can be stored, but not read again: {unreadable.Reason}.\n\nStored\n    "
                + ValueTree.Text(Parse(recorded)));
        }
        if (recorded.Data.GetType() != data.GetType())
            return;
        var context = new AppendContext(Time, new EventMetadata(), default, null, null);
        var encoded = recorded.Decoder!.Encode(recorded.Data, context); // Set by Record.
        // An event that is stored in another schema version or as two events is read as a different event.
        var isSameShape =
            encoded.Type == recorded.Type
            && encoded.SchemaVersion == recorded.SchemaVersion
            && recorded.Partner is null;
        if (!isSameShape || encoded.Payload.Span.SequenceEqual(recorded.Payload.Span))
            return;
        var again = encoded.At(
            recorded.Stream, recorded.Version, recorded.Position, recorded.Timestamp, recorded.Decoder);
        if (ValueDifferences.Between(Parse(recorded), Parse(again)).Count > 0)
        {
            throw new SpecificationException(
                new FailureText($"{label}, {DisplayType(data)}, changes when it is stored and read.")
                    .Differences("Members (- stored, + read back)", Parse(recorded), Parse(again))
                    .ToString());
        }
    }

    /// <summary>Returns events in the form in which they are compared and displayed.</summary>
    public List<DisplayedEvent> Display(IEnumerable<object> events) => [.. events.Select(Display)];

    public DisplayedEvent Display(object data)
    {
        if (data is SerializedEvent form)
            return new DisplayedEvent($"'{form.Type}' version {form.SchemaVersion}", TryParse(form.Bytes.Span));
        if (data is NewEvent { Data: null, Type: { } type } bytes)
            return new DisplayedEvent($"'{type}' version {bytes.SchemaVersion}", TryParse(bytes.Payload.Span));
        var inner = DataOf(data);
        return new DisplayedEvent(DisplayType(inner), ValueTree.Of(inner, Find(inner.GetType())?.Catalog.Json ?? Json));
    }

    private static List<RecordedEvent> RecordAppend(
        IReadOnlyList<object> events,
        string kind,
        Func<object, string, StoredEventPosition, RecordedEvent> record,
        long version)
    {
        var recorded = new List<RecordedEvent>(events.Count);
        for (var i = 0; i < events.Count; i++)
            recorded.Add(
                record(events[i], $"{kind} event {i + 1}", new StoredEventPosition(version + i + 1, version + i + 1)));
        Join(recorded);
        for (var i = 0; i < events.Count; i++)
            RejectDataLoss(recorded[i], events[i], $"{kind} event {i + 1}");
        return recorded;
    }

    private static object DataOf(object given) => (given as NewEvent)?.Data ?? given;

    private static string DisplayType(object data) =>
        data is SerializedEvent form ? $"'{form.Type}'" : data.GetType().Name;

    private static JsonNode? Parse(RecordedEvent recorded) =>
        recorded.ContentType is EventContentType.Json or EventContentType.Cbor
            ? TryParse(recorded.ReadablePayload.Span)
            : JsonValue.Create(Convert.ToHexString(recorded.Payload.Span));

    private static JsonNode? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return ValueTree.Parse(bytes);
        }
        catch (JsonException)
        {
            return JsonValue.Create(System.Text.Encoding.UTF8.GetString(bytes));
        }
    }

    private static RecordedEvent CreateRecorded(
        EventSerializer serializer,
        SerializedEvent form,
        StreamId stream,
        StoredEventPosition position,
        DateTimeOffset now) =>
        new()
        {
            Id = Guid.CreateVersion7(now),
            Stream = stream,
            Version = position.Version,
            Position = position.Position,
            Type = form.Type,
            SchemaVersion = form.SchemaVersion,
            Timestamp = now,
            Payload = form.Bytes,
            Decoder = serializer,
        };

    private SpecificationModel ModelOf(Type clrType) =>
        Find(clrType)
        ?? (
            Models().Any() || SpecificationModel.In(clrType.Assembly) is not null
                ? throw new EventTypeNotFoundException(clrType)
                : throw new SpecificationException(
                    $"No known model stores {clrType.Name}: {clrType.Assembly.GetName().Name} has "
                        + "no [Model]. "
                        + "Name one by WithModel<TModel>()."));

    private SpecificationModel? Find(Type clrType)
    {
        foreach (var model in Models())
        {
            if (model.Catalog.EventTypes.Knows(clrType))
                return model;
        }
        if (Named is null
            && SpecificationModel.In(clrType.Assembly) is { } other
            && other.Catalog.EventTypes.Knows(clrType))
        {
            _others.Add(clrType.Assembly);
            return other;
        }
        return null;
    }

    private SpecificationModel ModelOf(SerializedEvent form) =>
        Models().FirstOrDefault(model => model.Catalog.EventTypes.KnowsName(form.Type)) ?? Model;

    private IEnumerable<SpecificationModel> Models()
    {
        if (Named is not null)
            return [Named];
        var assemblies = typeAssembly is null ? _others : _others.Prepend(typeAssembly);
        return assemblies.Distinct().Select(SpecificationModel.In).OfType<SpecificationModel>();
    }
}
