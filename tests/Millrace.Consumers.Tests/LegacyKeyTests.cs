using System.IO.Compression;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests of documents that earlier versions stored with another key text.</summary>
public sealed class LegacyKeyTests
{
    // The formats of additional keys that sort before the keys of a set.
    private const string Words = "!{0:D6}";
    private const string Digits = "-1{0:D6}";
    private const string Times = "0001-01-01T00:00:00.0{0:D6}";
    private const string UtcTimes = "0001-01-01T00:00:00.0{0:D6}+00:00";
    private const string TimesOfDay = "00:00:00.0{0:D6}";

    private static readonly List<int> AllKeys = [0, 1, 2, 3, 4, 5, 0];
    private static readonly DateTime Day = new(2026, 1, 31, 9, 30, 15, DateTimeKind.Utc);
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours(2));
    private static readonly TimeOnly Time = new(9, 30, 15);
    private static readonly Guid First = new(1, 0, 0, new byte[8]);
    private static readonly decimal[] Numbers = [1.0m, 1.00m, 1m, 1.50m, 0m, -0.00m];
    private static readonly DateTime[] Days =
        [Day, Day.AddTicks(1), Day.AddSeconds(1), Day.AddHours(1), Day.AddDays(1), Day];
    private static readonly DateTimeOffset[] Noons =
        [Noon, Noon.ToOffset(TimeSpan.Zero), Noon.AddTicks(1), Noon.AddHours(1), Noon.AddDays(1), Noon];
    private static readonly TimeOnly[] Hours = [Time, Time.AddMinutes(1), Time.AddHours(1), Time, Time, Time];
    private static readonly DateOnly[] Dates =
        [new(2026, 1, 2), new(2026, 2, 1), new(2026, 1, 2), new(2026, 1, 2), new(2026, 1, 2), new(2026, 1, 2)];
    private static readonly TimeSpan[] Spans =
        [TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromTicks(1), TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero];
    private static readonly DayOfWeek[] Weekdays =
        [DayOfWeek.Friday, DayOfWeek.Monday, (DayOfWeek)64, (DayOfWeek)64, DayOfWeek.Friday, DayOfWeek.Friday];
    private static readonly string[] FormerDays =
        ["01/31/2026 09:30:15", "01/31/2026 09:30:16", "01/31/2026 10:30:15", "02/01/2026 09:30:15"];
    private static readonly string[] FormerNoons =
        ["2026-01-31T10:00:00.0000000+00:00", "2026-01-31T12:00:00.0000000+02:00"];
    private static readonly string[] FormerHours = ["09:30:15.0000000", "09:31:15.0000000", "10:30:15.0000000"];
    private static readonly string[] FormerGuids =
        ["00000001-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];

    private static LegacyKeySet[] Sets { get; } =
    [
        new(KeySet.Of(Numbers), true, Digits, "0", "0.00", "1", "1.0", "1.00", "1.50"),
        new(KeySet.Of(Array.ConvertAll(Numbers, Weight.From)), true, Digits, "0", "0.00", "1", "1.0", "1.00", "1.50"),
        new(KeySet.Of(Days), true, Times, FormerDays),
        new(KeySet.Of(Array.ConvertAll(Days, LocalTime.From)), true, Times, "2026-01-31T09:30:15.0000000Z"),
        new(KeySet.Of(Noons), true, UtcTimes, FormerNoons),
        new(KeySet.Of(Array.ConvertAll(Noons, Instant.From)), true, UtcTimes, FormerNoons),
        new(KeySet.Of(true, false, true, false, true, true), true, Words, "False", "True"),
        new(KeySet.Of(0.0, -0.0, 1.5, double.NaN, 0.1, 0.0), true, Words, "-0", "0", "0.1", "1.5", "NaN"),
        new(KeySet.Of(0f, -0f, 1.5f, float.NaN, 0.1f, 0f), true, Words, "-0", "0", "0.1", "1.5", "NaN"),
        new(KeySet.Of(Half.Zero, Half.NegativeZero, Half.One, Half.NaN, Half.One, Half.Zero),
            true, Words, "-0", "0", "1", "NaN"),
        new(KeySet.Of(Hours), false, TimesOfDay, FormerHours),
        new(KeySet.Of(Array.ConvertAll(Hours, Slot.From)), false, TimesOfDay, FormerHours),
        new(KeySet.Of("a", "b", "1.50", "True", "a", "ä"), false, Words, "a", "b", "1.50", "True", "ä"),
        new(KeySet.Of(Array.ConvertAll(["a", "b", "c", "a", "b", "c"], Label.From)),
            false, Words, "a", "b", "c"),
        new(KeySet.Of(First, Guid.AllBitsSet, First, First, First, First), false, Words, FormerGuids),
        new(KeySet.Of(Array.ConvertAll([First, Guid.AllBitsSet, First, First, First, First], id => new CrateId(id))),
            false, Words, FormerGuids),
        new(KeySet.Of(0, 1, -1, 0, 0, 0), false, "+{0:D6}", "0", "1", "-1"),
        new(KeySet.Of(Dates), false, Words, "2026-01-02", "2026-02-01"),
        new(KeySet.Of(Spans), false, Words, "00:00:00", "1.00:00:00", "00:00:00.0000001"),
        new(KeySet.Of(Weekdays), false, Words, "64", "Friday", "Monday"),
    ];

    [Theory]
    [StoreKinds]
    public async Task Collections_are_rebuilt_once_when_the_text_of_their_keys_has_changed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var earlier = await TestNode.Start(shared.Open()))
        {
            var checkpoint = (await Append(earlier, AllKeys)).Position;
            foreach (var set in Sets)
                await set.Write(earlier.Store.Storage, checkpoint);
        }

        var versions = new List<IReadOnlyList<(string Key, long Version)>>();
        await using (var node = await Start(shared.Open()))
        {
            var token = await Append(node, [3]);
            foreach (var set in Sets)
            {
                await set.Verify(node, AllKeys, [3], token);
                versions.Add(await set.Versions(node.Store.Storage));
            }
        }

        await using var next = await Start(shared.Open());
        var head = await next.Store.Storage.Log.GetHead(CancellationToken.None);
        for (var i = 0; i < Sets.Length; i++)
        {
            var collection = Sets[i].Keys.Definition.Collection;
            await next.WaitUntil(collection, status => status.IsHere && status.Checkpoint >= head.Position);
            Assert.Equal(versions[i], await Sets[i].Versions(next.Store.Storage));
        }
    }

    /// <summary>
    /// The last version with the former key texts wrote the file. It contains seven events and the documents of all
    /// sets.
    /// </summary>
    [Fact]
    public async Task A_file_of_an_earlier_build_is_read()
    {
        using var file = new ShopFile();
        await Unpack("former-keys.db.gz", file.Path);
        var before = new List<IReadOnlyList<(string Key, long Version)>>();
        await using (var storage = file.Open())
        {
            await storage.Open(CancellationToken.None);
            foreach (var set in Sets)
                before.Add(await set.Versions(storage));
        }

        await using var node = await Start(file.Open());
        var token = await Append(node, [3]);

        for (var i = 0; i < Sets.Length; i++)
        {
            await Sets[i].Keys.Verify(node, [.. AllKeys, 3], token);
            var kept = before[i].Intersect(await Sets[i].Versions(node.Store.Storage)).Count();
            // The new event has changed one document.
            Assert.Equal(Sets[i].IsRebuilt ? 0 : before[i].Count - 1, kept);
        }
    }

    private static async Task Unpack(string name, string path)
    {
        await using var packed = File.OpenRead(RepositoryRoot.PathOf("tests/Millrace.Consumers.Tests/Stored", name));
        await using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        await using var file = File.Create(path);
        await unpacked.CopyToAsync(file);
    }

    private static Task<TestNode> Start(IStorage storage) =>
        TestNode.Start(storage, host => TestNode.Add(host, [.. Sets.Select(set => set.Keys.Definition)]));

    private static async Task<ConsistencyToken> Append(TestNode node, IReadOnlyList<int> keys)
    {
        ConsistencyToken token = default;
        foreach (var key in keys)
            token = await node.Append("ada", new Loaded("ada", key));
        return token;
    }
}
