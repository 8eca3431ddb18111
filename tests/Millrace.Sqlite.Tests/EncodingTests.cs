using FsCheck;
using FsCheck.Fluent;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Tests;

public sealed class EncodingTests
{
    [Fact]
    public void Encoded_decimals_sort_like_the_decimals() =>
        Prop.ForAll<decimal, decimal>(
                (left, right) =>
                    Math.Sign(Encode(left).AsSpan().SequenceCompareTo(Encode(right))) == left.CompareTo(right))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Decimals_are_decoded_unchanged() =>
        Prop.ForAll<decimal>(value => DecimalOrder.Decode(Encode(value)) == value).QuickCheckThrowOnFailure();

    [Fact]
    public void Extreme_decimals_sort_and_are_decoded_unchanged()
    {
        decimal[] values =
        [
            decimal.MinValue,
            -1.01m,
            -1,
            -0.55m,
            -0.5m,
            -0.0000000000000000000000000001m,
            0,
            0.0000000000000000000000000001m,
            0.5m,
            0.55m,
            1,
            1.01m,
            9,
            10,
            99,
            100,
            decimal.MaxValue,
        ];

        for (var i = 1; i < values.Length; i++)
            Assert.True(
                Encode(values[i - 1]).AsSpan().SequenceCompareTo(Encode(values[i])) < 0,
                $"{values[i - 1]} before {values[i]}");
        Assert.Equal(values, Array.ConvertAll(values, value => DecimalOrder.Decode(Encode(value))));
        Assert.Equal(Encode(1.5m), Encode(1.500m));
    }

    [Fact]
    public void Texts_with_lone_surrogates_are_decoded_unchanged() =>
        Prop.ForAll(
                ArbMap.Default.GeneratorFor<char[]>().ToArbitrary(),
                characters => Decoded(new string(characters)) == new string(characters))
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("\uD83D")]
    [InlineData("\uDE00\uD83D")]
    [InlineData("\uD83D\uDE00")]
    [InlineData("x\uD800y\uDFFFz")]
    public void Unusual_texts_are_decoded_unchanged(string text) => Assert.Equal(text, Decoded(text));

    private static string Decoded(string text)
    {
        var bytes = new byte[Utf8Text.MaxBytes(text.Length)];
        return Utf8Text.Decode(bytes.AsSpan(0, Utf8Text.Encode(text, bytes)));
    }

    private static byte[] Encode(decimal value)
    {
        var bytes = new byte[DecimalOrder.MaxBytes];
        return bytes[..DecimalOrder.Encode(value, bytes)];
    }
}
