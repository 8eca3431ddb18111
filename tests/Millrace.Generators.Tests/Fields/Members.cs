using System.Collections;
using Millrace.Storage;

namespace Millrace.Generators.Tests.Fields;

/// <summary>A member of a reading, as queries know it.</summary>
internal sealed record Member(string Name, Func<Reading, object?> Get, Func<Reading, FieldValue> Field);

/// <summary>The members of a reading, and how .NET compares their values.</summary>
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
        Of("text", one => one.Text),
        Of("flag", one => one.Flag),
        Of("letter", one => one.Letter),
        Of("number", one => one.Number),
        Of("long", one => one.Long),
        Of("unsigned", one => one.Unsigned),
        Of("unsignedLong", one => one.UnsignedLong),
        Of("single", one => one.Single),
        Of("real", one => one.Real),
        Of("exact", one => one.Exact),
        Of("id", one => one.Id),
        Of("day", one => one.Day),
        Of("hour", one => one.Hour),
        Of("duration", one => one.Duration),
        Of("time", one => one.Time),
        Of("instant", one => one.Instant),
        Of("level", one => one.Level),
        Of("marks", one => one.Marks),
        Of("slot", one => one.Slot?.Value),
        Of("weight", one => one.Weight?.Value),
    ];

    /// <summary>Null least; texts by code points, all else as .NET does.</summary>
    public static IComparer<object?> Order { get; } = Comparer<object?>.Create((left, right) => (left, right) switch
    {
        (string text, string other) => string.CompareOrdinal(text, other), // Without surrogates the same.
        _ => Comparer.DefaultInvariant.Compare(left, right),
    });

    public static bool Meets(object? value, Comparison comparison, object? other) => comparison switch
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
            Some<string>(random, () => new[] { "", "a", "A", "ab", "ä", "z", "0", "10", "9" }[random.Next(9)]),
            Maybe(random, () => random.Next(2) == 0),
            Maybe(random, () => "aAzä\n\u20ac"[random.Next(6)]),
            Maybe(random, () => random.Next(-3, 4)),
            Maybe(random, () => Longs[random.Next(Longs.Length)]),
            Maybe(random, () => unchecked((uint)Longs[random.Next(Longs.Length)])),
            Maybe(random, () => unchecked((ulong)Longs[random.Next(Longs.Length)])),
            Maybe(random, () => (float)new[] { 0.1, 1.5, -2.25, 0, 1e30 }[random.Next(5)]),
            Maybe(random, () => Reals[random.Next(Reals.Length)]),
            Maybe(
                random,
                () =>
                    new[] { 1m, 1.0m, 1.00m, 1.1m, -1m, decimal.MaxValue, 1e-28m, 1234567890123456789012345678m }[
                        random.Next(8)
                    ]
            ),
            Maybe(
                random,
                () =>
                    new Guid(
                        random.Next(-2, 3), (short)random.Next(-2, 3), 0, 0, 0, 0, 0, 0, 0, 0, (byte)random.Next(200))),
            Maybe(random, () => DateOnly.FromDateTime(Time(random))),
            Maybe(random, () => new TimeOnly(9, 30, random.Next(60)).Add(new TimeSpan(random.Next(3)))),
            Maybe(random, () => new TimeSpan(random.Next(-3, 4) * 1_000_000_000L + random.Next(3))),
            Maybe(random, () => Time(random)),
            Maybe(
                random,
                () => new DateTimeOffset(Time(random), TimeSpan.Zero).ToOffset(TimeSpan.FromHours(random.Next(-2, 3)))),
            Maybe(random, () => new[] { Level.Lowest, Level.RatherHigh, Level.Above }[random.Next(3)]),
            Maybe(random, () => (Marks)random.Next(4)),
            Maybe(random, () => new SlotId(Longs[random.Next(Longs.Length)] is var number and not 0 ? number : 1)),
            Maybe(random, () => Weight.From(new[] { 1m, 1.0m, 2.5m, -1m }[random.Next(4)])));

    private static Member Of<T>(string name, Func<Reading, T?> get) =>
        new(name, one => get(one), one => FieldValue.From(get(one)));

    private static DateTime Time(Random random) =>
        new DateTime(random.Next(2) == 0 ? 2025 : 1969, random.Next(1, 13), random.Next(1, 4)).AddTicks(random.Next(3));

    private static T? Maybe<T>(Random random, Func<T> draw)
        where T : struct => random.Next(8) == 0 ? null : draw();

    private static T? Some<T>(Random random, Func<T> draw)
        where T : class => random.Next(8) == 0 ? null : draw();
}
