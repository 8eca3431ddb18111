using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests of document keys of every type and length.</summary>
public sealed class ProjectionKeyTests
{
    private static readonly DateTime Day = new(2026, 1, 1);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A key that ignores the case of its text when it is compared.</summary>
    private readonly record struct CaseInsensitive(string Name) : IKeyText
    {
        public bool Equals(CaseInsensitive other) =>
            string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name);

        public string ToKeyText() => Name.ToUpperInvariant();
    }

    private static KeySet[] Sets { get; } =
    [
        KeySet.Of("a", "A", "a, b", "ä", "a\u0308", "😀"),
        KeySet.Of(true, false, true, false, true, true),
        KeySet.Of('a', 'A', 'ä', ' ', '-', 'a'),
        KeySet.Of(new Rune('a'), new Rune('A'), new Rune(0x1F600), new Rune('a'), new Rune(1), new Rune(2)),
        KeySet.Of<sbyte>(0, 1, -1, sbyte.MinValue, sbyte.MaxValue, 0),
        KeySet.Of<byte>(0, 1, 2, 10, byte.MaxValue, 0),
        KeySet.Of<short>(0, 1, -1, short.MinValue, short.MaxValue, 0),
        KeySet.Of<ushort>(0, 1, 2, 10, ushort.MaxValue, 0),
        KeySet.Of(0, 1, -1, int.MinValue, int.MaxValue, 0),
        KeySet.Of(0u, 1u, 2u, 10u, uint.MaxValue, 0u),
        KeySet.Of(0L, 1L << 53, (1L << 53) + 1, long.MinValue, long.MaxValue, 0L),
        KeySet.Of(0ul, 1ul << 53, (1ul << 53) + 1, 10ul, ulong.MaxValue, 0ul),
        KeySet.Of<Int128>(0, Int128.One, Int128.MinValue, Int128.MaxValue, Int128.MaxValue - 1, 0),
        KeySet.Of<UInt128>(0, UInt128.One, 2, UInt128.MaxValue, UInt128.MaxValue - 1, 0),
        KeySet.Of<BigInteger>(0, BigInteger.Pow(10, 40), -BigInteger.Pow(10, 40), BigInteger.Pow(10, 40) + 1, 1, 0),
        KeySet.Of(Half.Zero, Half.NegativeZero, Half.NaN, Half.MaxValue, Half.Epsilon, -Half.NaN),
        KeySet.Of(0f, -0f, float.NaN, float.MaxValue, 0.1f, float.NegativeInfinity),
        KeySet.Of(0.0, -0.0, double.NaN, -double.NaN, 0.1, double.BitIncrement(0.1)),
        KeySet.Of(1.0m, 1.00m, 1m, 1.01m, 0m, -0.00m),
        KeySet.Of(
            Guid.Empty,
            Guid.AllBitsSet,
            Guid.Empty,
            new Guid(1, 0, 0, new byte[8]),
            new Guid(2, 0, 0, new byte[8]),
            Guid.Empty),
        KeySet.Of(
            Day,
            Day.AddTicks(1),
            Day.AddTicks(2),
            DateTime.SpecifyKind(Day, DateTimeKind.Utc),
            Day.AddSeconds(1),
            DateTime.MaxValue),
        KeySet.Of(
            Noon,
            Noon.ToOffset(TimeSpan.FromHours(2)),
            Noon.AddTicks(1),
            Noon.AddMilliseconds(250),
            Noon.AddMilliseconds(750),
            Noon),
        KeySet.Of(
            new DateOnly(2026, 1, 2),
            new DateOnly(2026, 2, 1),
            DateOnly.MinValue,
            DateOnly.MaxValue,
            new(2026, 1, 2),
            new(1, 2, 3)),
        KeySet.Of(
            new TimeOnly(9, 30),
            new TimeOnly(9, 30, 15),
            new TimeOnly(9, 30, 45),
            TimeOnly.MaxValue,
            TimeOnly.MinValue,
            new(9, 30)),
        KeySet.Of(
            TimeSpan.Zero,
            TimeSpan.FromTicks(1),
            TimeSpan.MinValue,
            TimeSpan.MaxValue,
            TimeSpan.FromDays(1),
            TimeSpan.Zero),
        KeySet.Of(
            DayOfWeek.Friday, DayOfWeek.Monday, (DayOfWeek)64, (DayOfWeek)(-1), DayOfWeek.Friday, DayOfWeek.Sunday),
        KeySet.Of(
            new Version(1, 0),
            new Version(1, 0, 0),
            new Version(1, 0, 0, 0),
            new Version(1, 0),
            new Version(10, 0),
            new Version(0, 1)),
        KeySet.Of(
            new StreamId("a"),
            new StreamId("a-1"),
            new StreamId("A"),
            new StreamId("a"),
            new StreamId("b"),
            new StreamId("b-")),
        KeySet.Of(
            new CaseInsensitive("a"),
            new CaseInsensitive("A"),
            new CaseInsensitive("b"),
            new CaseInsensitive("a, b"),
            new CaseInsensitive("ä"),
            new CaseInsensitive("Ä")),
    ];

    [Theory]
    [StoreKinds]
    public void Equal_keys_share_a_document_while_a_node_runs_and_after_a_restart(StoreKind kind) =>
        Prop.ForAll(
            Gen.Zip(Gen.Choose(0, KeySet.Size - 1).ListOf(12), Gen.Choose(0, KeySet.Size - 1).ListOf(12)).ToArbitrary(),
            drawn => CheckRestart(kind, [.. drawn.Item1], [.. drawn.Item2]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2));

    [Theory]
    [StoreKinds]
    public async Task A_key_that_is_too_long_blocks_only_its_own_event(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await TestNode.StartCargo(shared.Open());
        var (longestValid, tooLong) = (RandomText(KeyText.MaxDocumentKeyBytes), RandomText(3_000));

        await node.Append("one", new Loaded(tooLong, 1));
        await node.Append("two", new Loaded(longestValid, 2));
        var token = await node.Append("three", new Loaded("short", 3));
        var letters = await node.WaitForDeadLetters(static letters =>
            letters.Any(letter => letter.State == DeadLetterState.Parked));

        var letter = Assert.Single(letters);
        Assert.Equal(("", "ship-one"), (letter.Key, letter.Stream.Value));
        Assert.Contains(nameof(InvalidNameException), letter.ErrorType, StringComparison.Ordinal);
        Assert.Contains("1024 bytes", letter.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await node.Cargo.Get(longestValid, token)).Value!.Crates);
        Assert.Equal(3, (await node.Cargo.Get("short", token)).Value!.Crates);
        Assert.Null((await node.Cargo.Get(tooLong)).Value);
        Assert.Empty((await node.Projections.Check("cargo@1", TestNode.WaitTimeout)).Differences);
    }

    [Theory]
    [StoreKinds]
    public async Task Documents_that_an_earlier_version_stored_under_other_texts_are_rebuilt(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        List<int> keys = [0, 1, 2, 3, 4, 5, 0];
        KeySet[] sets =
        [
            KeySet.Of(1.0m, 1.00m, 1m, 1.01m, 0m, -0.00m),
            KeySet.Of(true, false, true, false, true, true),
            KeySet.Of(Day, Day.AddTicks(1), Day.AddSeconds(1), Day.AddHours(1), Day.AddDays(1), Day),
            KeySet.Of(
                Noon, Noon.ToOffset(TimeSpan.FromHours(2)), Noon.AddTicks(1), Noon.AddHours(1), Noon.AddDays(1), Noon),
        ];
        await using (var earlier = await Start(shared, [.. sets.Select(set => set.FormerDefinition)]))
        {
            var before = await Append(earlier, keys);
            foreach (var set in sets)
                await earlier.WaitUntil(set.Definition.Collection, status => status.Checkpoint >= before.Position);
        }

        await using var node = await Start(shared, [.. sets.Select(set => set.Definition)]);
        var token = await Append(node, [3]);

        foreach (var set in sets)
            await set.Verify(node, [.. keys, 3], token);
    }

    private static async Task CheckRestart(StoreKind kind, List<int> before, List<int> after)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var node = await Start(shared))
        {
            token = await Append(node, before);
            foreach (var set in Sets)
                await set.Verify(node, before, token);
        }
        await using var next = await Start(shared);
        token = await Append(next, after);
        foreach (var set in Sets)
            await set.Verify(next, [.. before, .. after], token);
    }

    private static Task<TestNode> Start(SharedStore shared) => Start(shared, [.. Sets.Select(set => set.Definition)]);

    private static Task<TestNode> Start(SharedStore shared, ProjectionDefinition[] definitions) =>
        TestNode.Start(shared.Open(), host => TestNode.Add(host, definitions));

    private static async Task<ConsistencyToken> Append(TestNode node, List<int> keys)
    {
        ConsistencyToken token = default;
        foreach (var key in keys.DefaultIfEmpty(0))
            token = await node.Append("ada", new Loaded("ada", key));
        if (keys.Count == 0)
            keys.Add(0);
        return token;
    }

    /// <summary>Returns a text that a storage cannot compress.</summary>
    private static string RandomText(int length)
    {
        var random = new Random(length);
        return string.Create(length, random, static (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)random.Next('!', '~');
        });
    }
}
