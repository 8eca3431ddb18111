using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>
/// Takes events the way that they go in production: written as they are stored, and read as a later command would read
/// them, through the upcasters. What gets lost on the way is found here.
/// </summary>
/// <param name="home">The assembly of what is specified, whose model is asked first.</param>
internal sealed class RoundTrip(Assembly? home)
{
    private static readonly DateTimeOffset Time = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly StreamId SampleStream = new("test-1");

    private readonly List<Assembly> _others = [];

    /// <summary>The model that was named; null to find it.</summary>
    public SpecificationModel? Named { get; set; }

    /// <summary>How values are written as JSON; null when no model is known.</summary>
    public JsonSerializerOptions? Json => Models().FirstOrDefault()?.Catalog.Json;

    /// <summary>The model of what is specified.</summary>
    /// <exception cref="SpecificationException">There is none.</exception>
    public SpecificationModel Model => Models().FirstOrDefault() ?? throw new SpecificationException(
        $"{home?.GetName().Name ?? "The assembly"} has no [Model]: name one by WithModel<TModel>().");

    /// <summary>An event as it is recorded: written, and not read yet.</summary>
    /// <param name="given">The event, a <see cref="NewEvent"/> or a <see cref="SerializedEvent"/>.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="place">Its place in it.</param>
    /// <exception cref="MillraceException">It cannot be stored.</exception>
    public RecordedEvent Record(object given, StreamId stream, StoredEventPosition place)
    {
        var now = place.Time ?? Time;
        if (given is SerializedEvent form)
            return Recorded(ModelOf(form).Serializer, form, stream, place, now);
        var serializer = ModelOf(DataOf(given).GetType()).Serializer;
        var encoded = serializer.Encode(given, new AppendContext(now, new EventMetadata(), default, null, null));
        return encoded.AsReadAt(stream, place.Version, place.Position, now, serializer);
    }

    /// <summary>The same of an event that the specification names: that it cannot be stored is its mistake.</summary>
    /// <exception cref="SpecificationException">It cannot be stored.</exception>
    public RecordedEvent RecordGivenEvents(object said, string what, StreamId stream, StoredEventPosition place)
    {
        try
        {
            return Record(said, stream, place);
        }
        catch (MillraceException exception)
        {
            throw new SpecificationException($"{what}, {Show(said)}, cannot be stored: {exception.Message}", exception);
        }
    }

    /// <summary>Events as they stand in a stream after an append that raised them, each checked to come back as it
    /// was.</summary>
    /// <param name="raised">The events.</param>
    /// <param name="version">The version of the stream before.</param>
    /// <exception cref="SpecificationException">One does not come back as it was.</exception>
    /// <exception cref="MillraceException">One cannot be stored.</exception>
    public List<RecordedEvent> RecordRaised(IReadOnlyList<object> raised, long version = 0) =>
        RecordAppend(raised, "Raised", (one, _, place) => Record(one, SampleStream, place), version);

    /// <summary>What one append of these events is read as: one event for each, several, none, or one for two of
    /// them.</summary>
    /// <param name="said">The events.</param>
    /// <param name="kind">What they are, for the error: <c>Expected</c>.</param>
    /// <exception cref="SpecificationException">One cannot be stored, or does not come back as it was.</exception>
    public List<object> ReadGivenEvents(IReadOnlyList<object> said, string kind) => Read(RecordGivenEvents(said, kind));

    /// <summary>The same as they stand in a stream.</summary>
    /// <inheritdoc cref="ReadGivenEvents"/>
    public List<RecordedEvent> RecordGivenEvents(IReadOnlyList<object> said, string kind) =>
        RecordAppend(said, kind, (one, what, place) => RecordGivenEvents(one, what, SampleStream, place), 0);

    /// <summary>What events are read as.</summary>
    public static List<object> Read(IEnumerable<RecordedEvent> recorded) =>
        [.. recorded.SelectMany(one => one.Data is EventParts several ? several.Parts : [one.Data])];

    /// <summary>Joins those that a store reads as one: neighbours in a stream and in the log, recorded at one
    /// time.</summary>
    public static void Join(IReadOnlyList<RecordedEvent> recorded)
    {
        for (var i = 1; i < recorded.Count; i++)
        {
            var (first, second) = (recorded[i - 1], recorded[i]);
            if (ReferenceEquals(first.Decoder, second.Decoder))
                second.Decoder?.Types.Join(first, second);
        }
    }

    /// <summary>Refuses an event that was written, but cannot be read, or comes back as another one.</summary>
    public static void RejectDataLoss(RecordedEvent recorded, object given, string what)
    {
        var data = DataOf(given);
        if (data is SerializedEvent or EventParts)
            return; // What it is read as is not what was said.
        if (recorded.Data is UnreadableEvent unreadable)
        {
            throw new SpecificationException(
                $"{what}, {ShownType(data)}, can be stored, but not read again: {unreadable.Reason}.\n\nStored\n    "
                + ValueTree.Text(Parse(recorded)));
        }
        if (recorded.Data.GetType() != data.GetType())
            return;
        var context = new AppendContext(Time, new EventMetadata(), default, null, null);
        var encoded = recorded.Decoder!.Encode(recorded.Data, context); // Set by Record.
        // What is stored in another shape, or as two events, is read as something else.
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
                new FailureText($"{what}, {ShownType(data)}, does not come back from the store as it was.")
                    .Differences("Members (- stored, + as it comes back)", Parse(recorded), Parse(again))
                    .ToString());
        }
    }

    /// <summary>Events as they are compared and shown.</summary>
    public List<DisplayedEvent> Show(IEnumerable<object> events) => [.. events.Select(Show)];

    public DisplayedEvent Show(object data)
    {
        if (data is SerializedEvent form)
            return new DisplayedEvent($"'{form.Type}' version {form.SchemaVersion}", TryParse(form.Bytes.Span));
        if (data is NewEvent { Data: null, Type: { } type } bytes)
            return new DisplayedEvent($"'{type}' version {bytes.SchemaVersion}", TryParse(bytes.Payload.Span));
        var inner = DataOf(data);
        return new DisplayedEvent(ShownType(inner), ValueTree.Of(inner, Find(inner.GetType())?.Catalog.Json ?? Json));
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

    private static string ShownType(object data) =>
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

    private static RecordedEvent Recorded(
        EventSerializer serializer,
        SerializedEvent form,
        StreamId stream,
        StoredEventPosition place,
        DateTimeOffset now) =>
        new()
        {
            Id = Guid.CreateVersion7(now),
            Stream = stream,
            Version = place.Version,
            Position = place.Position,
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
                    $"No model is known that says how {clrType.Name} is stored: {clrType.Assembly.GetName().Name} has "
                        + $"no [Model]. "
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
        var assemblies = home is null ? _others : _others.Prepend(home);
        return assemblies.Distinct().Select(SpecificationModel.In).OfType<SpecificationModel>();
    }
}
