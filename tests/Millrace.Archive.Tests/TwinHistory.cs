using Millrace.Storage;

namespace Millrace.Archive.Tests;

/// <summary>Creates random requests. The same seed creates the same requests.</summary>
internal sealed class TwinHistory(Random random)
{
    private readonly List<CommitRequest> _appended = [];
    private int _next;

    public static IEnumerable<string> Streams => Enumerable.Range(0, 14).Select(number => $"order-{number}");

    public CommitRequest Next(long position) => random.Next(14) switch
    {
        0 => new CommitRequest { Removals = [Removal()] },
        1 or 2 when _appended.Count > 0 => _appended[random.Next(_appended.Count)], // Repeats an append.
        3 or 4 => new CommitRequest
        {
            Appends = [Append()],
            Conditions = [new AppendCondition(ConditionFilter(), random.NextInt64(0, position + 1))],
        },
        5 => new CommitRequest { Appends = [Append()], Claims = [Claim()] },
        6 => new CommitRequest { Appends = [Append()], Handled = [Mark()] },
        _ => Remember(new CommitRequest { Appends = [Append()] }),
    };

    public EventFilter Filter() => random.Next(8) switch
    {
        0 => EventFilter.OfTypes($"order.{random.Next(4)}"),
        1 => EventFilter.OfTypes($"order.{random.Next(4)}", $"order.{random.Next(4)}"),
        2 => EventFilter.WithTags(new Tag("t", $"{random.Next(4)}")),
        3 => EventFilter.InStreams($"order-{random.Next(14)}"),
        4 => new EventFilter { Source = "till" },
        5 => new EventFilter { Types = [$"order.{random.Next(4)}"], Tags = [new Tag("t", $"{random.Next(4)}")] },
        _ => EventFilter.All,
    };

    private EventFilter ConditionFilter() => random.Next(2) == 0
        ? EventFilter.OfTypes($"order.{random.Next(4)}")
        : EventFilter.WithTags(new Tag("t", $"{random.Next(4)}"));

    private CommitRequest Remember(CommitRequest request)
    {
        _appended.Add(request);
        return request;
    }

    private StreamAppend Append()
    {
        var stream = new StreamId(Streams.ElementAt(random.Next(14)));
        var expected = random.Next(4) switch
        {
            0 => ExpectedVersion.Exactly(random.Next(1, 12)),
            1 => random.Next(2) == 0 ? ExpectedVersion.NoStream : ExpectedVersion.StreamExists,
            _ => ExpectedVersion.Any,
        };
        return new StreamAppend(stream, expected, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Event())]);
    }

    private EncodedEvent Event() => new()
    {
        Id = Id(++_next),
        HasCallerId = true,
        Type = $"order.{random.Next(4)}",
        SchemaVersion = random.Next(1, 3),
        ContentType = random.Next(3) switch
        {
            0 => EventContentType.Cbor,
            1 => "text/x-ä",
            _ => EventContentType.Json,
        },
        Payload = Bytes(random.Next(0, 60)),
        MetadataBytes = random.Next(2) == 0 ? "{\"who\":\"x\"}"u8.ToArray() : default,
        Source = random.Next(3) == 0 ? "till" : null,
        EncryptionKeyId = random.Next(4) == 0 ? "key-7" : null,
        CorrelationId = random.Next(3) == 0 ? Id(random.Next(1_000_000)) : null,
        CausationId = random.Next(3) == 0 ? Id(random.Next(1_000_000)) : null,
        Tags =
        [
            .. Enumerable.Range(0, random.Next(0, 3))
                .Select(number => new Tag(number == 0 ? "t" : "u", $"{random.Next(4)}")),
        ],
    };

    private StreamRemoval Removal()
    {
        var kind = random.Next(5) switch
        {
            0 => RemovalKind.Tombstone,
            1 or 2 => RemovalKind.Delete,
            _ => RemovalKind.Truncate,
        };
        var stream = new StreamId(Streams.ElementAt(random.Next(14)));
        return new StreamRemoval(stream, kind, random.Next(1, 6), ExpectedVersion.Any, "test", null);
    }

    private Claim Claim() =>
        Millrace.Claim.Acquire("number", $"{random.Next(8)}", $"owner-{random.Next(3)}");

    private HandledMark Mark() =>
        new("pay", $"id-{random.Next(10)}", Bytes(4), new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static Guid Id(int number) => new(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
}
