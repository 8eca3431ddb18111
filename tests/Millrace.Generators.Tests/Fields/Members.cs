using System.Collections;
using Millrace.Storage;

namespace Millrace.Generators.Tests.Fields;

/// <summary>A member of a reading, with its field name and its value as a query field.</summary>
internal sealed record Member(string Name, Func<Reading, object?> Get, Func<Reading, FieldValue> Field);

/// <summary>Lists the members of a reading and compares their values like .NET does.</summary>
internal static class Members
{
    private static readonly double[] Reals =
    [
        0.0,
        -0.0,
        0.1,
        1.5,
        -1.5,
        9007199254740992,
        double.MaxValue,
        double.Epsilon,
    ];
    private static readonly long[] Longs =
    [
        0,
        1,
        -1,
        long.MaxValue,
        long.MaxValue - 1,
        long.MinValue,
        (1L << 53) + 1,
        1L << 53,
    ];

    public static IReadOnlyList<Member> All { get; } =
    [
        Of("text", reading => reading.Text),
        Of("flag", reading => reading.Flag),
        Of("letter", reading => reading.Letter),
        Of("number", reading => reading.Number),
        Of("long", reading => reading.Long),
        Of("unsigned", reading => reading.Unsigned),
        Of("unsignedLong", reading => reading.UnsignedLong),
        Of("single", reading => reading.Single),
        Of("real", reading => reading.Real),
        Of("exact", reading => reading.Exact),
        Of("id", reading => reading.Id),
        Of("day", reading => reading.Day),
        Of("hour", reading => reading.Hour),
        Of("duration", reading => reading.Duration),
        Of("time", reading => reading.Time),
        Of("instant", reading => reading.Instant),
        Of("level", reading => reading.Level),
        Of("marks", reading => reading.Marks),
        Of("slot", reading => reading.Slot?.Value),
        Of("weight", reading => reading.Weight?.Value),
    ];

    /// <summary>
    /// Gets the order of values. Null is the least, texts are compared by code points, and other values like in .NET.
    /// </summary>
    public static IComparer<object?> Order { get; } = Comparer<object?>.Create((left, right) => (left, right) switch
    {
        // Without surrogates, the ordinal order is the order of code points.
        (string text, string other) => string.CompareOrdinal(text, other),
        _ => Comparer.DefaultInvariant.Compare(left, right),
    });

    public static bool IsMatch(object? value, Comparison comparison, object? other) => comparison switch
    {
        Comparison.Equal => Equals(value, other),
        Comparison.NotEqual => !Equals(value, other),
        _ when value is null || other is null => false,
        Comparison.Less => Order.Compare(value, other) < 0,
        Comparison.LessOrEqual => Order.Compare(value, other) <= 0,
        Comparison.Greater => Order.Compare(value, other) > 0,
        _ => Order.Compare(value, other) >= 0,
    };

    public static Reading Draw(string name, Random random) =>
        new(
            name,
            MaybeText<string>(random, () => new[] { "", "a", "A", "ab", "ä", "z", "0", "10", "9" }[random.Next(9)]),
            MaybeValue(random, () => random.Next(2) == 0),
            MaybeValue(random, () => "aAzä\n\u20ac"[random.Next(6)]),
            MaybeValue(random, () => random.Next(-3, 4)),
            MaybeValue(random, () => Longs[random.Next(Longs.Length)]),
            MaybeValue(random, () => unchecked((uint)Longs[random.Next(Longs.Length)])),
            MaybeValue(random, () => unchecked((ulong)Longs[random.Next(Longs.Length)])),
            MaybeValue(random, () => (float)new[] { 0.1, 1.5, -2.25, 0, 1e30 }[random.Next(5)]),
            MaybeValue(random, () => Reals[random.Next(Reals.Length)]),
            MaybeValue(
                random,
                () =>
                    new[] { 1m, 1.0m, 1.00m, 1.1m, -1m, decimal.MaxValue, 1e-28m, 1234567890123456789012345678m }[
                        random.Next(8)
                    ]
            ),
            MaybeValue(
                random,
                () =>
                    new Guid(
                        random.Next(-2, 3), (short)random.Next(-2, 3), 0, 0, 0, 0, 0, 0, 0, 0, (byte)random.Next(200))),
            MaybeValue(random, () => DateOnly.FromDateTime(Time(random))),
            MaybeValue(random, () => new TimeOnly(9, 30, random.Next(60)).Add(new TimeSpan(random.Next(3)))),
            MaybeValue(random, () => new TimeSpan(random.Next(-3, 4) * 1_000_000_000L + random.Next(3))),
            MaybeValue(random, () => Time(random)),
            MaybeValue(
                random,
                () => new DateTimeOffset(Time(random), TimeSpan.Zero).ToOffset(TimeSpan.FromHours(random.Next(-2, 3)))),
            MaybeValue(random, () => new[] { Level.Lowest, Level.RatherHigh, Level.Above }[random.Next(3)]),
            MaybeValue(random, () => (Marks)random.Next(4)),
            MaybeValue(random, () => new SlotId(Longs[random.Next(Longs.Length)] is var number and not 0 ? number : 1)),
            MaybeValue(random, () => Weight.From(new[] { 1m, 1.0m, 2.5m, -1m }[random.Next(4)])));

    private static Member Of<T>(string name, Func<Reading, T?> get) =>
        new(name, reading => get(reading), reading => FieldValue.From(get(reading)));

    private static DateTime Time(Random random) =>
        new DateTime(random.Next(2) == 0 ? 2025 : 1969, random.Next(1, 13), random.Next(1, 4)).AddTicks(random.Next(3));

    private static T? MaybeValue<T>(Random random, Func<T> draw)
        where T : struct => random.Next(8) == 0 ? null : draw();

    private static T? MaybeText<T>(Random random, Func<T> draw)
        where T : class => random.Next(8) == 0 ? null : draw();
}
