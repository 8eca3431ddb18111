using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Creates, writes and reads the dead letters of the conformance checks.</summary>
internal static class DeadLetterSample
{
    public static async Task<ConsumerRecord> Prepare(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 4));
        return await Acquire(probe);
    }

    public static async Task<ConsumerRecord> Acquire(StorageProbe probe) =>
        await probe.Leases.Acquire("sales", 0, "node", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);

    public static DeadLetter NewDeadLetter(long position, string key = "k") => new()
    {
        Consumer = "sales",
        Position = position,
        Key = key,
        Stream = new StreamId("a"),
        Version = position,
        EventType = "thing.happened",
        EventId = Sample.Id((int)position),
        State = DeadLetterState.Parked,
        Cause = "cause",
        ErrorType = "System.Exception",
    };

    public static CommitRequest Change(DeadLetter deadLetter, bool isRemoval = false) =>
        new() { DeadLetters = [new DeadLetterChange(deadLetter, isRemoval)] };

    public static async Task Write(StorageProbe probe, params DeadLetter[] deadLetters) =>
        await probe.Do(new CommitRequest { DeadLetters = [.. deadLetters.Select(each => new DeadLetterChange(each))] });

    public static async Task<DeadLetter?> Find(StorageProbe probe, DeadLetter deadLetter) =>
        await probe.DeadLetters.Find(
            deadLetter.Consumer, deadLetter.Partition, deadLetter.Position, deadLetter.Key, probe.Cancel);

    public static async Task<DeadLetter> Get(StorageProbe probe, long id) =>
        Expect.NotNull(await probe.DeadLetters.Get(id, probe.Cancel), $"the dead letter {id}");

    public static DeadLetter WithoutId(DeadLetter deadLetter) => deadLetter with { Id = 0, Revision = 0 };

    public static async Task ExpectFound(StorageProbe probe, DeadLetterQuery query, params long[] positions)
    {
        var found = await probe.DeadLetters.List(query, probe.Cancel);
        Expect.Same(
            positions, found.Select(deadLetter => deadLetter.Position).Order(), $"the positions found by {query}");
        Expect.Equal(
            positions.Length,
            await probe.DeadLetters.Count(query, probe.Cancel),
            $"the number of dead letters found by {query}");
    }
}
