using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Storage.Objects;

namespace Millrace.Sql.Tests;

/// <summary>Tests SQL over a store whose contents are in an archive.</summary>
public sealed class ArchivedSqlTests : IDisposable
{
    private const int Seeds = 2;
    private const int Steps = 40;

    private static readonly string[] Statements =
    [
        "FROM events ORDER BY position",
        "FROM event_order_0 ORDER BY position",
        "SELECT * FROM event_order_1 JOIN event_order_2 USING (stream) ORDER BY ALL",
        "SELECT type, count(*), sum(strlen(data_text)), min(time) FROM events GROUP BY type ORDER BY type",
        "SELECT position, data FROM events WHERE type = 'order.1' AND stream = 'order-3'",
        "SELECT position, data_text FROM events WHERE position BETWEEN 5 AND 30 ORDER BY position",
        "SELECT position, content_type, metadata FROM events LIMIT 7 OFFSET 3",
        "SELECT column_name, column_type FROM (DESCRIBE event_order_0)",
        "SELECT category, type, tags, count(*), max(version) FROM events GROUP BY ALL ORDER BY ALL",
        "SELECT e.position, s.id FROM events AS e JOIN event_order_1 AS s USING (stream) ORDER BY ALL",
        "SELECT e FROM events AS e ORDER BY e.position",
        "SELECT position FROM events AS position ORDER BY position",
        "SELECT count(*) FROM events NATURAL JOIN event_order_0",
        "SELECT stream, data.number FROM event_order_0 ORDER BY position",
        "SELECT COLUMNS('^da') FROM events ORDER BY position",
        "SELECT type FROM events AS e (type, stream, position, version, category) ORDER BY type",
        "WITH e (id) AS (SELECT data_text FROM events) SELECT id FROM e ORDER BY id",
        "SELECT #1 FROM (SELECT user_id FROM events) ORDER BY 1",
        "SELECT type FROM events WHERE metadata IS NOT NULL ORDER BY position",
    ];

    private static readonly string[] WithoutContents =
    [
        "SELECT type, count(*) FROM events GROUP BY type ORDER BY type",
        "SELECT e.position, e.time, tags FROM events AS e WHERE stream LIKE 'order-%' ORDER BY e.position",
        "SELECT count(*) FROM event_order_0",
        "SELECT stream, count(*) OVER () FROM events JOIN event_order_0 AS o USING (stream) ORDER BY 1",
        "SELECT id FROM event_order_1 AS o WHERE EXISTS (SELECT 1 FROM event_order_2 AS x WHERE x.version > o.version)",
    ];

    private readonly string _place = Directory.CreateTempSubdirectory("millrace-sql-archive-").FullName;

    public static TheoryData<StoreKind, int> Cases
    {
        get
        {
            var cases = new TheoryData<StoreKind, int>();
            foreach (var kind in SharedStore.All)
            {
                for (var seed = 1; seed <= Seeds; seed++)
                    cases.Add(kind, seed);
            }
            return cases;
        }
    }

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Answers_are_the_same_with_and_without_an_archive(StoreKind kind, int seed)
    {
        var clock = new ManualClock();
        using var shared = await SharedStore.Create(kind);
        var options = new ArchiveOptions
        {
            Place = new DirectoryObjectStorage(_place),
            Format = new ParquetArchiveFormat(),
            SegmentEvents = 1 + seed * 3,
            CacheBytes = 1024 * 1024,
        };
        await using var store = await EventStore.Open(
            shared.OpenWithNodeClock().WithArchive(options), EventTypeMap.Empty, time: clock);
        await using var twin = await EventStore.Open(new InMemoryStorage(clock), EventTypeMap.Empty, time: clock);
        var archive = new StoreArchive(store, options);
        var random = new Random(seed);
        var number = 0;
        foreach (var type in (int[])[0, 1, 2]) // The views of the statements exist.
            await Commit(Append($"order-{type}", type, ++number, random));

        for (var step = 0; step < Steps; step++)
        {
            clock.Advance(TimeSpan.FromMinutes(random.Next(1, 90)));
            await Commit(Next());
            if (random.Next(5) == 0)
                await archive.Run(new ArchiveSelection { Streams = $"order-{random.Next(4)}" });
            if (random.Next(9) == 0 && await store.GetStream(new StreamId("order-3")) is not null)
                await archive.Restore(new StreamId("order-3"));
            if (step == Steps / 2)
                await Compare();
        }
        await archive.Run(new ArchiveSelection { Streams = "*" });
        await Compare();
        await archive.RestoreAll();
        await Compare();

        CommitRequest Next() => random.Next(10) == 0
            ? new CommitRequest { Removals = [Removal(random)] }
            : Append($"order-{random.Next(6)}", random.Next(3), ++number, random);

        async Task Commit(CommitRequest request)
        {
            var expected = await twin.TryCommit(request, isBackground: false, default);
            var actual = await store.TryCommit(request, isBackground: false, default);
            Assert.Equal(expected.Placements, actual.Placements);
        }

        async Task Compare()
        {
            foreach (var statement in Statements)
            {
                var expected = await Answer(twin, statement);
                var actual = await Answer(store, statement);
                Assert.True(expected == actual, $"{statement}\nexpected:\n{expected}\nactual:\n{actual}");
            }
        }
    }

    [Theory]
    [StoreKinds]
    public async Task Statements_without_contents_do_not_read_the_archive(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var options = new ArchiveOptions
        {
            Place = new DirectoryObjectStorage(_place),
            Format = new ParquetArchiveFormat(),
        };
        await using var store = await EventStore.Open(shared.Open().WithArchive(options), EventTypeMap.Empty);
        for (var number = 1; number <= 9; number++)
            await store.TryCommit(
                Append($"order-{number % 2}", number % 3, number, new Random(number)), isBackground: false, default);
        var expected = await Answers(store);
        await new StoreArchive(store, options).Run(new ArchiveSelection { Streams = "*" });
        foreach (var segment in Directory.GetFiles(_place, "*.parquet", SearchOption.AllDirectories))
            File.Delete(segment);

        await using var other = await EventStore.Open(shared.Open().WithArchive(options), EventTypeMap.Empty);

        Assert.Equal(expected, await Answers(other));
        await Assert.ThrowsAnyAsync<MillraceException>(() => Answer(other, "SELECT data FROM events"));

        static async Task<List<string>> Answers(EventStore store)
        {
            var answers = new List<string>();
            foreach (var statement in WithoutContents)
                answers.Add(await Answer(store, statement));
            return answers;
        }
    }

    [Theory]
    [DatabaseKinds]
    public async Task No_value_of_an_erased_person_is_returned_from_an_archive(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var node = await CrmNode.Start(
            shared.Open(),
            millrace => millrace
                .UseArchive(new DirectoryObjectStorage(_place))
                .AddErasures(options =>
                {
                    options.PrivateKeyPem = key.ExportPkcs8PrivateKeyPem();
                    options.SettleTime = TimeSpan.Zero;
                }));
        var erased = $"erased-{(int)kind}"; // The tests share the keys.
        await node.Register(erased, "Ada Marker", 10.5m);
        await node.Register("kept", "Bob Marker", 1m);

        await node.Services.GetRequiredService<StoreArchive>().Run(new ArchiveSelection { Streams = "customer-*" });
        await ExpectNoValue(shared, node);
        var erasures = node.Services.GetRequiredService<Erasures>();
        await erasures.Request(new ErasureRequest("e1", $"customer-{erased}", "asked by letter", "officer"));
        await erasures.Approve("e1", "lawyer");
        await erasures.CarryOut("e1");
        await ExpectNoValue(shared, node);

        Assert.Equal(
            [$"{erased}|[erased]|10.5", "kept|[erased]|1.0"],
            await node.Rows("SELECT customer, name, credit FROM event_customer_registered ORDER BY customer"));
    }

    /// <summary>Reads all views, in the application, and in a program without its keys and marks.</summary>
    private async Task ExpectNoValue(SharedStore shared, CrmNode node)
    {
        var storage = shared.Open().WithArchive(new ArchiveOptions
        {
            Place = new DirectoryObjectStorage(_place),
            Format = new ParquetArchiveFormat(),
        });
        await using var store = await EventStore.Open(
            storage, EventTypeMap.Empty, new StoreOptions { ReadsWithoutKeys = true });
        foreach (var sql in (ISqlService[])[node.Sql, new StoreSqlService(store)])
        {
            foreach (var view in await sql.ListViews())
            {
                var answer = await sql.Run(new SqlRequest($"FROM \"{view.Name}\""));
                Assert.Equal([view.Name], answer.Views.Select(static one => one.Name));
                Assert.All(
                    answer.Rows.SelectMany(static row => row),
                    static value =>
                    {
                        Assert.DoesNotContain("Marker", value ?? "", StringComparison.Ordinal);
                        Assert.DoesNotContain("~enc1.", value ?? "", StringComparison.Ordinal);
                    });
            }
        }
    }

    private static async Task<string> Answer(EventStore store, string statement)
    {
        var answer = await new StoreSqlService(store).Run(new SqlRequest(statement));
        var text = new StringBuilder().AppendJoin('|', answer.Columns).Append('\n');
        foreach (var row in answer.Rows)
            text.AppendJoin('|', row.Select(static value => value ?? "NULL")).Append('\n');
        return text.ToString();
    }

    private static CommitRequest Append(string stream, int type, int number, Random random) => new()
    {
        Appends =
        [
            new StreamAppend(
                new StreamId(stream),
                ExpectedVersion.Any,
                [
                    new EncodedEvent
                    {
                        Id = new Guid(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
                        HasCallerId = true,
                        Type = $"order.{type}",
                        Payload = Payload(number, random),
                        MetadataBytes = random.Next(2) == 0 ? "{\"who\":\"x\"}"u8.ToArray() : default,
                        Tags = random.Next(2) == 0 ? [new Tag("t", $"{random.Next(4)}")] : [],
                    },
                ]),
        ],
    };

    /// <summary>Returns JSON with members of changing types, and sometimes bytes that are no text.</summary>
    private static byte[] Payload(int number, Random random) => random.Next(6) switch
    {
        0 => [0xFF, (byte)number],
        1 => Encoding.UTF8.GetBytes($$"""{"number":{{number}},"at":"2026-01-{{random.Next(10, 28)}}"}"""),
        2 => Encoding.UTF8.GetBytes($$"""{"number":"{{number}}","lines":[1,{"ä":null}]}"""),
        _ => Encoding.UTF8.GetBytes($$"""{"number":{{number}}.50,"name":"n {{random.Next(9)}}"}"""),
    };

    private static StreamRemoval Removal(Random random) => new(
        new StreamId($"order-{random.Next(6)}"),
        random.Next(3) == 0 ? RemovalKind.Delete : RemovalKind.Truncate,
        random.Next(1, 6),
        ExpectedVersion.Any,
        "test",
        null);
}
