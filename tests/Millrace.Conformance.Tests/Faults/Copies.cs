using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>Creates changed copies of immutable requests and events.</summary>
internal static class Copies
{
    public static CommitRequest With(
        this CommitRequest request,
        IReadOnlyList<StreamAppend>? appends = null,
        IReadOnlyList<AppendCondition>? conditions = null,
        IReadOnlyList<Claim>? claims = null,
        IReadOnlyList<DocumentChange>? documents = null,
        Func<CheckpointMove?, CheckpointMove?>? checkpoint = null,
        IReadOnlyList<HandledMark>? handled = null,
        IReadOnlyList<StreamRemoval>? removals = null,
        IReadOnlyList<DeadLetterChange>? deadLetters = null,
        IReadOnlyList<RecordedEvent>? replacements = null) => new()
        {
            Appends = appends ?? request.Appends,
            Conditions = conditions ?? request.Conditions,
            Claims = claims ?? request.Claims,
            Documents = documents ?? request.Documents,
            Checkpoint = checkpoint is null ? request.Checkpoint : checkpoint(request.Checkpoint),
            Handled = handled ?? request.Handled,
            Removals = removals ?? request.Removals,
            Replacements = replacements ?? request.Replacements,
            DeadLetters = deadLetters ?? request.DeadLetters,
        };

    public static CommitRequest WithEvents(
        this CommitRequest request,
        Func<IReadOnlyList<EncodedEvent>, IEnumerable<EncodedEvent>> change) =>
        request.With(
            appends: [.. request.Appends.Select(append => append with { Events = [.. change(append.Events)] })]);

    public static RecordedEvent With(
        this RecordedEvent recorded,
        StreamId? stream = null,
        long? position = null,
        DateTimeOffset? timestamp = null,
        ReadOnlyMemory<byte>? payload = null,
        ReadOnlyMemory<byte>? metadata = null,
        IReadOnlyList<Tag>? tags = null) => new()
        {
            Id = recorded.Id,
            Stream = stream ?? recorded.Stream,
            Version = recorded.Version,
            Position = position ?? recorded.Position,
            Type = recorded.Type,
            SchemaVersion = recorded.SchemaVersion,
            ContentType = recorded.ContentType,
            Timestamp = timestamp ?? recorded.Timestamp,
            Payload = payload ?? recorded.Payload,
            MetadataBytes = metadata ?? recorded.MetadataBytes,
            Source = recorded.Source,
            CorrelationId = recorded.CorrelationId,
            CausationId = recorded.CausationId,
            EncryptionKeyId = recorded.EncryptionKeyId,
            Tags = tags ?? recorded.Tags,
        };
}
