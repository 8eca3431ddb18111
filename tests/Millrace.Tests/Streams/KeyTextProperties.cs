using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Tests.Streams;

/// <summary>
/// Tests for every type of key and in every culture that two keys have the same text if and only if they are
/// equal. Each key can be parsed from its text.
/// </summary>
public sealed class KeyTextProperties
{
    [Fact]
    public void Texts_are_equal_only_for_equal_keys_and_are_parsed_back()
    {
        AssertTexts(Gen.Elements("a", "b", "a, b", "c", "A", "ä", "a\u0308", "😀", "", " ", "1", "true"));
        AssertTexts(Gen.Elements(true, false));
        AssertTexts(Gen.Choose(1, 0xFFFF).Select(code => (char)code).Where(letter => !char.IsSurrogate(letter)));
        AssertTexts(Gen.Choose(1, 0x10FFFF).Where(Rune.IsValid).Select(code => new Rune(code)));
        AssertTexts(Bits().Select(bits => new Version((int)(bits & 3), (int)(bits >> 2 & 3), (int)(bits >> 4 & 3))));
        AssertTexts(Gen.Elements(new Version(1, 0), new Version(1, 0, 0), new Version(1, 0, 0, 0)));
        AssertTexts(Gen.Choose(-2, 9).Select(day => (DayOfWeek)day));
        AssertTexts(Gen.Choose(-2, 9).Select(rights => (KeyTextTests.Rights)rights));
        AssertTexts(Bits().Select(bits => new Guid((int)bits, 0, 0, BitConverter.GetBytes(bits))));
    }

    [Fact]
    public void Texts_of_numbers_are_equal_only_for_equal_numbers()
    {
        AssertTexts(Bits().Select(bits => (sbyte)bits));
        AssertTexts(Bits().Select(bits => (byte)bits));
        AssertTexts(Bits().Select(bits => (short)bits));
        AssertTexts(Bits().Select(bits => (ushort)bits));
        AssertTexts(Bits().Select(bits => (int)bits));
        AssertTexts(Bits().Select(bits => (uint)bits));
        AssertTexts(Bits());
        AssertTexts(Bits().Select(bits => (ulong)bits));
        AssertTexts(Bits().Select(bits => (nint)bits));
        AssertTexts(Bits().Select(bits => (nuint)bits));
        AssertTexts(Bits().Select(bits => (Int128)bits * bits));
        AssertTexts(Bits().Select(bits => (UInt128)(ulong)bits * (ulong)bits));
        AssertTexts(Bits().Select(bits => BigInteger.Pow(bits, 5)));
        AssertTexts(Bits().Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)));
        AssertTexts(Bits().Select(bits => BitConverter.Int32BitsToSingle((int)bits)));
        AssertTexts(Bits().Select(BitConverter.Int64BitsToDouble));
        AssertTexts(Gen.Choose(-300, 300).Select(number => number / 8.0));
        AssertTexts(Decimals());
    }

    [Fact]
    public void Texts_of_dates_and_times_are_equal_only_for_equal_values()
    {
        AssertTexts(Ticks().Select(ticks => DateOnly.FromDateTime(new DateTime(ticks))));
        AssertTexts(Ticks().Select(ticks => new TimeOnly(ticks % TimeSpan.TicksPerDay)));
        AssertTexts(Ticks().Select(ticks => new TimeSpan(ticks)));
        AssertTexts(Bits().Select(bits => new TimeSpan(bits)));
        AssertTexts(from ticks in Ticks() from kind in Gen.Choose(0, 2) select new DateTime(ticks, (DateTimeKind)kind));
        AssertTexts(
            from ticks in Ticks()
            from minutes in Gen.Choose(-14 * 60, 14 * 60)
            let inner = Math.Clamp(ticks, TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay)
            select new DateTimeOffset(inner, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(minutes)));
        AssertTexts(Gen.Elements(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch));
    }

    /// <summary>Generates small numbers, of which some are equal, and numbers with random bits.</summary>
    private static Gen<long> Bits() => Gen.OneOf(
        Gen.Choose(-3, 3).Select(number => (long)number),
        Gen.Elements(long.MinValue, long.MaxValue, 1L << 53, (1L << 53) + 1, unchecked((long)0x8000_0000_0000_0000)),
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((long)high << 32) | (uint)low);

    private static Gen<decimal> Decimals() =>
        from low in Gen.OneOf(Gen.Choose(-10, 10), Gen.Elements(100, 1_000, 10_000, int.MaxValue))
        from high in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, int.MaxValue)))
        from isNegative in Gen.Elements(true, false)
        from scale in Gen.Choose(0, 28)
        select new decimal(low, 0, high, isNegative, (byte)scale);

    private static Gen<long> Ticks() => Gen.OneOf(
        Gen.Choose(0, 3).Select(number => (long)number),
        Gen.Choose(0, 3).Select(number => new DateTime(2026, 1, 1).Ticks + (number * TimeSpan.TicksPerSecond / 2)),
        Gen.Choose(0, int.MaxValue).Select(number => number * (DateTime.MaxValue.Ticks / int.MaxValue)),
        Gen.Constant(DateTime.MaxValue.Ticks));

    private static void AssertTexts<TKey>(Gen<TKey> keys)
        where TKey : notnull =>
        Prop.ForAll(Gen.Zip(keys, keys).ToArbitrary(), pair =>
        {
            var (key, otherKey) = pair;
            var (text, otherText) = (KeyText.Of(key), KeyText.Of(otherKey));
            Assert.Equal(EqualityComparer<TKey>.Default.Equals(key, otherKey), text == otherText);
            Assert.Equal(key, KeyText.Parse<TKey>(text), EqualityComparer<TKey>.Default);
            Assert.Equal(text, KeyText.Of(KeyText.Parse<TKey>(text)));
            foreach (var culture in Cultures)
            {
                Assert.Equal(text, WithCulture(culture, () => KeyText.Of(key)));
                Assert.Equal(
                    key, WithCulture(culture, () => KeyText.Parse<TKey>(text)), EqualityComparer<TKey>.Default);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static T WithCulture<T>(CultureInfo culture, Func<T> function)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            return function();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>Gets cultures that are built in code, because the tests run without the system's cultures.</summary>
    private static CultureInfo[] Cultures { get; } =
    [
        Culture(number => (number.NumberDecimalSeparator, number.NumberGroupSeparator) = (",", "."), "dd.MM.yyyy", "."),
        Culture(number => (number.NumberDecimalSeparator, number.NegativeSign) = ("٫", "\u061c-"), "yyyy/M/d", "/"),
        Culture(
            number =>
                (number.NegativeSign, number.NaNSymbol, number.PositiveInfinitySymbol) = ("minus ", "nothing", "∞"),
            "d/M/yy",
            "-"),
    ];

    private static CultureInfo Culture(Action<NumberFormatInfo> change, string date, string separator)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        change(culture.NumberFormat);
        (culture.DateTimeFormat.ShortDatePattern, culture.DateTimeFormat.DateSeparator) = (date, separator);
        (culture.DateTimeFormat.ShortTimePattern, culture.DateTimeFormat.TimeSeparator) = ("HH.mm", ".");
        return culture;
    }
}
