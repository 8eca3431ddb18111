using Millrace.Storage;

namespace Millrace.Testing.Conformance.Scheduling;

/// <summary>
/// Generates random requests. It uses only a few names, so that conflicts, repetitions, races and removals occur.
/// </summary>
internal sealed class ScheduleSource(StoreModel model, int seed)
{
    public const string Collection = "scheduled@1";
    public const string Consumer = "scheduled";

    private static readonly string[] Streams = ["a", "b", "c", "order-1", "order-2", "é", "😀"];
    private static readonly string[] Types = ["placed", "paid", "shipped"];
    private static readonly Tag[] Tags = [new("customer", "1"), new("customer", "2"), new("country", "DE")];
    private static readonly string[] Owners = ["anna", "bert"];

    private readonly Random _random = new(seed);
    private readonly List<StreamAppend> _appended = [];
    private int _ids;

    public static CollectionDefinition Definition { get; } =
        new(
            Collection,
            [new FieldDefinition("amount", FieldKind.Decimal), new FieldDefinition("name", FieldKind.Text)]);

    public int Next(int exclusiveMax) => _random.Next(exclusiveMax);

    public bool Chance(int percent) => _random.Next(100) < percent;

    public string Node() => Pick(["node-1", "node-2", "node-3"]);

    /// <summary>
    /// Returns a batch that ends after its first request with a removal, like a batch of the commit queue.
    /// </summary>
    public CommitRequest[] Batch(DateTimeOffset now)
    {
        var batch = new List<CommitRequest>();
        for (var count = 1 + Next(7); count > 0 && (batch.Count == 0 || batch[^1].Removals.Count == 0); count--)
            batch.Add(Request(now));
        return [.. batch];
    }

    private CommitRequest Request(DateTimeOffset now) =>
        new()
        {
            Appends = Chance(85) ? Appends() : [],
            Conditions = Chance(15) ? [Condition()] : [],
            Claims = Chance(20)
                ? [Claim(), .. Chance(20) ? new[] { Millrace.Claim.Acquire("other", $"{Next(3)}", Pick(Owners)) } : []]
                : [],
            Documents = Chance(35) ? Documents() : [],
            Checkpoint = Chance(15) ? Move() : null,
            Handled = Chance(15) ? [Mark(now)] : [],
            Removals = Chance(6) ? [Removal()] : [],
        };

    private StreamAppend[] Appends()
    {
        if (_appended.Count > 0 && Chance(12))
            return [Pick(_appended)];
        var names = Streams.OrderBy(_ => _random.Next()).Take(1 + (Chance(20) ? Next(3) : 0));
        var appends = names.Select(name => new StreamAppend(new StreamId(name), Expected(name), Events())).ToArray();
        _appended.AddRange(appends);
        return appends;
    }

    private EncodedEvent[] Events()
    {
        var events = Enumerable.Range(0, 1 + Next(3)).Select(_ => Event(++_ids)).ToList();
        if (_appended.Count > 0 && Chance(4))
            events.Insert(Next(events.Count + 1), Pick(Pick(_appended).Events));
        return [.. events];
    }

    private EncodedEvent Event(int number) => new()
    {
        Id = Sample.Id(number),
        HasCallerId = Chance(70),
        Type = Pick(Types),
        Payload = BitConverter.GetBytes(number),
        Tags = [.. Tags.Where(_ => Chance(25))],
        Source = Chance(50) ? "shop" : null,
        CorrelationId = Chance(50) ? Sample.Id(9_000_000 + Next(5)) : null,
    };

    private ExpectedVersion Expected(string name)
    {
        var version = model.Streams.GetValueOrDefault(new StreamId(name))?.VisibleVersion ?? 0;
        return Next(10) switch
        {
            < 5 => ExpectedVersion.AsRead(version),
            < 7 => ExpectedVersion.Any,
            7 => ExpectedVersion.StreamExists,
            8 => ExpectedVersion.NoStream,
            _ => ExpectedVersion.Exactly(Math.Max(1, version + Next(4) - 2)),
        };
    }

    private AppendCondition Condition() => new(
        new EventFilter
        {
            Types = Chance(60) ? [Pick(Types)] : [],
            Tags = [Pick(Tags)],
            StreamPrefix = Chance(30) ? "order" : null,
            Source = Chance(20) ? "shop" : null,
        },
        Math.Max(0, model.Log.Count - Next(8)));

    private Claim Claim() => Chance(70)
        ? Millrace.Claim.Acquire("email", $"{Next(4)}", Pick(Owners))
        : Millrace.Claim.Release("email", $"{Next(4)}", Pick(Owners));

    private DocumentChange[] Documents() =>
        [.. Enumerable.Range(0, 6).Where(_ => Chance(30)).Select(number => $"key-{number}").Select(Document)];

    private DocumentChange Document(string key) => new()
    {
        Collection = Collection,
        Key = key,
        Body = Chance(85) ? BitConverter.GetBytes(Next(1_000)) : null,
        FromVersion = Chance(40) ? Math.Max(0, VersionOf(key) - (Chance(20) ? 1 : 0)) : null,
        Fields = [Chance(80) ? Next(100) / 4m : FieldValue.Null, $"{Next(5)}"],
        Position = Chance(20) ? 1 + Next(5) : 0,
    };

    private long VersionOf(string key) => model.Documents.TryGetValue(key, out var row) ? row.Document.Version : 0;

    private CheckpointMove Move()
    {
        var partition = Next(model.Partitions.Count);
        var row = model.Partitions.GetValueOrDefault(partition);
        return new(
            Consumer,
            partition,
            Math.Max(0, row.Epoch - (Chance(20) ? 1 : 0)),
            Chance(15) ? Pick<long?>([null, 0, (row.Checkpoint ?? 0) + 1]) : row.Checkpoint,
            (row.Checkpoint ?? 0) + 1 + Next(5));
    }

    private HandledMark Mark(DateTimeOffset now)
    {
        var id = $"{Next(15)}";
        var until = Chance(50) ? Sample.FarFuture : now + TimeSpan.FromMilliseconds(Next(20));
        var mark = new HandledMark("command", id, BitConverter.GetBytes(Next(100)), until);
        var isKnown = model.Handled.TryGetValue((mark.Scope, id), out var known);
        return isKnown && Chance(30)
            ? mark with
            {
                Replaces = Chance(80) ? known.Mark.Answer : BitConverter.GetBytes(100),
            }
            : mark;
    }

    private StreamRemoval Removal()
    {
        var name = Pick(Streams);
        var version = model.Streams.GetValueOrDefault(new StreamId(name))?.Version ?? 0;
        var kind = Chance(15) ? RemovalKind.Tombstone : Pick([RemovalKind.Delete, RemovalKind.Truncate]);
        return new(
            new StreamId(name),
            kind,
            1 + Next((int)version + 2),
            Chance(60) ? ExpectedVersion.Any : Expected(name),
            "scheduled",
            Chance(50) ? "me" : null);
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
