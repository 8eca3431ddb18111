namespace Millrace;

/// <summary>What an append says about all its events that do not say it themselves.</summary>
internal readonly record struct AppendContext(
    DateTimeOffset Now,
    EventMetadata Metadata,
    ReadOnlyMemory<byte> MetadataBytes,
    Guid? CorrelationId,
    Guid? CausationId);
