using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of guards: versions that streams must have, although the request does not append to
/// them.</summary>
internal static class GuardChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A request is refused if a guarded stream has another version", Other_version),
        new("A guard applies to appends of earlier requests in the batch", Sees_the_batch),
        new("A guarded stream without events has the version 0, and a deleted one keeps its version", No_events),
    ];

    private static async Task Other_version(StorageProbe probe)
    {
        await probe.Append("fence", ExpectedVersion.Any, Sample.Event(1), Sample.Event(2));

        var refused = await probe.Refuse<VersionConflictException>(If("fence", 1, 9));

        Expect.Equal(new StreamId("fence"), refused.Stream, "the stream of the guard");
        Expect.Equal(2, refused.Actual, "the version of the stream");
        await probe.Refuse<VersionConflictException>(If("fence", 3, 9));
        Expect.Equal(2, await probe.LastPosition(), "the head of the log");
        await probe.Do(If("fence", 2, 9));
        await probe.Do(If("fence", 2, 10));
        Expect.Equal(4, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Sees_the_batch(StorageProbe probe)
    {
        await probe.Append("fence", ExpectedVersion.Any, Sample.Event(1));

        var outcomes = await probe.Commit(
            If("fence", 1, 2),
            Sample.Append("fence", ExpectedVersion.Exactly(1), Sample.Event(3)),
            If("fence", 1, 4),
            If("fence", 2, 5));

        Expect.Committed(outcomes[0], "the request before the change of the guarded stream");
        Expect.Refused<VersionConflictException>(outcomes[2]);
        Expect.Committed(outcomes[3], "the request with the new version");
    }

    private static async Task No_events(StorageProbe probe)
    {
        await probe.Do(If("fence", 0, 1));
        await probe.Append("fence", ExpectedVersion.NoStream, Sample.Event(2));
        await probe.Refuse<VersionConflictException>(If("fence", 0, 9));
        await probe.Do(new CommitRequest { Removals = [Sample.Removal("fence", RemovalKind.Delete)] });

        await probe.Do(If("fence", 1, 3));
        await probe.Refuse<VersionConflictException>(If("fence", 0, 9));
    }

    private static CommitRequest If(string stream, long version, int number) => new()
    {
        Guards = [new StreamGuard(new StreamId(stream), version)],
        Appends = [Sample.To($"decision-{number}", ExpectedVersion.NoStream, Sample.Event(number, "decision.made"))],
    };
}
