using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Serialization;
using Independent = System.Formats.Cbor;

namespace Millrace.Tests.Serialization;

/// <summary>Tests the conversion from CBOR to JSON and from JSON to CBOR.</summary>
public sealed class CborJsonTests
{
    public static TheoryData<string, string> Examples => CborExamples.All;

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_examples_of_the_standard_are_converted_to_their_JSON(string cbor, string json) =>
        Assert.Equal(Canonical(json), ToCanonicalJson(cbor));

    [Theory]
    [InlineData("c48221196ab3", "273.15")] // RFC 8949 §3.4.4
    [InlineData("c5822003", "1.5")]
    [InlineData("c4821904d201", "1e1234")]
    [InlineData("c4822101", "0.01")]
    [InlineData("c482381d20", "-0.000000000000000000000000000001")]
    [InlineData("c48218640c", "12e100")]
    [InlineData("c4820005", "5")]
    [InlineData("c482216161", "[-2,\"a\"]")] // A tag that does not fit its value.
    [InlineData("d81903", "3")] // An unknown tag.
    [InlineData("d5444142ffff", "\"QUL__w\"")] // The tag requests base64url.
    [InlineData("d681430102ff", "[\"AQL/\"]")]
    [InlineData("d825500193f0c20000700080000000000000aa", "\"0193f0c2-0000-7000-8000-0000000000aa\"")]
    [InlineData("d864193bd1", "\"2011-12-05\"")]
    [InlineData("d903e9a2011a4edcff072819044c", "\"2011-12-05T17:27:35.0000011+00:00\"")]
    [InlineData("d903e9a2011a4edcff07226161", "{\"1\":1323106055,\"-3\":\"a\"}")]
    [InlineData("d9d9f7a0", "{}")] // Self-described.
    public void Tagged_values_are_converted_to_JSON(string cbor, string json) =>
        Assert.Equal(Canonical(json), ToCanonicalJson(cbor));

    [Theory]
    [InlineData("", "ends too early")]
    [InlineData("18", "1 bytes are declared, but 0 follow")]
    [InlineData("1c", "not defined")]
    [InlineData("1f", "not defined")]
    [InlineData("df00", "not defined")]
    [InlineData("f818", "an extra byte")]
    [InlineData("ff", "a break is")]
    [InlineData("81ff", "a break is")]
    [InlineData("c1ff", "a break is")]
    [InlineData("bf61ff", "not UTF-8")]
    [InlineData("bf6161ff", "a break is")]
    [InlineData("0000", "1 more bytes follow")]
    [InlineData("62ffff", "not UTF-8")]
    [InlineData("61c3", "not UTF-8")]
    [InlineData("7f61c361bcff", "not UTF-8")] // Each chunk must be valid UTF-8.
    [InlineData("7f4161ff", "of another kind")]
    [InlineData("5f5f4161ffff", "of another kind")]
    [InlineData("5a7fffffff00", "are declared, but 1 follow")]
    [InlineData("7bffffffffffffffff", "are declared")]
    [InlineData("9bffffffffffffffff", "items are declared")]
    [InlineData("bb7fffffffffffffff00", "items are declared")]
    [InlineData("9a7fffffff0000", "items are declared")]
    [InlineData("a2616101616102", "twice")]
    [InlineData("a2010161 3102", "twice")] // 1 and "1" have one name in JSON.
    [InlineData("bf616101616102ff", "twice")]
    [InlineData("a18001", "does not support")]
    [InlineData("a1c18001", "does not support")]
    public void Malformed_CBOR_is_refused_with_the_offset_of_the_problem(string cbor, string problem)
    {
        var bytes = Convert.FromHexString(cbor.Replace(" ", "", StringComparison.Ordinal));

        var refused = Assert.Throws<MalformedCborException>(() => CborJson.ToJson(bytes));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Offset, 0, bytes.Length);
    }

    [Theory]
    [InlineData(0x81, "01")] // Arrays in arrays.
    [InlineData(0x9f, "ff")]
    [InlineData(0xc1, "01")] // Tags of tags.
    [InlineData(0xd9, "01")]
    public void Deeply_nested_CBOR_is_refused_without_a_stack_overflow(byte opening, string end)
    {
        var bytes = Enumerable.Repeat(opening, 200_000).Concat(Convert.FromHexString(end)).ToArray();

        Assert.Throws<MalformedCborException>(() => CborJson.ToJson(bytes));
    }

    [Fact]
    public void CBOR_is_read_to_the_maximum_depth_of_JSON()
    {
        var deepest = new string('[', 64) + new string(']', 64);
        var cbor = CborJson.FromJson(Encoding.UTF8.GetBytes(deepest));

        Assert.Equal(deepest, Encoding.UTF8.GetString(CborJson.ToJson(cbor)));
        Assert.Throws<MalformedCborException>(() => CborJson.ToJson([0x81, .. cbor]));
        Assert.ThrowsAny<JsonException>(() => CborJson.FromJson(Encoding.UTF8.GetBytes($"[{deepest}]")));
    }

    [Fact]
    public void A_declared_length_without_content_is_not_allocated()
    {
        byte[][] inputs =
        [
            [0x9a, 0, 255, 255, 255],
            [0x5a, 127, 255, 255, 255],
            [0xba, 0, 255, 255, 255],
            [0x7a, 127, 255, 255, 255],
        ];
        foreach (var bytes in inputs)
            Assert.Throws<MalformedCborException>(() => CborJson.ToJson(bytes));

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var bytes in inputs)
            Assert.Throws<MalformedCborException>(() => CborJson.ToJson(bytes));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    public void A_number_with_too_many_digits_is_refused()
    {
        var huge = new Independent.CborWriter();
        huge.WriteTag(Independent.CborTag.UnsignedBigNum);
        huge.WriteByteString(Enumerable.Repeat((byte)0xff, 1_000_000).ToArray());

        Assert.Throws<MalformedCborException>(() => CborJson.ToJson(huge.Encode()));
        Assert.ThrowsAny<JsonException>(() => CborJson.FromJson(Encoding.UTF8.GetBytes(new string('9', 1_000_000))));
        Assert.ThrowsAny<JsonException>(() => CborJson.FromJson("1e99999999999"u8));
        Assert.ThrowsAny<JsonException>(() => CborJson.FromJson("1e2000000000"u8));
    }

    [Fact]
    public void Any_bytes_are_converted_or_refused() =>
        Prop.ForAll<byte[]>(IsConvertedOrRefused).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Changed_examples_are_converted_or_refused()
    {
        var good = CborExamples.All.Select(row => Convert.FromHexString((string)row[0])).ToArray();
        var changed =
            from some in Gen.ArrayOf(Gen.Elements(good))
            let bytes = some.SelectMany(example => example).Prepend((byte)(0x80 + Math.Min(some.Length, 23))).ToArray()
            from changedIndex in Gen.Choose(0, bytes.Length - 1)
            from value in Gen.Choose(0, 255)
            select bytes.Select((item, index) => index == changedIndex ? (byte)value : item).ToArray();

        Prop.ForAll(changed.ToArbitrary(), IsConvertedOrRefused).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void Any_JSON_has_the_same_digits_after_a_round_trip() => Prop.ForAll(Json(4).ToArbitrary(), json =>
    {
        var cbor = CborJson.FromJson(Encoding.UTF8.GetBytes(json));
        return Canonical(Encoding.UTF8.GetString(CborJson.ToJson(cbor))) == Canonical(json) && IsAccepted(cbor);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Theory]
    [InlineData("-0", "-0")]
    [InlineData("-0.00", "-0")]
    [InlineData("1E5", "1e5")]
    [InlineData("1.50e-3", "0.00150")]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("-18446744073709551616", "-18446744073709551616")]
    [InlineData("-18446744073709551617", "-18446744073709551617")]
    [InlineData("1.5e-999999", "15e-1000000")]
    [InlineData("1.5e1000001", "15e1000000")]
    public void Numbers_beyond_all_number_types_keep_their_value(string json, string expected) =>
        Assert.Equal(
            expected, Encoding.UTF8.GetString(CborJson.ToJson(CborJson.FromJson(Encoding.UTF8.GetBytes(json)))));

    [Theory]
    [InlineData("c4823a000f42400f")] // 15 × 10^-1000001
    [InlineData("c4821bffffffffffffffff01")]
    [InlineData("c582191001" + "01")] // 1 × 2^4097
    public void A_number_with_a_huge_exponent_is_refused(string cbor) =>
        Assert.Contains("exponent", Assert.Throws<MalformedCborException>(
            () => CborJson.ToJson(Convert.FromHexString(cbor))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("fa3dcccccd", 0.10000000149011612)]
    [InlineData("f93266", 0.199951171875)]
    [InlineData("fb3fb999999999999a", 0.1)]
    [InlineData("f98000", -0.0)]
    public void Half_and_single_precision_numbers_are_read_as_doubles(string cbor, double expected)
    {
        var reader = new CborReader(Convert.FromHexString(cbor));

        Assert.Equal(expected, CborRead.Double(ref reader, "a"));
        reader.End();
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("1 2")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("1.5e-1000000")]
    [InlineData("1e1000001")]
    [InlineData("0.1e-9223372036854775808")]
    public void JSON_that_cannot_be_converted_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => CborJson.FromJson(Encoding.UTF8.GetBytes(json)));

    private static bool IsConvertedOrRefused(byte[] bytes)
    {
        try
        {
            JsonNode.Parse(CborJson.ToJson(bytes));
            return true;
        }
        catch (MalformedCborException)
        {
            return true;
        }
    }

    /// <summary>Returns whether the CBOR reader of .NET accepts the bytes in strict mode.</summary>
    private static bool IsAccepted(byte[] cbor)
    {
        var reader = new Independent.CborReader(cbor, Independent.CborConformanceMode.Strict);
        reader.SkipValue();
        return reader.BytesRemaining == 0;
    }

    private static string ToCanonicalJson(string cbor) =>
        Canonical(Encoding.UTF8.GetString(CborJson.ToJson(Convert.FromHexString(cbor))));

    private static string Canonical(string json) => JsonNode.Parse(json)?.ToJsonString() ?? "null";

    private static Gen<string> Json(int depth)
    {
        var simple = Gen.OneOf(
            Gen.Elements("null", "true", "false", "-1", "0.10", "123456789012345678", "1.25", "-0.007"),
            from number in ArbMap.Default.GeneratorFor<long>()
            from scale in Gen.Choose(0, 30)
            select scale == 0 ? $"{number}" : Fraction(number, scale),
            Gen.Select(ArbMap.Default.GeneratorFor<string>(), text => JsonValue.Create(Clean(text)).ToJsonString()));
        if (depth == 0)
            return simple;
        var inner = Json(depth - 1);
        return Gen.OneOf(
            simple,
            Gen.Select(Gen.ArrayOf(inner), items => $"[{string.Join(',', items.Take(30))}]"),
            Gen.Select(
                Gen.ArrayOf(inner),
                items => $"{{{string.Join(',', items.Take(30).Select((one, index) => $"\"n{index}\":{one}"))}}}"));
    }

    private static string Fraction(long number, int scale)
    {
        var digits = Int128.Abs(number).ToString().PadLeft(scale + 1, '0');
        return $"{(number < 0 ? "-" : "")}{digits[..^scale]}.{digits[^scale..]}";
    }

    private static string Clean(string? text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
}
