namespace Store1Space.Journal;

/// <summary>A committed batch: its accepted requests with their results, without their conditions.</summary>
/// <param name="Now">The writer's clock, which determines the times of the events.</param>
/// <param name="Requests">The requests, in order.</param>
internal sealed record Committed(DateTimeOffset Now, IReadOnlyList<CommittedRequest> Requests) : JournalChange
{
    /// <summary>Returns the part of a batch to write to the journal; null when no request was accepted.</summary>
    public static Committed? Of(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, DateTimeOffset now)
    {
        var accepted = batch
            .Where((_, i) => outcomes[i].Result == CommitResult.Committed)
            .Select(CommittedRequest.Of)
            .ToList();
        return accepted.Count == 0 ? null : new Committed(now, accepted);
    }

    public override async ValueTask Replay(IStorage memory)
    {
        var batch = Requests.Select(request => request.ToRequest()).ToList();
        var outcomes = await memory.Log.Commit(batch, Now, default);
        if (Array.Find(outcomes, outcome => outcome.Result != CommitResult.Committed) is { } refused)
            throw new StorageException(
                "A commit of the journal cannot be applied again.", StorageProblem.Damaged, refused.Refusal);
    }
}

/// <summary>An accepted request.</summary>
internal sealed record CommittedRequest
{
    public IReadOnlyList<CommittedAppend> Appends { get; init; } = [];

    public DateTimeOffset? RecordedAt { get; init; }

    public IReadOnlyList<CommittedClaim> Claims { get; init; } = [];

    public IReadOnlyList<DocumentChange> Documents { get; init; } = [];

    public CheckpointMove? Checkpoint { get; init; }

    public IReadOnlyList<HandledMark> Handled { get; init; } = [];

    public IReadOnlyList<CommittedRemoval> Removals { get; init; } = [];

    public IReadOnlyList<DeadLetterChange> DeadLetters { get; init; } = [];

    public static CommittedRequest Of(CommitRequest request) =>
        new()
        {
            Appends =
            [
                .. request.Appends.Select(append => new CommittedAppend(
                    append.Stream,
                    [.. append.Events.Select(CommittedEvent.Of)])),
            ],
            RecordedAt = request.RecordedAt,
            Claims =
            [
                .. request.Claims.Select(claim => new CommittedClaim(
                    claim.Scope, claim.Value, claim.Owner, claim.IsRelease)),
            ],
            Documents = request.Documents,
            Checkpoint = request.Checkpoint,
            Handled = request.Handled,
            Removals =
            [
                .. request.Removals.Select(removal => new CommittedRemoval(
                    removal.Stream, removal.Kind, removal.Before, removal.Reason, removal.By)),
            ],
            DeadLetters = request.DeadLetters,
        };

    public CommitRequest ToRequest() => new()
    {
        Appends = [.. Appends.Select(append => new StreamAppend(
            append.Stream, ExpectedVersion.Any, [.. append.Events.Select(one => one.ToEvent())]))],
        RecordedAt = RecordedAt,
        Claims = [.. Claims.Select(claim => claim.ToClaim())],
        Documents = Documents,
        Checkpoint = Checkpoint,
        Handled = Handled,
        Removals = [.. Removals.Select(removal => new StreamRemoval(
            removal.Stream, removal.Kind, removal.Before, ExpectedVersion.Any, removal.Reason, removal.By))],
        DeadLetters = DeadLetters,
    };
}

internal sealed record CommittedAppend(StreamId Stream, IReadOnlyList<CommittedEvent> Events);

internal sealed record CommittedClaim(string Scope, string Value, string Owner, bool IsRelease)
{
    public Claim ToClaim() => IsRelease ? Claim.Release(Scope, Value, Owner) : Claim.Acquire(Scope, Value, Owner);
}

internal sealed record CommittedRemoval(StreamId Stream, RemovalKind Kind, long Before, string Reason, string? By);

/// <summary>An appended event. Its id is always stored.</summary>
internal sealed record CommittedEvent(
    Guid Id,
    string Type,
    int SchemaVersion,
    string ContentType,
    ReadOnlyMemory<byte> Payload,
    ReadOnlyMemory<byte> Metadata,
    string? Source,
    string? EncryptionKeyId,
    Guid? CorrelationId,
    Guid? CausationId,
    IReadOnlyList<CommittedTag> Tags)
{
    public static CommittedEvent Of(EncodedEvent encoded) => new(
        encoded.Id,
        encoded.Type,
        encoded.SchemaVersion,
        encoded.ContentType,
        encoded.Payload,
        encoded.MetadataBytes,
        encoded.Source,
        encoded.EncryptionKeyId,
        encoded.CorrelationId,
        encoded.CausationId,
        [.. encoded.Tags.Select(tag => new CommittedTag(tag.Name, tag.Value))]);

    public EncodedEvent ToEvent() => new()
    {
        Id = Id,
        Type = Type,
        SchemaVersion = SchemaVersion,
        ContentType = ContentType,
        Payload = Payload,
        MetadataBytes = Metadata,
        Source = Source,
        EncryptionKeyId = EncryptionKeyId,
        CorrelationId = CorrelationId,
        CausationId = CausationId,
        Tags = [.. Tags.Select(tag => new Tag(tag.Name, tag.Value))],
    };
}

internal sealed record CommittedTag(string Name, string Value);
