namespace Millrace.Sqlite.Documents;

/// <summary>Encodes decimals as bytes that sort exactly like the numbers.</summary>
/// <remarks>
/// The first byte contains the sign and the magnitude (the exponent of the first digit). The following bytes contain
/// the digits in pairs, without trailing zeros. For negative numbers, all bytes are inverted and followed by a byte
/// greater than any pair, so that the number with more digits is less.
/// </remarks>
internal static class DecimalOrder
{
    /// <summary>The maximum number of bytes that <see cref="Encode"/> writes.</summary>
    public const int MaxBytes = 18;

    private const byte Zero = 0x80;
    private const int PositiveCentre = 0xC0;
    private const int NegativeCentre = 0x40;
    private const byte EndOfNegative = 0xFF;
    private const int PairComplement = 101; // Pairs are 1 to 100.

    public static int Encode(decimal value, Span<byte> destination)
    {
        Span<byte> digits = stackalloc byte[30];
        var (count, exponent) = DigitsOf(decimal.Abs(value), digits);
        if (count == 0)
        {
            destination[0] = Zero;
            return 1;
        }
        var isNegative = value < 0;
        destination[0] = (byte)(isNegative ? NegativeCentre - exponent : PositiveCentre + exponent);
        var length = 1;
        for (var i = 0; i < count; i += 2)
        {
            var pair = (digits[i] * 10) + (i + 1 < count ? digits[i + 1] : 0) + 1;
            destination[length++] = (byte)(isNegative ? PairComplement - pair : pair);
        }
        if (isNegative)
            destination[length++] = EndOfNegative;
        return length;
    }

    public static decimal Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] == Zero)
            return 0;
        var isNegative = bytes[0] < Zero;
        var exponent = isNegative ? NegativeCentre - bytes[0] : bytes[0] - PositiveCentre;
        var pairs = isNegative ? bytes[1..^1] : bytes[1..];
        Span<byte> digits = stackalloc byte[30];
        var count = 0;
        foreach (var stored in pairs)
        {
            var pair = (isNegative ? PairComplement - stored : stored) - 1;
            digits[count] = (byte)(pair / 10);
            digits[count + 1] = (byte)(pair % 10);
            count += 2;
        }
        if (digits[count - 1] == 0)
            count--;
        var value = ValueOf(digits[..count], exponent);
        return isNegative ? -value : value;
    }

    /// <summary>Decodes bytes that may not come from <see cref="Encode"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out decimal value)
    {
        value = 0;
        Span<byte> reencoded = stackalloc byte[MaxBytes];
        if (bytes.Length is 0 or > MaxBytes)
            return false;
        try
        {
            value = Decode(bytes);
            return bytes.SequenceEqual(reencoded[..Encode(value, reencoded)]);
        }
        catch (Exception exception)
            when (exception is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>
    /// Returns the digits of a number without leading or trailing zeros, and its exponent: the position of the decimal
    /// point after the first digit.
    /// </summary>
    private static (int Count, int Exponent) DigitsOf(decimal value, Span<byte> digits)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var scale = (parts[3] >> 16) & 0xFF;
        var number = ((UInt128)(uint)parts[2] << 64) | ((UInt128)(uint)parts[1] << 32) | (uint)parts[0];
        while (number != 0 && number % 10 == 0)
        {
            number /= 10;
            scale--;
        }
        Span<byte> reversed = stackalloc byte[30];
        var count = 0;
        for (; number != 0; number /= 10)
            reversed[count++] = (byte)(number % 10);
        for (var i = 0; i < count; i++)
            digits[i] = reversed[count - 1 - i];
        return (count, count - scale);
    }

    private static decimal ValueOf(ReadOnlySpan<byte> digits, int exponent)
    {
        UInt128 number = 0;
        foreach (var digit in digits)
            number = (number * 10) + digit;
        var scale = digits.Length - exponent;
        for (; scale < 0; scale++)
            number *= 10;
        return new decimal((int)(uint)number, (int)(uint)(number >> 32), (int)(uint)(number >> 64), false, (byte)scale);
    }
}
