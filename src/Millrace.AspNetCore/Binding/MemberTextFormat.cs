using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore.Binding;

/// <summary>
/// The format of a type in a route or a query string. The format is the same as in minimal API, with the invariant
/// culture. A text is converted to JSON, because messages are created from JSON.
/// </summary>
/// <param name="Expected">A description of the accepted texts.</param>
/// <param name="Read">Reads a text. Returns null if the text is not a value of the type.</param>
internal sealed record MemberTextFormat(string Expected, Func<string, JsonNode?> Read)
{
    private const DateTimeStyles AllowSpaces = DateTimeStyles.AllowWhiteSpaces;
    // Controllers and JSON allow the same format.
    private const NumberStyles DecimalStyles = NumberStyles.Number | NumberStyles.AllowExponent;
    private const NumberStyles RealStyles = NumberStyles.Float | NumberStyles.AllowThousands;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly Dictionary<Type, MemberTextFormat> Known = new()
    {
        [typeof(string)] = new("a text", static text => JsonValue.Create(text)),
        [typeof(char)] = new(
            "one character", static text => char.TryParse(text, out _) ? JsonValue.Create(text) : null),
        [typeof(bool)] = new(
            "true or false", static text => bool.TryParse(text, out var value) ? JsonValue.Create(value) : null),
        [typeof(sbyte)] = Whole<sbyte>(),
        [typeof(byte)] = Whole<byte>(),
        [typeof(short)] = Whole<short>(),
        [typeof(ushort)] = Whole<ushort>(),
        [typeof(int)] = Whole<int>(),
        [typeof(uint)] = Whole<uint>(),
        [typeof(long)] = Whole<long>(),
        [typeof(ulong)] = Whole<ulong>(),
        [typeof(Int128)] = Whole<Int128>(),
        [typeof(UInt128)] = Whole<UInt128>(),
        [typeof(Half)] = Number<Half>("a number from -65,504 to 65,504", RealStyles),
        [typeof(float)] = Number<float>("a number", RealStyles),
        [typeof(double)] = Number<double>("a number", RealStyles),
        [typeof(decimal)] = Number<decimal>("a decimal number", DecimalStyles),
        [typeof(Guid)] = new(
            "a GUID", static text => Guid.TryParse(text, Invariant, out var value) ? Text($"{value:D}") : null),
        [typeof(DateTime)] = new(
            "a date and time such as 2011-12-05T17:30:00Z",
            static text =>
                DateTime.TryParse(text, Invariant, AllowSpaces | DateTimeStyles.AdjustToUniversal, out var value)
                    ? Text($"{value:O}")
                    : null),
        [typeof(DateTimeOffset)] = new(
            "an instant such as 2011-12-05T17:30:00Z",
            static text =>
                DateTimeOffset.TryParse(text, Invariant, AllowSpaces | DateTimeStyles.AssumeUniversal, out var value)
                    ? Text($"{value:O}")
                    : null),
        [typeof(DateOnly)] = new(
            "a date such as 2011-12-05",
            static text => DateOnly.TryParse(text, Invariant, AllowSpaces, out var value) ? Text($"{value:O}") : null),
        [typeof(TimeOnly)] = new(
            "a time of day such as 17:30:00",
            static text =>
                TimeOnly.TryParse(text, Invariant, AllowSpaces, out var value) ? Text($"{value.ToTimeSpan():c}") : null
        ),
        [typeof(TimeSpan)] = new(
            "a duration such as 1.02:03:04",
            static text => TimeSpan.TryParse(text, Invariant, out var value) ? Text($"{value:c}") : null),
        [typeof(Uri)] = new(
            "a URI",
            static text =>
                Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var value)
                    ? JsonValue.Create(value.OriginalString)
                    : null),
    };

    /// <summary>
    /// Returns the format of a type, or null if only the type's own JSON converter can read the type.
    /// </summary>
    public static MemberTextFormat? Find(Type type) => Known.GetValueOrDefault(type);

    private static JsonValue Text(FormattableString text) => JsonValue.Create(text.ToString(Invariant));

    private static MemberTextFormat Whole<T>()
        where T : IBinaryInteger<T>, IMinMaxValue<T> =>
        Number<T>(
            $"a whole number from {T.MinValue.ToString("N0", Invariant)} to {T.MaxValue.ToString("N0", Invariant)}",
            NumberStyles.Integer);

    /// <summary>Reads a finite number. JSON has no other numbers.</summary>
    private static MemberTextFormat Number<T>(string expected, NumberStyles styles)
        where T : INumberBase<T> => new(expected, text =>
            T.TryParse(text, styles, Invariant, out var value) && T.IsFinite(value)
                ? JsonNode.Parse(value.ToString(null, Invariant))
                : null);
}
