using Millrace.Events;
using Shapes;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Writes and reads the events of the model that has every accepted shape, as a store does.</summary>
internal static class ShapesEvents
{
    private static readonly AppendContext Context = new(
        DateTimeOffset.UnixEpoch, EventMetadata.Empty, default, null, null);

    public static EventTypeMap Types { get; } = TypesOf();

    /// <summary>Writes and reads an event.</summary>
    public static T RoundTrip<T>(T value, EventFormat format)
        where T : notnull
    {
        var written = new EventSerializer(Types, new EventLimits(), format).Encode(value, Context);
        // The type is in the model, so it is found.
        return (T)Types.Find(written.Type, written.SchemaVersion)!.Read(written.Payload.Span, written.ContentType);
    }

    private static EventTypeMap TypesOf()
    {
        var builder = new ModelBuilder();
        ShapesModel.Register(builder);
        return new ModelCatalog(builder).EventTypes;
    }
}
