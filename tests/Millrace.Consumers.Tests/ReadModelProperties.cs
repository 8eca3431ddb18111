using System.Collections.Concurrent;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Property tests. A read model equals its folded log, and each event is applied once and in order, despite failures of
/// nodes, leases and commits.
/// </summary>
public sealed class ReadModelProperties
{
    private const string Cargo = "cargo@1";
    private const string Clerk = "clerk";
    private const int Ships = 6;

    [Fact]
    public Task In_memory_a_read_model_equals_its_folded_log_after_kills_restarts_and_failed_commits()
    {
        return BlockingProperty.Run(TestRun.IsLong ? 40 : 15, Schedules(), schedule => Check(schedule, Nodes()));

        static Func<IStorage> Nodes()
        {
            var storage = new InMemoryStorage();
            return () => storage;
        }
    }

    [Fact]
    public Task On_one_file_a_read_model_equals_its_folded_log_after_kills_restarts_and_failed_commits() =>
        BlockingProperty.Run(TestRun.IsLong ? 8 : 4, Schedules(), async schedule =>
        {
            using var file = new ShopFile();
            return await Check(schedule, file.Open);
        });

    private static Gen<Schedule> Schedules()
    {
        var append = Gen.Choose(0, Ships - 1)
            .SelectMany(ship => Gen.Choose(1, 12), Step (ship, count) => new Step.Append(ship, count));
        var step = Gen.Frequency(
            (20, append),
            (1, Gen.Constant<Step>(new Step.AppendMany())),
            (3, Gen.Constant<Step>(new Step.Decide())),
            (1, Gen.Constant<Step>(new Step.Kill())),
            (1, Gen.Constant<Step>(new Step.Restart())),
            (1, Gen.Constant<Step>(new Step.TakeLease())),
            (1, Gen.Constant<Step>(new Step.Rebuild())),
            (1, Gen.Constant<Step>(new Step.Release())),
            (1, Gen.Constant<Step>(new Step.Pause())));
        return from steps in step.ListOf(25)
               from seed in Gen.Choose(0, int.MaxValue)
               from faults in Gen.Choose(0, 30)
               from failures in Gen.Elements(0, 0, 5, 25)
               select new Schedule(seed, faults, failures, [.. steps]);
    }

    private static async Task<bool> Check(Schedule schedule, Func<IStorage> open)
    {
        await using var run = new Run(schedule, open);
        foreach (var step in schedule.Steps)
            await run.Do(step);
        await run.Compare();
        return true;
    }

    private sealed record Schedule(int Seed, int FaultPercent, int FailurePercent, IReadOnlyList<Step> Steps);

    private abstract record Step
    {
        public sealed record Append(int Ship, int Events) : Step;

        /// <summary>Appends to more streams than one worker folds.</summary>
        public sealed record AppendMany : Step;

        /// <summary>Skips, discards or edits parked events, and edits blocked events.</summary>
        public sealed record Decide : Step;

        public sealed record Kill : Step;

        public sealed record Restart : Step;

        public sealed record TakeLease : Step;

        public sealed record Rebuild : Step;

        public sealed record Pause : Step;

        public sealed record Release : Step;
    }

    private sealed class Run(Schedule schedule, Func<IStorage> open) : IAsyncDisposable
    {
        private readonly IStorage _storage = open();
        private readonly Random _random = new(schedule.Seed);
        private readonly ConcurrentQueue<(string Stream, long Version)> _handled = [];
        private readonly EventFaults _eventFaults = new(schedule.Seed, schedule.FailurePercent);
        private readonly List<TestNode> _dead = [];
        private EventStore? _writer;
        private (TestNode Node, FaultyStorage Storage)? _current;

        public async Task Do(Step step)
        {
            _writer ??= await EventStore.Open(_storage, Harbour.Types);
            _current ??= await StartNode();
            var leases = _storage.Leases;
            switch (step)
            {
                case Step.Append append:
                    await Append(append);
                    break;
                case Step.AppendMany:
                    await AppendMany();
                    break;
                case Step.Decide:
                    await Decide();
                    break;
                case Step.Kill:
                    _current.Value.Storage.Disconnect();
                    _dead.Add(_current.Value.Node);
                    _current = null;
                    await ExpireLeases();
                    break;
                case Step.Restart:
                    await _current.Value.Node.DisposeAsync();
                    _current = null;
                    break;
                case Step.TakeLease:
                    await ExpireLeases();
                    break;
                case Step.Rebuild:
                    await _storage.Documents.Clear(Cargo, Cargo, CancellationToken.None);
                    break;
                case Step.Release:
                    await ReleaseParked();
                    break;
                default:
                    await leases.SetPaused(Cargo, isPaused: true, CancellationToken.None);
                    await Append(new Step.Append(0, 3));
                    await leases.SetPaused(Cargo, isPaused: false, CancellationToken.None);
                    break;
            }
        }

        /// <summary>
        /// Waits until the node has reached the end of the log, and compares every document with its folded stream.
        /// </summary>
        public async Task Compare()
        {
            var token = await _writer!.GetToken();
            _current ??= await StartNode();
            var node = _current.Value.Node;
            Assert.True(
                await node.Consumers.WaitFor(Cargo, token, TestNode.WaitTimeout),
                (await node.Consumers.Get(Cargo)).ToString());
            Assert.True(
                await node.Consumers.WaitFor(Clerk, token, TestNode.WaitTimeout),
                (await node.Consumers.Get(Clerk)).ToString());
            await ReleaseAll();
            var letters = await _storage.DeadLetters.List(
                new DeadLetterQuery { Limit = 10_000 }, CancellationToken.None);
            for (var ship = 0; ship < Ships; ship++)
                await Compare($"s{ship}", letters);
        }

        /// <summary>
        /// Releases parked events until no dead letter is open. Each fault ends after a few attempts.
        /// </summary>
        private async Task ReleaseAll()
        {
            await Eventually.Get(
                async () =>
                {
                    await ReleaseParked();
                    return await _storage.Leases.List(CancellationToken.None);
                },
                records => records.All(record => record.OpenDeadLetters == 0),
                TestNode.WaitTimeout);
        }

        /// <summary>
        /// Decides about some dead letters, as operators do. The storage refuses a decision when the node has changed
        /// the dead letter.
        /// </summary>
        private async Task Decide()
        {
            var query = new DeadLetterQuery
            {
                States = [DeadLetterState.Parked, DeadLetterState.Waiting],
                Limit = 1_000,
            };
            foreach (var letter in await _storage.DeadLetters.List(query, CancellationToken.None))
            {
                var edited = Encoding.UTF8.GetBytes($$"""{"ship":"{{letter.Stream.Key}}","crates":{{_random.Next(1_000, 2_000)}}}""");
                var decided = (letter.State, _random.Next(5)) switch
                {
                    (_, 0) => letter with { EditedPayload = edited, RetryAt = null },
                    (DeadLetterState.Parked, 1) => letter with { Decision = DeadLetterDecision.Skip },
                    (DeadLetterState.Parked, 2) => letter with { Decision = DeadLetterDecision.Discard },
                    _ => null,
                };
                if (decided is null)
                    continue;
                if (letter.State == DeadLetterState.Parked)
                    decided = decided with
                    {
                        State = DeadLetterState.Released,
                        Decision = decided.Decision ?? DeadLetterDecision.Retry,
                    };
                var request = new CommitRequest { DeadLetters = [new DeadLetterChange(decided)] };
                await _writer!.TryCommit(request, isBackground: false, CancellationToken.None);
            }
        }

        private async Task ReleaseParked()
        {
            var query = new DeadLetterQuery { States = [DeadLetterState.Parked], Limit = 1_000 };
            foreach (var letter in await _storage.DeadLetters.List(query, CancellationToken.None))
            {
                var released = letter with { State = DeadLetterState.Released, Decision = DeadLetterDecision.Retry };
                var request = new CommitRequest { DeadLetters = [new DeadLetterChange(released)] };
                // The storage refuses the release when the node has changed the dead letter.
                await _writer!.TryCommit(request, isBackground: false, CancellationToken.None);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var dead in _dead)
                await dead.DisposeAsync();
            if (_current is { } current)
                await current.Node.DisposeAsync();
            if (_writer is not null)
                await _writer.DisposeAsync();
        }

        private async Task Compare(string ship, IReadOnlyList<DeadLetter> letters)
        {
            var projection = new CargoProjection();
            Cargo? expected = null;
            var versions = new List<long>();
            await foreach (var recorded in _writer!.ReadStream(Harbour.StreamOf(ship)))
            {
                if (AsDecided(recorded, Cargo, letters) is { } folded)
                    expected = projection.Fold(ship, expected, folded);
                if (AsDecided(recorded, Clerk, letters) is not null)
                    versions.Add(recorded.Version);
            }
            Assert.Equal(expected, (await ReadFresh(ship)).Value);
            var handled = _handled
                .Where(handling => handling.Stream == Harbour.StreamOf(ship).Value)
                .Select(handling => handling.Version)
                .Distinct();
            // Events may be handled again after a crash, but their first handlings are in order.
            Assert.Equal(versions, handled.Intersect(versions));
        }

        /// <summary>
        /// Returns an event as a consumer must apply it, or null when the consumer must not apply it. A decision for
        /// the key has priority over a decision for the stream, unless the latter skipped the event.
        /// </summary>
        private static RecordedEvent? AsDecided(
            RecordedEvent recorded, string consumer, IReadOnlyList<DeadLetter> letters)
        {
            var decisions = letters
                .Where(letter => letter.Consumer == consumer && letter.Position == recorded.Position)
                .ToArray();
            if (decisions.Any(letter => letter.State != DeadLetterState.Corrected))
                return null;
            var corrected = decisions.OrderByDescending(letter => letter.Key.Length).FirstOrDefault();
            // A corrected event has an edited payload.
            return corrected is null ? recorded : recorded.With(corrected.EditedPayload!.Value);
        }

        /// <summary>
        /// Reads until the result is fresh. Results are marked as stale after a rebuild that the node does not know
        /// yet.
        /// </summary>
        private async Task<ReadResult<Cargo>> ReadFresh(string ship)
        {
            using var limit = new CancellationTokenSource(TestNode.WaitTimeout);
            while (true)
            {
                var token = await _writer!.GetToken(limit.Token);
                var answer = await _current!.Value.Node.Cargo.Get(
                    ship, new ReadAfter(token, TestNode.WaitTimeout), limit.Token);
                if (answer.IsFresh)
                    return answer;
                await Task.Yield();
            }
        }

        private async Task AppendMany()
        {
            for (var ship = 0; ship < Ships; ship++)
                await Append(new Step.Append(ship, 50));
        }

        private async Task Append(Step.Append append)
        {
            var ship = $"s{append.Ship}";
            var events = new object[append.Events];
            for (var i = 0; i < events.Length; i++)
            {
                object data = _random.Next(12) == 0 ? new Scrapped(ship) : new Loaded(ship, _random.Next(100));
                events[i] = new NewEvent(data) { Id = Guid.CreateVersion7() };
            }
            // Appends through the tested node, which forwards the events from memory, or through another store. The
            // node reads the events of another store from the storage.
            var store = _random.Next(2) == 0 ? _writer! : _current!.Value.Node.Store;
            for (var isDone = false; !isDone;)
            {
                try
                {
                    await store.Append(Harbour.StreamOf(ship), ExpectedVersion.Any, events);
                    isDone = true;
                }
                catch (StorageException)
                {
                    // A failing commit contained the events. They are appended again with the same ids.
                }
            }
        }

        private async Task<(TestNode, FaultyStorage)> StartNode()
        {
            var faults = new Random(_random.Next());
            var storage = new FaultyStorage(open())
            {
                NextFault = () => faults.Next(100) >= schedule.FaultPercent ? CommitFault.None
                    : faults.Next(2) == 0 ? CommitFault.Before : CommitFault.InDoubt,
            };
            var node = await TestNode.Start(storage, Add, options =>
            {
                TestNode.UseShortLease(options);
                options.CachedDocuments = _random.Next(2) * 4;
                options.CommitDocuments = 1 + _random.Next(3);
                options.BatchEvents = _random.Next(3) == 0 ? 1_000 : 1 + _random.Next(20);
            });
            return (node, storage);
        }

        private void Add(ConsumerHost host)
        {
            var policy = FailurePolicy.Default.Transient<TimeoutException>().Retry(1, TimeSpan.FromMilliseconds(1));
            host.Policies[Cargo] = host.Policies[Clerk] = policy;
            TestNode.Add(host, Harbour.Cargo(create: () => new FaultyCargoProjection(_eventFaults)));
            TestNode.Add(host, ConsumerDefinition.Each(Clerk, EventFilter.All, (recorded, _) =>
            {
                _eventFaults.Try(Clerk, recorded.Position);
                _handled.Enqueue((recorded.Stream.Value, recorded.Version));
                return ValueTask.CompletedTask;
            }));
        }

        private async Task ExpireLeases()
        {
            foreach (var record in await _storage.Leases.List(CancellationToken.None))
                await _storage.Leases.Release(
                    record.Consumer, record.Partition, record.LeaseEpoch, CancellationToken.None);
        }
    }

    /// <summary>Makes some events fail a few times.</summary>
    private sealed class EventFaults(int seed, int percent)
    {
        private readonly ConcurrentDictionary<(string, long), int> _tried = [];

        public void Try(string consumer, long position)
        {
            var random = new Random(HashCode.Combine(seed, position, consumer.Length));
            if (random.Next(100) >= percent)
                return;
            var attempts = _tried.AddOrUpdate((consumer, position), 1, (_, count) => count + 1);
            if (attempts <= random.Next(1, 6))
                throw new TimeoutException("An injected fault.");
        }
    }

    private sealed class FaultyCargoProjection(EventFaults eventFaults) : Projection<string, Cargo>
    {
        private readonly CargoProjection _cargo = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            _cargo.CollectKeys(recorded, keys);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            eventFaults.Try(Cargo, recorded.Position);
            return _cargo.Fold(key, document, recorded);
        }
    }
}
