namespace Millrace;

/// <summary>The values of an append that apply to events without values of their own.</summary>
internal readonly record struct AppendContext(
    DateTimeOffset Now,
    EventMetadata Metadata,
    ReadOnlyMemory<byte> MetadataBytes,
    Guid? CorrelationId,
    Guid? CausationId);
