using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests;

/// <summary>Tests that generated JSON code reads any bytes or refuses them with a JsonException.</summary>
public sealed class HostileJsonTests
{
    private static readonly byte[] ValidBytes = JsonSerializer.SerializeToUtf8Bytes(Samples.Everything, ShopModel.Json);

    private static readonly byte[] RepresentativeBytes = Encoding.UTF8.GetBytes("{}[]\",:\\-+.eE0129null true\0\u00ff");

    [Fact]
    public void Changed_bytes_are_read_or_refused_as_JSON()
    {
        var changes = Gen.ArrayOf(
            from index in Gen.Choose(0, ValidBytes.Length - 1)
            from value in Gen.OneOf(
                Gen.Elements(RepresentativeBytes), Gen.Choose(0, 255).Select(number => (byte)number))
            select (index, value));

        Prop.ForAll(changes.ToArbitrary(), IsReadOrRefused).Check(Config.QuickThrowOnFailure.WithMaxTest(20000));
    }

    [Fact]
    public void Cut_bytes_are_refused_as_JSON()
    {
        for (var length = 0; length < ValidBytes.Length; length++)
            Assert.ThrowsAny<JsonException>(() =>
                JsonSerializer.Deserialize<EverythingHappened>(ValidBytes.AsSpan(0, length), ShopModel.Json));
    }

    private static bool IsReadOrRefused((int Index, byte Value)[] changes)
    {
        var bytes = (byte[])ValidBytes.Clone();
        foreach (var (index, value) in changes)
            bytes[index] = value;
        try
        {
            return JsonSerializer.Deserialize<EverythingHappened>(bytes, ShopModel.Json) is not null;
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
