using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>
/// Takes events the way that they go in production: written as they are stored, and read as a later command would read them, through
/// the upcasters. What gets lost on the way is found here.
/// </summary>
/// <param name="home">The assembly of what is specified, whose model is asked first.</param>
internal sealed class RoundTrip(Assembly? home)
{
    private static readonly DateTimeOffset Time = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<Assembly> _others = [];

    /// <summary>The model that was named; null to find it.</summary>
    public SpecifiedModel? Named { get; set; }

    /// <summary>How values are written as JSON; null when no model is known.</summary>
    public JsonSerializerOptions? Json => Models().FirstOrDefault()?.Catalog.Json;

    /// <summary>The model of what is specified.</summary>
    /// <exception cref="SpecificationException">There is none.</exception>
    public SpecifiedModel Model => Models().FirstOrDefault() ?? throw new SpecificationException(
        $"{home?.GetName().Name ?? "The assembly"} has no [Model]: name one by WithModel<TModel>().");

    /// <summary>An event as it is recorded: written, and not read yet.</summary>
    /// <param name="given">The event, a <see cref="NewEvent"/> or a <see cref="StoredForm"/>.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="place">Its version and position.</param>
    /// <param name="time">When it was recorded; null for the first day of 2024.</param>
    /// <exception cref="MillraceException">It cannot be stored.</exception>
    public RecordedEvent Record(object given, StreamId stream, long place, DateTimeOffset? time = null)
    {
        var now = time ?? Time;
        if (given is StoredForm form)
            return Recorded(ModelOf(form).Serializer, form, stream, place, now);
        var data = (given as NewEvent)?.Data ?? given;
        var serializer = ModelOf(data.GetType()).Serializer;
        var encoded = serializer.Encode(given, new AppendContext(now, new EventMetadata(), default, null, null));
        return encoded.AsReadAt(stream, place, place, now, serializer);
    }

    /// <summary>An event as it is read back: one, several, or none.</summary>
    /// <param name="given">The event.</param>
    /// <param name="what">What it is, for the error: <c>Given event 2</c>.</param>
    /// <exception cref="SpecificationException">It does not come back as it was.</exception>
    /// <exception cref="MillraceException">It cannot be stored.</exception>
    public IReadOnlyList<object> Read(object given, string what)
    {
        var recorded = Record(given, new StreamId("test-1"), 1);
        RefuseLoss(recorded, (given as NewEvent)?.Data ?? given, what);
        return recorded.Data is EventParts several ? several.Parts : [recorded.Data];
    }

    /// <summary>Refuses an event that was written, but cannot be read, or comes back as another one.</summary>
    public static void RefuseLoss(RecordedEvent recorded, object given, string what)
    {
        if (recorded.Data is UnreadableEvent unreadable)
        {
            throw new SpecificationException(
                $"{what}, {ShownType(given)}, can be stored, but not read again: {unreadable.Reason}.\n\nStored\n    "
                + ValueTree.Text(Parse(recorded)));
        }
        if (recorded.Data.GetType() != given.GetType())
            return;
        var context = new AppendContext(Time, new EventMetadata(), default, null, null);
        var encoded = recorded.Decoder!.Encode(recorded.Data, context); // Set by Record.
        if (encoded.Payload.Span.SequenceEqual(recorded.Payload.Span))
            return;
        var again = encoded.At(recorded.Stream, recorded.Version, recorded.Position, recorded.Timestamp, recorded.Decoder);
        if (ValueDifferences.Between(Parse(recorded), Parse(again)).Count > 0)
        {
            throw new SpecificationException(new FailureText($"{what}, {ShownType(given)}, does not come back from the store as it was.")
                .Differences("Members (- stored, + as it comes back)", Parse(recorded), Parse(again)).ToString());
        }
    }

    /// <summary>Events as they are compared and shown.</summary>
    public List<ShownEvent> Show(IEnumerable<object> events) => [.. events.Select(Show)];

    public ShownEvent Show(object data)
    {
        if (data is StoredForm form)
            return new ShownEvent($"'{form.Type}' version {form.SchemaVersion}", TryParse(form.Bytes.Span));
        if (data is NewEvent { Data: null, Type: { } type } bytes)
            return new ShownEvent($"'{type}' version {bytes.SchemaVersion}", TryParse(bytes.Payload.Span));
        var inner = (data as NewEvent)?.Data ?? data;
        return new ShownEvent(ShownType(inner), ValueTree.Of(inner, Find(inner.GetType())?.Catalog.Json ?? Json));
    }

    private static string ShownType(object data) => data is StoredForm form ? $"'{form.Type}'" : data.GetType().Name;

    private static JsonNode? Parse(RecordedEvent recorded) => recorded.ContentType is EventContentType.Json or EventContentType.Cbor
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
        EventSerializer serializer, StoredForm form, StreamId stream, long place, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Stream = stream,
        Version = place,
        Position = place,
        Type = form.Type,
        SchemaVersion = form.SchemaVersion,
        Timestamp = now,
        Payload = form.Bytes,
        Decoder = serializer,
    };

    private SpecifiedModel ModelOf(Type clrType) => Find(clrType) ?? (Models().Any() || SpecifiedModel.In(clrType.Assembly) is not null
        ? throw new EventTypeNotFoundException(clrType)
        : throw new SpecificationException(
            $"No model is known that says how {clrType.Name} is stored: {clrType.Assembly.GetName().Name} has no [Model]. "
            + "Name one by WithModel<TModel>()."));

    private SpecifiedModel? Find(Type clrType)
    {
        foreach (var model in Models())
        {
            if (model.Catalog.EventTypes.Knows(clrType))
                return model;
        }
        if (Named is null && SpecifiedModel.In(clrType.Assembly) is { } other && other.Catalog.EventTypes.Knows(clrType))
        {
            _others.Add(clrType.Assembly);
            return other;
        }
        return null;
    }

    private SpecifiedModel ModelOf(StoredForm form) =>
        Models().FirstOrDefault(model => model.Catalog.EventTypes.KnowsName(form.Type)) ?? Model;

    private IEnumerable<SpecifiedModel> Models()
    {
        if (Named is not null)
            return [Named];
        var assemblies = home is null ? _others : _others.Prepend(home);
        return assemblies.Distinct().Select(SpecifiedModel.In).OfType<SpecifiedModel>();
    }
}
