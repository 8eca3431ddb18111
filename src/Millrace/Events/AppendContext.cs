namespace Millrace.Events;

/// <summary>The values of an append that apply to its events, unless an event sets other values.</summary>
internal readonly record struct AppendContext(
    DateTimeOffset Now,
    EventMetadata Metadata,
    ReadOnlyMemory<byte> MetadataBytes,
    Guid? CorrelationId,
    Guid? CausationId);
