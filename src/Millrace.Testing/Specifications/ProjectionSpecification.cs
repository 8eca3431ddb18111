using System.Globalization;
using System.Text;

namespace Millrace.Testing;

/// <summary>
/// Specifies what a projection makes of an event, both as they are stored: given a document, when an event comes, then it passes.
/// </summary>
/// <remarks>Dead letters are written as tests of this kind.</remarks>
public sealed class ProjectionSpecification
{
    private readonly ModelCatalog _model;
    private readonly ProjectionDefinition _definition;
    private string _key = "";
    private byte[]? _document;

    internal ProjectionSpecification(ModelCatalog model, string collection)
    {
        _model = model;
        _definition = model.Projections.FirstOrDefault(one => one.Collection == collection) ?? throw new ArgumentException(
            $"The model has no projection '{collection}'. It has: {string.Join(", ", model.Projections.Select(one => one.Collection))}.",
            nameof(collection));
    }

    /// <summary>Begins with the document of a key; without this, or without a body, there is none.</summary>
    /// <param name="key">The document's key.</param>
    /// <param name="document">The document as JSON; null for none.</param>
    public ProjectionSpecification Given(string key, string? document = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        (_key, _document) = (key, document is null ? null : Encoding.UTF8.GetBytes(document));
        return this;
    }

    /// <summary>Has an event come, as it is stored.</summary>
    /// <param name="eventType">The stored name of its type.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="schemaVersion">Which shape of the type it is.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="version">Its version in the stream.</param>
    /// <param name="position">Its position in the log.</param>
    /// <param name="timestamp">When it was recorded, as ISO 8601; null for the beginning of 2020.</param>
    public ProjectionOutcome When(
        string eventType,
        string payload,
        int schemaVersion = 1,
        string stream = "test-1",
        long version = 1,
        long position = 1,
        string? timestamp = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventType);
        ArgumentNullException.ThrowIfNull(payload);
        var recordedAt = timestamp is null
            ? new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)
            : DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture);
        var recorded = new RecordedEvent
        {
            Id = Guid.CreateVersion7(recordedAt),
            Stream = new StreamId(stream),
            Version = version,
            Position = position,
            Type = eventType,
            SchemaVersion = schemaVersion,
            Timestamp = recordedAt,
            Payload = Encoding.UTF8.GetBytes(payload),
            Decoder = new EventSerializer(_model.EventTypes, new EventLimits()),
        };
        // A bare null would become empty bytes.
        var document = _document is null ? (ReadOnlyMemory<byte>?)null : _document;
        return ProjectionOutcome.Of(() => _definition.FoldStored(document, _key, recorded));
    }
}
