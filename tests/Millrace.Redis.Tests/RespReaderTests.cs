using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Redis.Tests;

public sealed class RespReaderTests
{
    private const long Most = 1024 * 1024;

    [Fact]
    public void What_was_written_is_read_in_whatever_pieces_it_comes() =>
        Prop.ForAll(
            Values(3).SelectMany(value => Pieces(), (value, pieces) => (value, pieces)).ToArbitrary(),
            one => Assert.Equal(Shown(one.value), Shown(Read(Written(one.value), one.pieces)))).QuickCheckThrowOnFailure();

    [Fact]
    public void What_ends_too_early_is_told() =>
        Prop.ForAll(
            Values(3).SelectMany(value => Gen.Choose(0, 99), (value, percent) => (value, percent)).ToArbitrary(),
            one =>
            {
                var whole = Written(one.value);
                var cut = whole[..(whole.Length * one.percent / 100)];
                Assert.Throws<RedisLostException>(() => Read(cut, []));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_bytes_come_they_are_an_answer_or_a_typed_error() =>
        Prop.ForAll(
            Gen.OneOf(Gen.Choose(0, 255), Gen.Elements("+-:$*0123456789\r\n".Select(letter => (int)letter).ToArray()))
                .ListOf().SelectMany(bytes => Pieces(), (bytes, pieces) => (bytes, pieces)).ToArbitrary(),
            one =>
            {
                try
                {
                    Read([.. one.bytes.Select(number => (byte)number)], one.pieces);
                }
                catch (RedisLostException)
                {
                    // As it should be.
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Theory]
    [InlineData("$2000000\r\n", "1,048,576 bytes")]
    [InlineData("$999999999999999\r\n", "1,048,576 bytes")]
    [InlineData("*1000001\r\n", "1,000,000 values")]
    [InlineData("*9223372036854775807\r\n", "1,000,000 values")]
    [InlineData("$-2\r\n", "a length is -2")]
    [InlineData("*-7\r\n", "a length is -7")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "more than 8 deep")]
    [InlineData("$3\r\nabcde\r\n", "longer than it said")]
    [InlineData(":one\r\n", "a number is none")]
    [InlineData("+OK\n", "does not end as one")]
    [InlineData("%1\r\n", "begins with byte 37")]
    [InlineData("\r\n", "empty line")]
    public void An_answer_that_no_Redis_gives_is_told(string answer, string problem)
    {
        var told = Assert.Throws<RedisLostException>(() => Read(Encoding.UTF8.GetBytes(answer), []));

        Assert.Contains(problem, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_an_end_is_given_up()
    {
        var told = Assert.Throws<RedisLostException>(() => Read([.. Enumerable.Repeat((byte)'+', 1_000_000)], []));

        Assert.Contains("65,536", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_taken_as_bytes_come_and_not_as_they_are_announced()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<RedisLostException>(() => Read("*900000\r\n$3\r\nabc\r\n"u8.ToArray(), [], long.MaxValue));
        Assert.Throws<RedisLostException>(() => Read("$2000000000\r\nabc"u8.ToArray(), [], long.MaxValue));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * 1024 * 1024);
    }

    private static RespValue Read(byte[] bytes, IReadOnlyList<int> pieces, long most = Most) =>
        new RespReader(new ChunkedStream(bytes, pieces), most).Read(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private static Gen<List<int>> Pieces() => Gen.Choose(1, 9).ListOf(3).Select(pieces => pieces.ToList());

    private static Gen<RespValue> Values(int depth)
    {
        var bulk = Gen.Choose(0, 255).ListOf().Select(
            bytes => new RespValue(RespKind.Bulk, Bytes: [.. bytes.Select(number => (byte)number)]));
        var integer = Gen.Choose(int.MinValue, int.MaxValue).Select(number => new RespValue(RespKind.Integer, number * 5L));
        var line = Gen.Elements('a', 'Z', ' ', '7').ListOf().SelectMany(
            letters => Gen.Elements(RespKind.Simple, RespKind.Error),
            (letters, kind) => new RespValue(kind, Bytes: Encoding.UTF8.GetBytes([.. letters])));
        var flat = Gen.OneOf(bulk, integer, line, Gen.Constant(default(RespValue)));
        return depth == 0 ? flat : Gen.OneOf(flat, Gen.Choose(0, 5).SelectMany(
            count => Values(depth - 1).ListOf(count), (_, items) => new RespValue(RespKind.Array, Items: [.. items])));
    }

    private static byte[] Written(RespValue value)
    {
        using var bytes = new MemoryStream();
        Write(bytes, value);
        return bytes.ToArray();
    }

    private static void Write(MemoryStream bytes, RespValue value)
    {
        var (head, body) = value.Kind switch
        {
            RespKind.Null => ("$-1", null),
            RespKind.Simple => ("+" + value.Text, null),
            RespKind.Error => ("-" + value.Text, null),
            RespKind.Integer => (string.Create(CultureInfo.InvariantCulture, $":{value.Integer}"), null),
            RespKind.Bulk => (string.Create(CultureInfo.InvariantCulture, $"${value.Bytes!.Length}"), value.Bytes),
            _ => (string.Create(CultureInfo.InvariantCulture, $"*{value.Items!.Length}"), null),
        };
        bytes.Write(Encoding.UTF8.GetBytes(head + "\r\n"));
        if (body is not null)
            bytes.Write([.. body, (byte)'\r', (byte)'\n']);
        foreach (var item in value.Items ?? [])
            Write(bytes, item);
    }

    private static string Shown(RespValue value) => value.Kind == RespKind.Array
        ? "[" + string.Join(", ", value.Items!.Select(Shown)) + "]"
        : string.Create(CultureInfo.InvariantCulture, $"{value.Kind} {value.Integer} {Convert.ToHexString(value.Bytes ?? [])}");
}
