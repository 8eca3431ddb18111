using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests;

/// <summary>No bytes make generated JSON code fail in any way but one.</summary>
public sealed class HostileJsonTests
{
    private static readonly byte[] Good = JsonSerializer.SerializeToUtf8Bytes(Samples.Everything, ShopModel.Json);

    private static readonly byte[] RepresentativeBytes = Encoding.UTF8.GetBytes("{}[]\",:\\-+.eE0129null true\0\u00ff");

    [Fact]
    public void Changed_bytes_are_read_or_refused_as_JSON()
    {
        var changes = Gen.ArrayOf(
            from place in Gen.Choose(0, Good.Length - 1)
            from value in Gen.OneOf(
                Gen.Elements(RepresentativeBytes), Gen.Choose(0, 255).Select(number => (byte)number))
            select (place, value));

        Prop.ForAll(changes.ToArbitrary(), IsReadOrRejected).Check(Config.QuickThrowOnFailure.WithMaxTest(20000));
    }

    [Fact]
    public void Cut_bytes_are_refused_as_JSON()
    {
        for (var length = 0; length < Good.Length; length++)
            Assert.ThrowsAny<JsonException>(() =>
                JsonSerializer.Deserialize<EverythingHappened>(Good.AsSpan(0, length), ShopModel.Json));
    }

    private static bool IsReadOrRejected((int Place, byte Value)[] changes)
    {
        var bytes = (byte[])Good.Clone();
        foreach (var (place, value) in changes)
            bytes[place] = value;
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
