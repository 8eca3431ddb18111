using System.Globalization;
using System.Text;
using Millrace.Storage;

namespace Millrace.Moves.Tests;

/// <summary>Writes random data of every kind that a store can hold. The same seed writes the same data.</summary>
internal sealed class RandomHistory(IStorage storage, int seed)
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CollectionDefinition Sales = new(
        "sales@1",
        [
            new("day", FieldKind.Text),
            new("orders", FieldKind.Integer),
            new("total", FieldKind.Decimal),
            new("share", FieldKind.Real),
        ]
    );
    private static readonly CollectionDefinition Plain = new("plain@1", []);
    private static readonly CollectionDefinition Timers = new("timers", [new("due", FieldKind.Integer)]);
    private static readonly CollectionDefinition Process = new("process-shipping", []);

    // After the first table copy of a backup.
    private const int CreatedLater = 20;

    private readonly Random _random = new(seed);
    private DateTimeOffset _now = Start.AddDays(seed);
    private long _epoch;
    private int _steps;

    /// <summary>Writes the data that exists once.</summary>
    public async Task Begin()
    {
        await storage.Documents.EnsureCollection(Sales, default);
        await storage.Documents.EnsureCollection(Plain, default);
        await storage.Documents.EnsureCollection(Timers, default);
        await storage.Leases.SetPaused("paused", isPaused: true, default);
        await storage.Documents.PutReadModel(
            new ReadModelRecord
            {
                Name = "sales",
                Live = "sales@1",
                Building = "plain@1",
                SwitchesAutomatically = true,
                Builds = 3,
                Retired = [new RetiredCollection("sales@0", Start.AddYears(90))],
            },
            reached: null, default);
        _epoch = (await storage.Leases.Acquire("sales@1", 0, "node", TimeSpan.FromDays(1), _now, default)).LeaseEpoch;
        await storage.Leases.Report("sales@1", 0, _epoch, "Live", "an \0 odd error", _now, default);
    }

    public async Task Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            _now += TimeSpan.FromMicroseconds(_random.Next(1, 5_000_000));
            _steps++;
            await Commit(Step());
            if (_steps == CreatedLater)
                await storage.Documents.EnsureCollection(Process, default);
            if (_steps >= CreatedLater && _random.Next(5) == 0)
                await Commit(new CommitRequest { Documents = [Instance()] });
        }
        // Consumers, documents and dead letters of stored events.
        await Consume();
    }

    private CommitRequest Step() => _random.Next(20) switch
    {
        0 => Removal(),
        1 or 2 => new CommitRequest { Appends = [Append()], Claims = [Claim()] },
        5 or 6 => new CommitRequest { Appends = [Append()], Documents = [Timer()] },
        3 => new CommitRequest { Appends = [Append()], Handled = [Mark()] },
        4 => new CommitRequest { Claims = [Claim(isRelease: true)] },
        _ => new CommitRequest { Appends = [Append()] },
    };

    private async Task Consume()
    {
        var head = await storage.Log.GetHead(default);
        var checkpoint = (await storage.Leases.List(default)).Single(row => row.Consumer == "sales@1").Checkpoint;
        if (checkpoint == head.Position)
            return;
        await Commit(
            new CommitRequest
            {
                Checkpoint = new CheckpointMove("sales@1", 0, _epoch, checkpoint, head.Position),
                Documents =
                [
                    .. Enumerable
                        .Range(0, _random.Next(1, 40))
                        .Select(_ => Document(head.Position))
                        .DistinctBy(document => document.Key),
                ],
            }
        );
        await Commit(
            new CommitRequest
            {
                Documents =
                [
                    new DocumentChange
                    {
                        Collection = Plain.Name,
                        Key = $"k{_random.Next(50)}",
                        Body = Bytes(50),
                        Position = head.Position,
                    },
                ],
            }
        );
        await AddDeadLetter(head.Position);
    }

    private async Task AddDeadLetter(long position)
    {
        var page = await storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, position, IsBackwards: true, 1), default);
        if (page.Events.Count == 0)
            return; // All events were removed.
        var recorded = page.Events[0];
        await Commit(
            new CommitRequest
            {
                DeadLetters =
                [
                    new DeadLetterChange(
                        new DeadLetter
                        {
                            Consumer = "sales@1",
                            Position = position,
                            Key = $"key-{seed}",
                            Stream = recorded.Stream,
                            Version = recorded.Version,
                            EventType = recorded.Type,
                            EventId = recorded.Id,
                            State = _random.Next(2) == 0 ? DeadLetterState.Parked : DeadLetterState.RetryAt,
                            Attempts = 3,
                            RetryAt = _now,
                            Class = FailureClass.Permanent,
                            Cause = "InvalidOperation",
                            ErrorType = "E",
                            Message = "a \0 message",
                            Stack = "at x",
                            FirstFailedAt = _now,
                            LastFailedAt = _now,
                            EditedPayload = _random.Next(2) == 0 ? Bytes(9) : null,
                        }
                    ),
                ],
            }
        );
    }

    private async Task Commit(CommitRequest request)
    {
        var outcome = (await storage.Log.Commit([request], _now, default))[0];
        // Refusals by a removal or a claim are part of the history. Other refusals are mistakes of the test.
        if (outcome.Result == CommitResult.Refused && request.Removals.Count == 0 && request.Claims.Count == 0)
            throw outcome.Refusal!;
    }

    private StreamAppend Append()
    {
        var stream = new StreamId($"order-{_random.Next(12)}-ä");
        return new StreamAppend(
            stream,
            ExpectedVersion.Any,
            [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Event())]);
    }

    private EncodedEvent Event() =>
        new()
        {
            Id = Id(),
            Type = $"order.{_random.Next(5)}",
            SchemaVersion = _random.Next(1, 4),
            ContentType = _random.Next(3) == 0 ? EventContentType.Cbor : EventContentType.Json,
            Payload = Bytes(_random.Next(0, 400)),
            MetadataBytes = _random.Next(3) == 0 ? Encoding.UTF8.GetBytes("{\"who\":\"x\"}") : default,
            Source = _random.Next(4) == 0 ? "till" : null,
            EncryptionKeyId = _random.Next(5) == 0 ? "key-7" : null,
            CorrelationId = _random.Next(3) == 0 ? Id() : null,
            CausationId = _random.Next(3) == 0 ? Id() : null,
            Tags =
            [
                .. Enumerable
                    .Range(0, _random.Next(0, 3))
                    .Select(number => new Tag($"t{number}", $"a\"b\\{_random.Next(4)}")),
            ],
        };

    private CommitRequest Removal()
    {
        var kind = _random.Next(6) switch
        {
            0 => RemovalKind.Tombstone,
            1 or 2 => RemovalKind.Delete,
            _ => RemovalKind.Truncate,
        };
        var stream =
            kind == RemovalKind.Tombstone
                ? new StreamId($"gone-{_steps}")
                : new StreamId($"order-{_random.Next(12)}-ä");
        return new CommitRequest
        {
            Removals =
            [
                new StreamRemoval(stream, kind, _random.Next(1, 8), ExpectedVersion.Any, "why \0 not", "somebody"),
            ],
        };
    }

    private Claim Claim(bool isRelease = false)
    {
        var value = _random.Next(30);
        var (scope, text, owner) = ($"scope-{value % 3}", $"value {value}", $"owner-{value}");
        return isRelease ? Millrace.Claim.Release(scope, text, owner) : Millrace.Claim.Acquire(scope, text, owner);
    }

    private HandledMark Mark() =>
        new($"scope-{_random.Next(3)}", $"id-{_steps}", Bytes(_random.Next(0, 20)), Start.AddYears(90).AddTicks(10));

    private DocumentChange Document(long position) => new()
    {
        Collection = Sales.Name,
        Key = $"dαy-{_random.Next(60)}",
        Body = _random.Next(8) == 0 ? null : Bytes(_random.Next(1, 300)),
        Position = position,
        Fields =
        [
            _random.Next(5) == 0 ? FieldValue.Null : _random.Next().ToString(CultureInfo.InvariantCulture),
            _random.NextInt64(),
            _random.Next(5) == 0 ? FieldValue.Null : (decimal)_random.Next(-100_000, 100_000) / 100m,
            _random.NextDouble() * 1e9,
        ],
    };

    private DocumentChange Instance() => new()
    {
        Collection = Process.Name,
        Key = $"instance-{_random.Next(9)}",
        Body = _random.Next(4) == 0 ? null : Bytes(30),
    };

    private DocumentChange Timer() => new()
    {
        Collection = Timers.Name,
        Key = $"timer-{_random.Next(20)}",
        Body = _random.Next(3) == 0 ? null : Bytes(20),
        Fields = [_random.NextInt64()],
    };

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private Guid Id() => new(Bytes(16));
}
