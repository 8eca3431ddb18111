using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Millrace.Storage;

/// <summary>Parses the values of fields from their text in JSON.</summary>
internal static class FieldValueReader
{
    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];
    private static readonly string[] Times = ["HH:mm", "HH:mm:ss.FFFFFFF"];

    /// <inheritdoc cref="FieldValue.Parse{T}(string)"/>
    public static FieldValue? Parse<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var type = typeof(T);
        if (type.IsEnum)
            return EnumNames<T>.Find(text);
        if (type == typeof(string))
            return text;
        if (type == typeof(char))
            return text.Length == 1 ? text[0] : null;
        if (type == typeof(bool))
            return bool.TryParse(text, out var flag) ? flag : null;
        return ParseNumber(type, text) ?? ParseTime(type, text);
    }

    private static FieldValue? ParseNumber(Type type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number)
                ? number
                : null,
            TypeCode.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number)
                ? number
                : null,
            TypeCode.Int16 => short.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number)
                ? number
                : null,
            TypeCode.SByte => sbyte.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number)
                ? number
                : null,
            TypeCode.Byte => byte.TryParse(text, NumberStyles.None, culture, out var number) ? (long)number : null,
            TypeCode.UInt16 => ushort.TryParse(text, NumberStyles.None, culture, out var number) ? (long)number : null,
            TypeCode.UInt32 => uint.TryParse(text, NumberStyles.None, culture, out var number) ? (long)number : null,
            TypeCode.UInt64 => ulong.TryParse(text, NumberStyles.None, culture, out var number) ? number : null,
            TypeCode.Decimal => decimal.TryParse(text, NumberStyles.Float, culture, out var number) ? number : null,
            TypeCode.Double => double.TryParse(text, NumberStyles.Float, culture, out var number) ? number : null,
            TypeCode.Single => float.TryParse(text, NumberStyles.Float, culture, out var number)
                ? (double)number
                : null,
            _ => null,
        };
    }

    private static FieldValue? ParseTime(Type type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (type == typeof(Guid))
            return Guid.TryParse(text, out var id) ? id : null;
        if (type == typeof(DateOnly))
            return DateOnly.TryParseExact(text, Dates[0], culture, DateTimeStyles.None, out var date) ? date : null;
        if (type == typeof(DateTime))
            return DateTime.TryParseExact(text, Dates, culture, DateTimeStyles.RoundtripKind, out var time)
                ? time
                : null;
        if (type == typeof(DateTimeOffset))
            return DateTimeOffset.TryParseExact(text, Dates, culture, DateTimeStyles.AssumeUniversal, out var instant)
                ? instant
                : null;
        if (type == typeof(TimeOnly))
            return TimeOnly.TryParseExact(text, Times, culture, DateTimeStyles.None, out var timeOfDay)
                ? timeOfDay
                : null;
        if (type == typeof(TimeSpan))
            return TimeSpan.TryParseExact(text, "c", culture, out var duration) ? duration : null;
        return null;
    }
}
