namespace Millrace;

/// <summary>The values of an append that apply to each of its events without values.</summary>
internal readonly record struct AppendContext(
    DateTimeOffset Now,
    EventMetadata Metadata,
    ReadOnlyMemory<byte> MetadataBytes,
    Guid? CorrelationId,
    Guid? CausationId);
