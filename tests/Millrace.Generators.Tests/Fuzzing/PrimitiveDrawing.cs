using System.Text;
using System.Text.Json;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Creates random values of the types of .NET. Edge cases are frequent.</summary>
internal sealed class PrimitiveDrawing(SeededRandom chance)
{
    private static readonly string[] Texts =
    [
        "", " ", "a", "null", "\0", "\"q\\\"", "ünï\u0301", "😀", "</script>", "line\nbreak\r\t", "\u2028", "0",
        "$type", new('x', 300),
    ];

    private static readonly string[] Elements =
    [
        "null", "true", "1", "-1.5", "1e3", "\"text\"", "[]", "{}", "{\"a\":[1,{\"b\":null}],\"A\":\"x\"}",
        "12345678901234567890",
    ];

    private static readonly string[] Links =
        ["https://example.org/a?b=c#d", "urn:x:y", "relative/path", "http://ünï.example/ß"];

    /// <summary>Returns a random value of a type, or null if the type is not supported here.</summary>
    public object? Draw(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => Enumeration(type),
        TypeCode.String => Text(),
        TypeCode.Boolean => chance.Is(50),
        TypeCode.Char => (char)(chance.Is(50) ? 32 + chance.Next(90) : chance.Next(0xD800)),
        TypeCode.SByte => unchecked((sbyte)Integer()),
        TypeCode.Byte => unchecked((byte)Integer()),
        TypeCode.Int16 => unchecked((short)Integer()),
        TypeCode.UInt16 => unchecked((ushort)Integer()),
        TypeCode.Int32 => unchecked((int)Integer()),
        TypeCode.UInt32 => unchecked((uint)Integer()),
        TypeCode.Int64 => Integer(),
        TypeCode.UInt64 => unchecked((ulong)Integer()),
        TypeCode.Single => Real() is var real && float.IsFinite((float)real) ? (float)real : 1.5f,
        TypeCode.Double => Real(),
        TypeCode.Decimal => Decimal(),
        TypeCode.DateTime => new DateTime(
            Ticks(DateTime.MaxValue.Ticks), chance.Pick(DateTimeKind.Utc, DateTimeKind.Unspecified)),
        _ => Other(type),
    };

    private object? Other(Type type) =>
        type.Name switch
        {
            "Guid" => chance.Is(10) ? Guid.Empty : new Guid(chance.Bytes(16)),
            "DateTimeOffset" => new DateTimeOffset(
                Math.Clamp(
                    Ticks(DateTime.MaxValue.Ticks),
                    TimeSpan.TicksPerDay,
                    DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay),
                TimeSpan.FromMinutes(chance.Is(50) ? 0 : chance.Next(1681) - 840)),
            "DateOnly" => DateOnly.FromDayNumber(chance.Next(DateOnly.MaxValue.DayNumber + 1)),
            "TimeOnly" => new TimeOnly(Ticks(TimeOnly.MaxValue.Ticks)),
            "TimeSpan" => new TimeSpan(chance.Is(10) ? chance.Pick(long.MinValue, long.MaxValue, 0) : Integer()),
            "Uri" => new Uri(chance.Pick(Links), UriKind.RelativeOrAbsolute),
            "JsonElement" => JsonElement.Parse(chance.Pick(Elements)),
            "Byte[]" => chance.Bytes(chance.Next(6)),
            _ => null,
        };

    public string Text()
    {
        if (chance.Is(50))
            return chance.Pick(Texts);
        var text = new StringBuilder();
        for (var remaining = chance.Next(8); remaining > 0; remaining--)
            text.Append(new Rune(chance.Is(60) ? 'a' + chance.Next(26) : chance.Next(0xD800)));
        return text.ToString();
    }

    private long Integer() =>
        chance.Is(20) ? chance.Pick(0, 1, -1, long.MinValue, long.MaxValue, int.MaxValue) : chance.Integer();

    /// <summary>Returns random ticks up to a limit. They are often entire milliseconds or seconds.</summary>
    private long Ticks(long limit)
    {
        var ticks = chance.Is(20) ? chance.Pick(0, limit) : (long)(chance.Fraction() * limit);
        return ticks - (ticks % chance.Pick(1, 10_000, 10_000_000));
    }

    private double Real()
    {
        var number = chance.Is(30)
            ? chance.Pick(0, -0.0, double.MaxValue, double.Epsilon, 0.1, Math.PI, 1e22)
            : BitConverter.Int64BitsToDouble(chance.Integer());
        return double.IsFinite(number) ? number : 0.5;
    }

    private decimal Decimal() =>
        chance.Is(20)
            ? chance.Pick(0, decimal.MaxValue, decimal.MinValue, 1.00m, 0.0000000000000000000000000001m)
            : new decimal(
                chance.Next(int.MaxValue), chance.Next(100), chance.Next(10), chance.Is(50), (byte)chance.Next(29));

    private object Enumeration(Type type)
    {
        var values = Enum.GetValuesAsUnderlyingType(type);
        return type.IsDefined(typeof(FlagsAttribute), inherit: false)
            ? Enum.ToObject(type, chance.Next(64))
            : Enum.ToObject(type, values.GetValue(chance.Next(values.Length))!);
    }
}
