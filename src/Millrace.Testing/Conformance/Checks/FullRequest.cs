using System.Text;
using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Creates a request with every possible part, and variants with one invalid part each.</summary>
internal static class FullRequest
{
    /// <summary>Gets the variants of the request, each with one invalid part.</summary>
    public static IReadOnlyList<(string Problem, Func<CommitRequest, CommitRequest> Make)> InvalidVariants { get; } =
    [
        (
            "an append in conflict",
            full =>
                With(full, appends: [.. full.Appends, Sample.To("kept", ExpectedVersion.NoStream, Sample.Event(901))])),
        (
            "a failed condition",
            full => With(full, conditions: [new AppendCondition(EventFilter.OfTypes("kept.happened"), 0)])),
        (
            "a claim with another owner",
            full => With(full, claims: [.. full.Claims, Claim.Acquire("email", "taken@example.org", "another")])),
        (
            "a document in conflict",
            full =>
                With(
                    full,
                    documents: [.. full.Documents, Sample.Put("plain@1", "kept", "spoilt") with { FromVersion = 0 }])),
        // Every full request has a checkpoint.
        (
            "a checkpoint that differs from the stored one",
            full => With(full, checkpoint: full.Checkpoint! with { From = 3 })),
        ("a lease that was lost", full => With(full, checkpoint: full.Checkpoint! with { LeaseEpoch = 99 })),
        (
            "a dead letter that has changed",
            full =>
                With(
                    full,
                    deadLetters:
                    [
                        .. full.DeadLetters,
                        new DeadLetterChange(DeadLetterSample.NewDeadLetter(1) with { Id = 1, Revision = 9 }),
                    ]
                )
        ),
        (
            "a removal of a missing stream",
            full => With(full, removals: [.. full.Removals, Sample.Removal("missing", RemovalKind.Delete)])),
    ];

    public static async Task Prepare(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Append("kept", ExpectedVersion.NoStream, Sample.Event(1, "kept.happened"));
        await probe.Append("removed", ExpectedVersion.NoStream, Sample.Events(2, 2));
        await probe.Do(new CommitRequest
        {
            Claims =
        [
            Claim.Acquire("email", "taken@example.org", "owner"), Claim.Acquire("email", "given@example.org", "me"),
        ]
        });
        await probe.Do(Sample.Write(Sample.Put("plain@1", "kept", "first"), Sample.Put("plain@1", "gone", "first")));
        await probe.Leases.Acquire("whole", 0, "node", TimeSpan.FromHours(1), probe.Now, probe.Cancel);
    }

    public static async Task<CommitRequest> Request(StorageProbe probe) => new()
    {
        Appends =
        [
            Sample.To("new", ExpectedVersion.NoStream, Sample.Events(100, 2)),
            Sample.To("kept", ExpectedVersion.Exactly(1), Sample.Event(102)),
        ],
        Conditions = [new AppendCondition(EventFilter.OfTypes("never.happened"), 0)],
        Claims = [Claim.Acquire("email", "new@example.org", "me"), Claim.Release("email", "given@example.org", "me")],
        Documents =
        [
            Sample.Put("plain@1", "new", "new"),
            Sample.Put("plain@1", "kept", "second") with
            {
                FromVersion = (await probe.Documents.Get("plain@1", "kept", probe.Cancel))?.Version,
            },
            new DocumentChange { Collection = "plain@1", Key = "gone" },
        ],
        Checkpoint = new CheckpointMove("whole", 0, 1, null, 3),
        Handled = [Sample.Mark("command-1", "answer")],
        Removals = [Sample.Removal("removed", RemovalKind.Delete)],
        DeadLetters = [new DeadLetterChange(DeadLetterSample.NewDeadLetter(2))],
    };

    public static async Task ExpectNoEffects(StorageProbe probe, string problem)
    {
        Expect.Equal(3, await probe.LastPosition(), $"the head of the log after {problem}");
        Expect.Equal(3, (await probe.ReadLog()).Count, $"the number of events after {problem}");
        Expect.Equal(0, (await probe.Head("new")).Version, $"the new stream's version after {problem}");
        Expect.Equal(1, (await probe.Head("kept")).Version, $"the kept stream's version after {problem}");
        Expect.Equal(
            StreamState.Open, (await probe.Head("removed")).State, $"the removed stream's state after {problem}");
        Expect.Equal(
            0, (await probe.Log.ListRemovals(null, probe.Cancel)).Count, $"the number of removals after {problem}");
        Expect.Equal(
            null,
            await probe.Log.FindClaim("email", "new@example.org", probe.Cancel),
            $"the new claim after {problem}");
        Expect.Equal(
            "me",
            await probe.Log.FindClaim("email", "given@example.org", probe.Cancel),
            $"the released claim after {problem}");
        Expect.Equal(null, await BodyOf(probe, "new"), $"the new document after {problem}");
        Expect.Equal("first", await BodyOf(probe, "kept"), $"the changed document after {problem}");
        Expect.Equal("first", await BodyOf(probe, "gone"), $"the removed document after {problem}");
        Expect.Equal(null, (await probe.Leases.List(probe.Cancel)).One().Checkpoint, $"the checkpoint after {problem}");
        Expect.Equal(
            null,
            await probe.Log.FindHandled("place-order", "command-1", probe.Cancel),
            $"the handled id after {problem}");
        Expect.Equal(0, await CountDeadLetters(probe), $"the number of dead letters after {problem}");
    }

    private static ValueTask<long> CountDeadLetters(StorageProbe probe) =>
        probe.DeadLetters.Count(new DeadLetterQuery(), probe.Cancel);

    public static async Task ExpectAllEffects(StorageProbe probe)
    {
        Expect.Equal(6, await probe.LastPosition(), "the head of the log");
        Expect.Equal(2, (await probe.Head("new")).Version, "the new stream's version");
        Expect.Equal(2, (await probe.Head("kept")).Version, "the kept stream's version");
        Expect.Equal(StreamState.Deleted, (await probe.Head("removed")).State, "the removed stream's state");
        Expect.Equal(1, (await probe.Log.ListRemovals(null, probe.Cancel)).Count, "removals");
        Expect.Equal("me", await probe.Log.FindClaim("email", "new@example.org", probe.Cancel), "the new claim");
        Expect.Equal(null, await probe.Log.FindClaim("email", "given@example.org", probe.Cancel), "the released claim");
        Expect.Equal("new", await BodyOf(probe, "new"), "the new document");
        Expect.Equal("second", await BodyOf(probe, "kept"), "the changed document");
        Expect.Equal(null, await BodyOf(probe, "gone"), "the removed document");
        Expect.Equal(3, (await probe.Leases.List(probe.Cancel)).One().Checkpoint, "the checkpoint");
        Expect.True(
            await probe.Log.FindHandled("place-order", "command-1", probe.Cancel) is not null,
            "the handled id is missing");
        Expect.Equal(1, await CountDeadLetters(probe), "the number of dead letters");
    }

    private static async Task<string?> BodyOf(StorageProbe probe, string key) =>
        await probe.Documents.Get("plain@1", key, probe.Cancel) is { } found
            ? Encoding.UTF8.GetString(found.Body.Span)
            : null;

    private static CommitRequest With(
        CommitRequest full,
        IReadOnlyList<StreamAppend>? appends = null,
        IReadOnlyList<AppendCondition>? conditions = null,
        IReadOnlyList<Claim>? claims = null,
        IReadOnlyList<DocumentChange>? documents = null,
        CheckpointMove? checkpoint = null,
        IReadOnlyList<StreamRemoval>? removals = null,
        IReadOnlyList<DeadLetterChange>? deadLetters = null) => new()
        {
            Appends = appends ?? full.Appends,
            Conditions = conditions ?? full.Conditions,
            Claims = claims ?? full.Claims,
            Documents = documents ?? full.Documents,
            Checkpoint = checkpoint ?? full.Checkpoint,
            Handled = full.Handled,
            Removals = removals ?? full.Removals,
            DeadLetters = deadLetters ?? full.DeadLetters,
        };
}
