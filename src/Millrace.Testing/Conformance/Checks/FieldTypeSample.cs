using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>A type that can be indexed, with critical values such as extreme, adjacent and equal values.</summary>
internal abstract class FieldTypeSample(string name, FieldKind kind)
{
    private static readonly DateTime[] Times =
    [
        DateTime.MinValue,
        DateTime.MaxValue,
        new(2025, 12, 31, 0, 0, 0),
        new(2026, 1, 2, 0, 0, 0),
        new(2026, 1, 1, 0, 0, 0),
        new(1969, 12, 31, 23, 59, 59),
        new DateTime(2026, 1, 1, 12, 0, 0).AddTicks(1),
        new DateTime(1969, 12, 31).AddTicks(-1),
    ];

    private static readonly string[] Texts =
    [
        "",
        " ",
        "a",
        "A",
        "ab",
        "ä",
        "a\u0308",
        "z",
        "\uff5a",
        "\ue000",
        "😀",
        "😀b",
        "0",
        "10",
        "9",
        new string('x', 2_000),
    ];

    private static readonly double[] Reals =
    [
        0.0,
        -0.0,
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        double.Epsilon,
        -double.Epsilon,
        double.MaxValue,
        double.MinValue,
        0.1,
        0.3,
        0.1 + 0.2,
        1.5,
        -1.5,
        9007199254740992.0,
        9007199254740994.0,
        9.2233720368547758E+18,
        7.9228162514264338E+28,
        1.8446744073709552E+19,
        -9.2233720368547758E+18,
    ];

    private static readonly decimal[] Decimals =
    [
        0m,
        0.00m,
        1m,
        1.0m,
        1.00m,
        1.1m,
        -1m,
        -1.10m,
        0.1m,
        0.3m,
        decimal.MaxValue,
        decimal.MinValue,
        decimal.MaxValue - 1,
        1e-28m,
        -1e-28m,
        1234567890123456789012345678m,
        1234567890123456789012345679m,
        0.1000000000000000055511151231m,
        9007199254740993m,
        9007199254740992.5m,
        9223372036854775807.5m,
        -9223372036854775808.5m,
        18446744073709551615m,
    ];

    private static readonly long[] WholeNumbers =
    [
        0,
        1,
        -1,
        long.MaxValue,
        long.MaxValue - 1,
        long.MinValue,
        long.MinValue + 1,
        1L << 53,
        (1L << 53) + 1,
        (1L << 53) - 1,
        10,
        9,
    ];

    public string Name { get; } = name;

    public FieldKind Kind { get; } = kind;

    public static IReadOnlyList<FieldTypeSample> Numbers { get; } =
    [
        Of("long", FieldKind.Integer, random => EdgeValue(WholeNumbers, random)),
        Of("decimal", FieldKind.Decimal, random => EdgeValue(Decimals, random)),
        Of("double", FieldKind.Real, random => EdgeValue(Reals, random)),
    ];

    public static IReadOnlyList<FieldTypeSample> All { get; } =
    [
        .. Numbers,
        Of(
            "string",
            FieldKind.Text,
            random => Texts[random.Next(Texts.Length)],
            UnusualNames.Utf8ByteComparer.Instance),
        Of("bool", FieldKind.Integer, random => random.Next(2) == 0),
        Of("char", FieldKind.Integer, Character),
        Of("byte", FieldKind.Integer, random => (byte)random.Next(256)),
        Of("sbyte", FieldKind.Integer, random => (sbyte)random.Next(-128, 128)),
        Of("short", FieldKind.Integer, random => (short)random.Next(short.MinValue, short.MaxValue + 1)),
        Of("ushort", FieldKind.Integer, random => (ushort)random.Next(ushort.MaxValue + 1)),
        Of("int", FieldKind.Integer, random => unchecked((int)EdgeValue(WholeNumbers, random))),
        Of("uint", FieldKind.Integer, random => unchecked((uint)EdgeValue(WholeNumbers, random))),
        Of("ulong", FieldKind.Decimal, random => unchecked((ulong)EdgeValue(WholeNumbers, random))),
        Of("float", FieldKind.Real, random => (float)EdgeValue(Reals, random)),
        Of("Half", FieldKind.Real, random => (Half)EdgeValue(Reals, random)),
        Of("Guid", FieldKind.Text, Id),
        Of("DateOnly", FieldKind.Text, random => DateOnly.FromDateTime(Time(random))),
        Of("TimeOnly", FieldKind.Ticks, random => TimeOnly.FromDateTime(Time(random))),
        Of("TimeSpan", FieldKind.Ticks, random => new TimeSpan(EdgeValue(WholeNumbers, random))),
        Of("DateTime", FieldKind.Ticks, random => DateTime.SpecifyKind(Time(random), (DateTimeKind)random.Next(3))),
        Of("DateTimeOffset", FieldKind.Ticks, Instant),
        Of("enum", FieldKind.Integer, random => (DayOfWeek)random.Next(-1, 9)),
        Of("enum of ulong", FieldKind.Decimal, random => unchecked((WideEnum)(ulong)EdgeValue(WholeNumbers, random))),
    ];

    /// <summary>Returns a random value that is not null.</summary>
    public abstract object Draw(Random random);

    public abstract FieldValue ToField(object? value);

    /// <summary>Compares two values like .NET, with null first.</summary>
    public abstract int Compare(object? left, object? right);

    private static FieldTypeSample<T> Of<T>(
        string name, FieldKind kind, Func<Random, T> draw, IComparer<T>? order = null)
        where T : notnull => new(name, kind, draw, order ?? Comparer<T>.Default);

    private static long EdgeValue(long[] edgeValues, Random random) => random.Next(4) switch
    {
        0 => random.NextInt64(long.MinValue, long.MaxValue),
        1 => unchecked(edgeValues[random.Next(edgeValues.Length)] + random.Next(-1, 2)),
        _ => edgeValues[random.Next(edgeValues.Length)],
    };

    private static decimal EdgeValue(decimal[] edgeValues, Random random) =>
        random.Next(4) == 0
            ? new decimal(
                random.Next(),
                random.Next(),
                random.Next(8) == 0 ? random.Next() : 0,
                random.Next(2) == 0,
                (byte)random.Next(29))
            : edgeValues[random.Next(edgeValues.Length)];

    private static double EdgeValue(double[] edgeValues, Random random)
    {
        var one = edgeValues[random.Next(edgeValues.Length)];
        return random.Next(6) switch
        {
            0 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
            1 => Math.BitIncrement(one),
            2 => Math.BitDecrement(one),
            _ => one,
        };
    }

    private static DateTime Time(Random random)
    {
        var ticks = random.Next(3) == 0
            ? random.NextInt64(DateTime.MaxValue.Ticks)
            : Times[random.Next(Times.Length)].Ticks + random.Next(-1, 2);
        return new DateTime(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks));
    }

    private static DateTimeOffset Instant(Random random)
    {
        var time = Time(random);
        var offset = TimeSpan.FromHours(random.Next(-2, 3));
        var ticks = Math.Clamp(
            time.Ticks + offset.Ticks, TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay);
        return new DateTimeOffset(ticks, offset);
    }

    private static char Character(Random random) =>
        random.Next(3) == 0 ? "\0aA\uD83D\uffff\ue000"[random.Next(6)] : (char)random.Next(char.MaxValue + 1);

    private static Guid Id(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes[random.Next(16)] = (byte)random.Next(256);
        bytes[random.Next(16)] = (byte)random.Next(256);
        return new Guid(bytes);
    }

    private enum WideEnum : ulong
    {
        None = 0,
        Max = ulong.MaxValue,
    }
}

/// <summary>A field type sample with typed values.</summary>
internal sealed class FieldTypeSample<T>(string name, FieldKind kind, Func<Random, T> draw, IComparer<T> order)
    : FieldTypeSample(name, kind)
    where T : notnull
{
    public override object Draw(Random random) => draw(random);

    public override FieldValue ToField(object? value) => value is null ? FieldValue.Null : FieldValue.From((T)value);

    public override int Compare(object? left, object? right) => left is null || right is null
        ? (left is null ? 0 : 1) - (right is null ? 0 : 1)
        : order.Compare((T)left, (T)right);
}
