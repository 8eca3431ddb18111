using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of the transactions of a mover.</summary>
internal static class MoveSessionChecks
{
    private const string Other = "another storage";

    /// <summary>The minimum time for which the fence stays open.</summary>
    private static readonly TimeSpan HoldTime = TimeSpan.FromMilliseconds(500);

    // A storage may end a fence that is idle for a few seconds, so that it does not stop writers.
    private static readonly TimeSpan MaxHoldTime = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A fence of a move holds all writers until its session ends", Fence, StorageFeatures.Moves),
        new("A session of a move without a commit writes nothing", Without_commit, StorageFeatures.Moves),
    ];

    private static async Task Fence(StorageProbe probe)
    {
        var moves = MoveConformanceChecks.EndpointOf(probe);
        var started = TimeProvider.System.GetTimestamp();
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));
        // A busy machine may need longer than the minimum for an append that nothing holds.
        var hold = HoldTime + (10 * TimeProvider.System.GetElapsedTime(started));
        if (hold > MaxHoldTime)
            hold = MaxHoldTime;
        await moves.StartSource(Other, probe.Cancel);
        Task<CommitOutcome> append;
        var session = await moves.OpenSession(MoveSessionKind.Fence, probe.Cancel);
        await using (session)
        {
            append = Task.Run(() => probe.Append("a", ExpectedVersion.Exactly(1), Sample.Event(2)), probe.Cancel);

            await Task.WhenAny(append, Task.Delay(hold, TimeProvider.System, probe.Cancel));

            if (append.IsCompleted)
                await append; // A failure is reported as it is.
            Expect.True(!append.IsCompleted, "an append ended while the fence was open");
            Expect.Equal(1, (await session.GetHeader(probe.Cancel)).LastPosition, "the last position in the fence");
        }
        await append;
        await moves.End(probe.Cancel);
        Expect.Equal(2, await probe.LastPosition(), "the last position after the fence");
    }

    private static async Task Without_commit(StorageProbe probe)
    {
        var moves = MoveConformanceChecks.EndpointOf(probe);
        await moves.StartTarget(Other, probe.Cancel);
        var writing = await moves.OpenSession(MoveSessionKind.Write, probe.Cancel);
        await using (writing)
        {
            await writing.CreateCollection(Sample.Plain, probe.Cancel);
            await writing.AddEvents([NewEvent()], probe.Cancel);
            await writing.Put(MovedTables.Claims, [new MovedRow(["e-mail", "anna", "owner"])], probe.Cancel);
        }

        var session = await moves.OpenSession(MoveSessionKind.Read, probe.Cancel);
        await using (session)
        {
            Expect.Equal(0, (await session.GetHeader(probe.Cancel)).LastPosition, "the last position");
            Expect.Equal(0, (await session.ReadEvents(1, 9, 9, probe.Cancel)).Count, "the number of events");
            Expect.Equal(0, (await session.ListCollections(probe.Cancel)).Count, "the number of collections");
            var claims = await session.ReadRows(MovedTables.Claims, null, 9, probe.Cancel);
            Expect.Equal(0, claims.Count, "the number of claims");
        }
        await moves.End(probe.Cancel);
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(2));
    }

    private static RecordedEvent NewEvent() => new()
    {
        Id = Sample.Id(1),
        Stream = new StreamId("a"),
        Version = 1,
        Position = 1,
        Type = "thing.happened",
        Timestamp = StorageProbe.Beginning,
        Payload = "{}"u8.ToArray(),
    };
}
