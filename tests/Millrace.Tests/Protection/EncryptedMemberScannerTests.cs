using System.Text;
using Millrace.Protection;

namespace Millrace.Tests.Protection;

/// <summary>Tests that the fast search for encrypted members finds what the complete one finds, or nothing.</summary>
public sealed class EncryptedMemberScannerTests
{
    private const string Token = "\"~enc1.AAAAAAAAAAAAAAAAAAAAAA.AAAA\"";
    private const string OtherToken = "\"~enc1.AAAAAAAAAAAAAAAAAAAAAQ.AAAA.bnVsbA\"";

    private static readonly EncryptedPaths Paths = new(["/name", "/note"]);

    [Theory]
    [InlineData("{\"name\":T,\"note\":U}")]
    [InlineData("{\"a\":1,\"name\":T,\"b\":[1,{\"c\":\"]}\"}],\"note\":T}")]
    [InlineData("{\"note\":U,\"d\":{\"note\":T,\"e\":[[]]},\"name\":T,\"f\":null}")]
    [InlineData("{\"t\":\"a \\\" {[ \\\\\",\"name\":T,\"x\":T,\"note\":U}")]
    [InlineData("{\"name\":T,\"u\":\":\",\"w\":\"name\",\"note\":T}")]
    public void It_finds_the_same_values_as_the_complete_search(string pattern)
    {
        var json = Json(pattern);
        var expected = EncryptedValueLocator.Find(json)!.FindAll(value => Paths.All.Contains(value.Path));

        var found = EncryptedMemberScanner.Find(json, Paths);

        Assert.NotNull(found);
        Assert.Equal(
            expected.Select(value => (value.Start, value.Length, value.Path, value.Text.KeyId, value.Text.ErasedJson)),
            found.Select(value => (value.Start, value.Length, value.Path, value.Text.KeyId, value.Text.ErasedJson)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[T,U]")]
    [InlineData("{\"name\":T}")]
    [InlineData("{\"name\":T,\"note\":\"plain\"}")]
    [InlineData("{\"name\":T,\"note\":U,\"name\":T}")]
    [InlineData("{\"name\":T,\"x\":{\"note\":U}}")]
    [InlineData("{\"name\":T,\"x\":[U]}")]
    [InlineData("{\"name\":T,\"note\" :U}")]
    [InlineData("{\"name\":T,\"note\": U}")]
    [InlineData("{\"a\":1,\"name\" :T,\"note\":U}")]
    [InlineData("{\"name\":T,\"n\\u006fte\":U,\"note\":T}")]
    [InlineData("{\"name\":T,\"note\":U}{}")]
    [InlineData("{\"name\":T,\"note\":U")]
    [InlineData("{\"name\":T,\"note\":\"~enc1.AA")]
    [InlineData("{\"name\":T,\"note\":\"~enc1.AA\"}")]
    [InlineData("{\"name\":T,\"note\":\"\\")]
    public void Other_payloads_need_the_complete_search(string pattern) =>
        Assert.Null(EncryptedMemberScanner.Find(Json(pattern), Paths));

    [Theory]
    [InlineData("/guests/0/name")]
    [InlineData("/a~1b")]
    [InlineData("/ü")]
    [InlineData("/")]
    [InlineData("")]
    public void Other_paths_need_the_complete_search(string path) =>
        Assert.Null(EncryptedMemberScanner.Find(Json("{\"name\":T}"), new EncryptedPaths(["/name", path])));

    private static byte[] Json(string pattern) => Encoding.UTF8.GetBytes(
        pattern
            .Replace("T", Token, StringComparison.Ordinal)
            .Replace("U", OtherToken, StringComparison.Ordinal));
}
