using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Tests.Streams;

/// <summary>For every type of key: two keys have one text if and only if they are equal, in every culture, and it is
/// read back.</summary>
public sealed class KeyTextProperties
{
    [Fact]
    public void Texts_are_equal_where_keys_are_and_are_read_back()
    {
        Holds(Gen.Elements("a", "b", "a, b", "c", "A", "ä", "a\u0308", "😀", "", " ", "1", "true"));
        Holds(Gen.Elements(true, false));
        Holds(Gen.Choose(1, 0xFFFF).Select(code => (char)code).Where(letter => !char.IsSurrogate(letter)));
        Holds(Gen.Choose(1, 0x10FFFF).Where(Rune.IsValid).Select(code => new Rune(code)));
        Holds(Bits().Select(bits => new Version((int)(bits & 3), (int)(bits >> 2 & 3), (int)(bits >> 4 & 3))));
        Holds(Gen.Elements(new Version(1, 0), new Version(1, 0, 0), new Version(1, 0, 0, 0)));
        Holds(Gen.Choose(-2, 9).Select(day => (DayOfWeek)day));
        Holds(Gen.Choose(-2, 9).Select(rights => (KeyTextTests.Rights)rights));
        Holds(Bits().Select(bits => new Guid((int)bits, 0, 0, BitConverter.GetBytes(bits))));
    }

    [Fact]
    public void So_it_is_with_numbers()
    {
        Holds(Bits().Select(bits => (sbyte)bits));
        Holds(Bits().Select(bits => (byte)bits));
        Holds(Bits().Select(bits => (short)bits));
        Holds(Bits().Select(bits => (ushort)bits));
        Holds(Bits().Select(bits => (int)bits));
        Holds(Bits().Select(bits => (uint)bits));
        Holds(Bits());
        Holds(Bits().Select(bits => (ulong)bits));
        Holds(Bits().Select(bits => (nint)bits));
        Holds(Bits().Select(bits => (nuint)bits));
        Holds(Bits().Select(bits => (Int128)bits * bits));
        Holds(Bits().Select(bits => (UInt128)(ulong)bits * (ulong)bits));
        Holds(Bits().Select(bits => BigInteger.Pow(bits, 5)));
        Holds(Bits().Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)));
        Holds(Bits().Select(bits => BitConverter.Int32BitsToSingle((int)bits)));
        Holds(Bits().Select(BitConverter.Int64BitsToDouble));
        Holds(Gen.Choose(-300, 300).Select(number => number / 8.0));
        Holds(Decimals());
    }

    [Fact]
    public void So_it_is_with_dates_and_times()
    {
        Holds(Ticks().Select(ticks => DateOnly.FromDateTime(new DateTime(ticks))));
        Holds(Ticks().Select(ticks => new TimeOnly(ticks % TimeSpan.TicksPerDay)));
        Holds(Ticks().Select(ticks => new TimeSpan(ticks)));
        Holds(Bits().Select(bits => new TimeSpan(bits)));
        Holds(from ticks in Ticks() from kind in Gen.Choose(0, 2) select new DateTime(ticks, (DateTimeKind)kind));
        Holds(from ticks in Ticks()
              from minutes in Gen.Choose(-14 * 60, 14 * 60)
              let inner = Math.Clamp(ticks, TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay)
              select new DateTimeOffset(inner, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(minutes)));
        Holds(Gen.Elements(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch));
    }

    /// <summary>Small numbers, so that some are equal, and the bits of any.</summary>
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

    private static void Holds<TKey>(Gen<TKey> keys)
        where TKey : notnull =>
        Prop.ForAll(Gen.Zip(keys, keys).ToArbitrary(), pair =>
        {
            var (one, other) = pair;
            var (text, another) = (KeyText.Of(one), KeyText.Of(other));
            Assert.Equal(EqualityComparer<TKey>.Default.Equals(one, other), text == another);
            Assert.Equal(one, KeyText.Parse<TKey>(text), EqualityComparer<TKey>.Default);
            Assert.Equal(text, KeyText.Of(KeyText.Parse<TKey>(text)));
            foreach (var culture in Cultures)
            {
                Assert.Equal(text, In(culture, () => KeyText.Of(one)));
                Assert.Equal(one, In(culture, () => KeyText.Parse<TKey>(text)), EqualityComparer<TKey>.Default);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static T In<T>(CultureInfo culture, Func<T> act)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            return act();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>Written by hand, as the tests run without the cultures of the system.</summary>
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
