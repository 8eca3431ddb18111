using System.Text;
using Millrace.Protection;

namespace Millrace.Tests.Protection;

/// <summary>Tests the stored form of an encrypted value, and that a value only decrypts at its own place.</summary>
public sealed class CipherTextTests
{
    private static readonly ProtectionContext Place =
        new ProtectionScope("", false).OfEvent("customer.registered", new StreamId("customer-1"), Guid.Empty);

    private static readonly DataKey Key = new(KeyIds.New(), [.. Enumerable.Range(0, 32).Select(n => (byte)n)]);

    [Theory]
    [InlineData("\"[erased]\"")]
    [InlineData("null")]
    [InlineData("{\"street\":\"ü\"}")]
    public void A_text_is_parsed_as_it_was_written(string erased)
    {
        var text = new CipherText(KeyIds.New(), Encoding.UTF8.GetBytes("any bytes at all, \0 too"), erased);

        var parsed = CipherText.TryParse(text.ToBytes())!.Value;

        Assert.Equal((text.KeyId, text.ErasedJson), (parsed.KeyId, parsed.ErasedJson));
        Assert.Equal(text.Data.ToArray(), parsed.Data.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("~enc1.")]
    [InlineData("~enc1.short.AAAA")]
    [InlineData("~enc2.AAAAAAAAAAAAAAAAAAAAAA.AAAA")]
    [InlineData("~enc1.AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("~enc1.AAAAAAAAAAAAAAAAAAAAAA.A*AA")]
    [InlineData("~enc1.AAAAAAAAAAAAAAAAAAAAAA.AAAA.A*")]
    [InlineData("~enc1.AAAAAAAAAAAAAAAAAAAAA*.AAAA")]
    [InlineData("~enc1.AAAAAAAAAAAAAAAAAAAAAA.AAAA.AAAA.AAAA")]
    public void Other_texts_are_not_encrypted_values(string text) =>
        Assert.Null(CipherText.TryParse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_value_decrypts_at_its_place()
    {
        using var cipher = Key.CipherOf(Place);
        var data = cipher.Encrypt("\"secret\""u8, "/email", "null");

        Assert.Equal("\"secret\"", Encoding.UTF8.GetString(cipher.Decrypt(data, "/email", "null")!.Value.Span));
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(data), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_does_not_decrypt_at_another_place()
    {
        using var cipher = Key.CipherOf(Place);
        var data = cipher.Encrypt("\"secret\""u8, "/email", "null");
        ProtectionContext[] others =
        [
            Place with { Type = "customer.moved" }, Place with { Owner = "customer-2" },
            Place with { Id = new Guid(1, 0, 0, new byte[8]).ToString("N") }, Place with { Kind = "document" },
            Place with { Tenant = "acme" },
            new ProtectionContext("event", "", "customer.registeredcustomer-1", "", Place.Id),
        ];

        Assert.Null(cipher.Decrypt(data, "/phone", "null"));
        Assert.Null(cipher.Decrypt(data, "/email", "\"\""));
        foreach (var other in others)
        {
            using var moved = Key.CipherOf(other);
            Assert.Null(moved.Decrypt(data, "/email", "null"));
        }
    }

    [Fact]
    public void Every_changed_bit_is_noticed()
    {
        using var cipher = Key.CipherOf(Place);
        var data = cipher.Encrypt("\"secret\""u8, "/email", "null");
        for (var bit = 0; bit < data.Length * 8; bit++)
        {
            data[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(cipher.Decrypt(data, "/email", "null"));
            data[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var length = 0; length < data.Length; length++)
            Assert.Null(cipher.Decrypt(data.AsSpan(0, length), "/email", "null"));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("\"twenty-nine characters of te\"")]
    public void The_length_does_not_show_a_short_value(string json)
    {
        using var cipher = Key.CipherOf(Place);

        Assert.Equal(62, cipher.Encrypt(Encoding.UTF8.GetBytes(json), "/email", "null").Length);
    }

    [Fact]
    public void Bytes_that_are_encrypted_as_a_whole_are_not_changed()
    {
        using var cipher = Key.CipherOf(Place);
        byte[] bytes = [0, 255, 32, 32, 32];

        Assert.Equal(bytes, cipher.Decrypt(cipher.Encrypt(bytes, "", "null"), "", "null")!.Value.ToArray());
    }

    [Fact]
    public void Equal_values_have_different_texts()
    {
        using var cipher = Key.CipherOf(Place);

        Assert.NotEqual(cipher.Encrypt("1"u8, "/age", "0"), cipher.Encrypt("1"u8, "/age", "0"));
    }
}
