using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Storage.Moves;
using Millrace.Testing.Conformance.Moves;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of moves between the storage and a storage of the suite in memory.</summary>
internal static class MoveConformanceChecks
{
    // Small pages, so that a move has many steps. The machine may be slow, so the switch may take long.
    private static readonly StoreMoveOptions Options =
        new() { PageEvents = 3, LongestHold = TimeSpan.FromSeconds(30) };

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A move copies the whole store to another storage", To_another, StorageFeatures.Moves),
        new("A move stores the whole store of another storage", From_another, StorageFeatures.Moves),
        new("A move copies the changes that applications write during the move", Changes, StorageFeatures.Moves),
        new("A moved store refuses all writes and names the other storage", Source_refuses, StorageFeatures.Moves),
        new("A store refuses all writes while a move fills it", Target_refuses, StorageFeatures.Moves),
        new("An interrupted move to another storage continues, and no event is copied twice", Continues_to,
            StorageFeatures.Moves),
        new("An interrupted move from another storage continues, and no event is stored twice", Continues_from,
            StorageFeatures.Moves),
        new("A move into a store with other data is refused and changes nothing", Never_overwrites,
            StorageFeatures.Moves),
        new("An abandoned move leaves the store open to applications", Abandoned, StorageFeatures.Moves),
        .. MoveSessionChecks.All,
    ];

    public static IMoveEndpoint EndpointOf(StorageProbe probe) =>
        StorageOf(probe).Moves;

    private static IMovableStorage StorageOf(StorageProbe probe) =>
        Expect.NotNull(probe.Storage as IMovableStorage, "the interface IMovableStorage");

    private static async Task To_another(StorageProbe probe)
    {
        await MoveSample.Write(probe);
        var content = await MoveReader.Read(probe);
        var head = await probe.Log.GetHead(probe.Cancel);
        var counterpart = new MoveCounterpart();

        var report = await new StoreMove(StorageOf(probe), counterpart, Options).Run(null, probe.Cancel);

        MoveContent.ExpectSame(content, counterpart.Content);
        Expect.Equal(head, report.Head, "the head of the log in the report");
        var header = Expect.NotNull(counterpart.Content.Header, "the header");
        Expect.Equal(head, new LogHead(header.Epoch, header.LastPosition), "the head of the log in the header");
        Expect.True(
            header.DocumentVersion >= LastOf(content, table => table.IsDocuments, column: 1),
            $"{header.DocumentVersion} is less than the version of a document");
        Expect.True(
            header.LastDeadLetter >= LastOf(content, table => table == MovedTables.DeadLetters, column: 0),
            $"{header.LastDeadLetter} is less than the number of a dead letter");
    }

    private static async Task From_another(StorageProbe probe)
    {
        var counterpart = await Fill(probe);
        var (content, header) = (counterpart.Content.Clone(), counterpart.Content.Header!);

        await new StoreMove(counterpart, StorageOf(probe), Options).Run(null, probe.Cancel);
        await probe.Storage.Open(probe.Cancel);

        await ExpectContent(probe, content, header);
        var order = Sample.Put("orders@1", "new", "new", "", 1, 1m, 1.0, default, default);
        var document = await probe.Do(Sample.Write(order));
        Expect.True(
            document.DocumentVersion > header.DocumentVersion,
            $"the next document has version {document.DocumentVersion}, which an earlier document may have had");
        var next = DeadLetterSample.NewDeadLetter(5);
        await DeadLetterSample.Write(probe, next);
        var id = (await DeadLetterSample.Find(probe, next))?.Id;
        Expect.True(
            id > header.LastDeadLetter, $"the next dead letter has number {id}, which an earlier one may have had");
        var back = new MoveCounterpart();
        var expected = await MoveReader.Read(probe);
        await new StoreMove(StorageOf(probe), back, Options).Run(null, probe.Cancel);
        MoveContent.ExpectSame(expected, back.Content);
    }

    private static async Task Changes(StorageProbe probe)
    {
        await MoveSample.Write(probe);
        MoveContent? expected = null;
        var counterpart = new MoveCounterpart
        {
            WhenDocumentsAreCopied = async () =>
            {
                await MoveSample.Change(probe);
                expected = await MoveReader.Read(probe);
            },
        };

        await new StoreMove(StorageOf(probe), counterpart, Options).Run(null, probe.Cancel);

        MoveContent.ExpectSame(Expect.NotNull(expected, "the copy of the documents"), counterpart.Content);
    }

    private static async Task Source_refuses(StorageProbe probe)
    {
        await MoveSample.Write(probe);
        var content = await MoveReader.Read(probe);
        var counterpart = new MoveCounterpart();
        await new StoreMove(StorageOf(probe), counterpart, Options).Run(null, probe.Cancel);
        var header = Expect.NotNull(counterpart.Content.Header, "the header");

        await ExpectRefused(probe, StorageProblem.Moved);
        var state = await EndpointOf(probe).GetState(probe.Cancel);
        Expect.Equal((MoveRole.Moved, counterpart.Description), (state.Role, state.Other), "the role of the store");
        var again = new StoreMove(StorageOf(probe), new MoveCounterpart(), Options);
        await Expect.Throws<StoreMoveException>(
            () => again.Run(null, probe.Cancel), "a second move of the moved store");

        // The store is moved back, to show that the refused writes had no effect.
        await new StoreMove(counterpart, StorageOf(probe), Options).Run(null, probe.Cancel);
        await probe.Storage.Open(probe.Cancel);
        await ExpectContent(probe, content, header);
        await probe.Append("whole", ExpectedVersion.Exactly(2), Sample.Event(90));
    }

    private static async Task Target_refuses(StorageProbe probe)
    {
        var counterpart = await Fill(probe);
        var (content, header) = (counterpart.Content.Clone(), counterpart.Content.Header!);
        var move = new StoreMove(counterpart, StorageOf(probe), Options);
        Expect.True(!await TryRun(probe, move, new StopAfter(1, StoreMove.ChangesStep)), "the move was not stopped");

        await ExpectRefused(probe, StorageProblem.Busy);

        Expect.True(await TryRun(probe, move, new StopAfter(int.MaxValue)), "the move did not end");
        await probe.Storage.Open(probe.Cancel);
        await ExpectContent(probe, content, header);
        await probe.Append("whole", ExpectedVersion.Exactly(2), Sample.Event(90));
    }

    private static async Task Continues_to(StorageProbe probe)
    {
        await MoveSample.Write(probe);
        var content = await MoveReader.Read(probe);
        var counterpart = new MoveCounterpart();

        await RunInSteps(probe, new StoreMove(StorageOf(probe), counterpart, Options));

        MoveContent.ExpectSame(content, counterpart.Content);
    }

    private static async Task Continues_from(StorageProbe probe)
    {
        var counterpart = await Fill(probe);
        var (content, header) = (counterpart.Content.Clone(), counterpart.Content.Header!);

        await RunInSteps(probe, new StoreMove(counterpart, StorageOf(probe), Options));

        await probe.Storage.Open(probe.Cancel);
        await ExpectContent(probe, content, header);
    }

    private static async Task Never_overwrites(StorageProbe probe)
    {
        var counterpart = await Fill(probe);
        await MoveSample.Write(probe);
        var content = await MoveReader.Read(probe);
        var move = new StoreMove(counterpart, StorageOf(probe), Options);

        await Expect.Throws<StoreMoveException>(
            () => move.Run(null, probe.Cancel), "a move into a store that has data");

        Expect.Equal(MoveRole.None, (await EndpointOf(probe).GetState(probe.Cancel)).Role, "the role of the store");
        MoveContent.ExpectSame(content, await MoveReader.Read(probe));
        await probe.Append("whole", ExpectedVersion.Exactly(2), Sample.Event(90));
    }

    private static async Task Abandoned(StorageProbe probe)
    {
        await MoveSample.Write(probe);
        var counterpart = new MoveCounterpart();
        var move = new StoreMove(StorageOf(probe), counterpart, Options);
        Expect.True(!await TryRun(probe, move, new StopAfter(1, StoreMove.ChangesStep)), "the move was not stopped");

        await move.Abandon(probe.Cancel);

        Expect.Equal(MoveRole.None, (await EndpointOf(probe).GetState(probe.Cancel)).Role, "the role of the store");
        await EndpointOf(probe).ThrowIfClosed(probe.Cancel);
        await MoveSample.Change(probe);
        var content = await MoveReader.Read(probe);
        Expect.True(await TryRun(probe, move, new StopAfter(int.MaxValue)), "the next move did not end");
        MoveContent.ExpectSame(content, counterpart.Content);
    }

    /// <summary>Returns a storage in memory with a store whose next numbers have gaps.</summary>
    private static async Task<MoveCounterpart> Fill(StorageProbe probe)
    {
        await using var memory = new InMemoryStorage();
        await memory.Open(probe.Cancel);
        var filled = probe.Of(memory);
        await MoveSample.Write(filled);
        var content = await MoveReader.Read(filled);
        var head = await memory.Log.GetHead(probe.Cancel);
        content.Header = new MoveHeader(Sample.Id(78), head.Epoch, 1_000_000, "another program", 0, 9_000, 700);
        return new MoveCounterpart { Content = content };
    }

    private static long LastOf(MoveContent content, Func<MovedTable, bool> isIncluded, int column) =>
        MovedTables.All
            .Concat(content.Collections.Select(collection => collection.Table))
            .Where(isIncluded)
            .SelectMany(table => content.RowsOf(table).Values)
            .Max(row => (long)row[column]!); // Versions and numbers are not null.

    private static async Task ExpectContent(StorageProbe probe, MoveContent content, MoveHeader header)
    {
        MoveContent.ExpectSame(content, await MoveReader.Read(probe));
        Expect.Equal(
            new LogHead(header.Epoch, content.LastPosition),
            await probe.Log.GetHead(probe.Cancel),
            "the head of the log");
        var session = await EndpointOf(probe).OpenSession(MoveSessionKind.Read, probe.Cancel);
        await using var _ = session;
        var stored = await session.GetHeader(probe.Cancel);
        Expect.Equal(
            (header.StoreId, header.Epoch, header.CreatedAt, header.CreatedBy),
            (stored.StoreId, stored.Epoch, stored.CreatedAt, stored.CreatedBy),
            "the header");
        var report = await probe.Storage.Maintenance.Verify(null, probe.Cancel);
        Expect.True(report.IsSound, string.Join(" ", report.Checks.SelectMany(check => check.Problems)));
    }

    private static async Task ExpectRefused(StorageProbe probe, StorageProblem problem)
    {
        (string Name, Func<Task> Write)[] writes =
        [
            ("opening", () => EndpointOf(probe).ThrowIfClosed(probe.Cancel).AsTask()),
            ("an append", () => probe.Try(Sample.Append("late", ExpectedVersion.Any, Sample.Event(80)))),
            ("a claim", () => probe.Try(new CommitRequest { Claims = [Claim.Acquire("e-mail", "late", "late")] })),
            ("a document", () => probe.Try(Sample.Write(Sample.Put("former@1", "a", "late")))),
            ("a lease", () => probe.Leases.Acquire(
                "late", 0, "node-9", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel).AsTask()),
            ("a pause", () => probe.Leases.SetPaused("sales", isPaused: true, probe.Cancel).AsTask()),
            ("a collection", () => probe.Documents.EnsureCollection(new("late@1", []), probe.Cancel).AsTask()),
        ];
        foreach (var (name, write) in writes)
        {
            var refused = await Expect.Throws<StorageException>(write, $"{name} in a closed store");
            Expect.Equal(problem, refused.Problem, $"the problem of {name} in a closed store");
        }
    }

    /// <summary>Runs a move again and again until it ends, and stops each run after more steps.</summary>
    private static async Task RunInSteps(StorageProbe probe, StoreMove move)
    {
        for (var steps = 1; !await TryRun(probe, move, new StopAfter(steps)); steps += 4)
            Expect.True(steps < 1_000, "the move starts again instead of continuing");
    }

    /// <summary>Runs a move. Returns false if it was stopped.</summary>
    private static async Task<bool> TryRun(StorageProbe probe, StoreMove move, StopAfter progress)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(probe.Cancel);
        progress.Stop = stop.Cancel;
        try
        {
            await move.Run(progress, stop.Token);
            return true;
        }
        catch (OperationCanceledException) when (!probe.Cancel.IsCancellationRequested)
        {
            return false;
        }
        catch (MillraceException exception)
        {
            throw new ConformanceException($"— the move failed: {exception.Message}", exception);
        }
    }

    /// <summary>Stops a move after a number of reports of one step; with null, of any step.</summary>
    private sealed class StopAfter(int reports, string? step = null) : IProgress<MaintenanceProgress>
    {
        private int _remaining = reports;

        public Action? Stop { get; set; }

        public void Report(MaintenanceProgress value)
        {
            if ((step is null || value.Step == step) && --_remaining == 0)
                Stop?.Invoke();
        }
    }
}
