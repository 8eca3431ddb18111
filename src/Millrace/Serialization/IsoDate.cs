namespace Millrace.Serialization;

/// <summary>Reads and writes ISO 8601 dates as ten bytes, independent of the culture and without allocations.</summary>
internal static class IsoDate
{
    public const int Length = 10;

    public static bool TryParse(ReadOnlySpan<byte> text, out DateOnly date)
    {
        date = default;
        if (text.Length != Length || text[4] != (byte)'-' || text[7] != (byte)'-')
            return false;
        var year = Digits(text[..4]);
        var month = Digits(text[5..7]);
        var day = Digits(text[8..]);
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new DateOnly(year, month, day);
        return true;
    }

    public static void Format(DateOnly date, Span<byte> text)
    {
        var (year, month, day) = date;
        text[0] = Digit(year / 1000);
        text[1] = Digit(year / 100);
        text[2] = Digit(year / 10);
        text[3] = Digit(year);
        text[4] = (byte)'-';
        text[5] = Digit(month / 10);
        text[6] = Digit(month);
        text[7] = (byte)'-';
        text[8] = Digit(day / 10);
        text[9] = Digit(day);
    }

    private static byte Digit(int number) => (byte)('0' + (number % 10));

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var number = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return -1;
            number = (number * 10) + (digit - '0');
        }
        return number;
    }
}
