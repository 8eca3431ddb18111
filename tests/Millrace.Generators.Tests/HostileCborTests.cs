using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Generators.Tests.Shop;
using Millrace.Serialization;

namespace Millrace.Generators.Tests;

/// <summary>No bytes make generated CBOR code fail in any way but two, or take more memory
/// than they are worth.</summary>
public sealed class HostileCborTests
{
    private static readonly EventType Type = TypeOf();

    private static readonly byte[] Good = Type.Write(Samples.Everything, EventContentType.Cbor);

    private static readonly byte[] RepresentativeBytes = Convert.FromHexString(
        "001b203b405b5f607b7f809b9fa0bbbfc2c4d8f6f9fbff");

    [Fact]
    public void Changed_bytes_are_read_or_refused_as_CBOR()
    {
        var changes = Gen.ArrayOf(
            from place in Gen.Choose(0, Good.Length - 1)
            from value in Gen.OneOf(
                Gen.Elements(RepresentativeBytes), Gen.Choose(0, 255).Select(number => (byte)number))
            select (place, value));

        Prop.ForAll(changes.ToArbitrary(), IsReadOrRejected).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_as_CBOR() =>
        Prop.ForAll<byte[]>(IsReadOrRejected).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Cut_bytes_are_refused_as_CBOR()
    {
        for (var length = 0; length < Good.Length; length++)
            Assert.Throws<MalformedCborException>(() => Type.Read(Good.AsSpan(0, length), EventContentType.Cbor));
    }

    [Fact]
    public void What_follows_is_refused()
    {
        Assert.Throws<MalformedCborException>(() => Type.Read([.. Good, 0x00], EventContentType.Cbor));
        Assert.NotNull(Type.Read([0xd9, 0xd9, 0xf7, .. Good], EventContentType.Cbor)); // Says that it is CBOR.
    }

    private static bool IsReadOrRejected((int Place, byte Value)[] changes)
    {
        var bytes = (byte[])Good.Clone();
        foreach (var (place, value) in changes)
            bytes[place] = value;
        return IsReadOrRejected(bytes);
    }

    private static bool IsReadOrRejected(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Type.Read(bytes, EventContentType.Cbor);
        }
        catch (Exception exception) when (exception is JsonException or MalformedCborException)
        {
            // Refused.
        }

        return GC.GetAllocatedBytesForCurrentThread() - before < 256 * 1024;
    }

    private static EventType TypeOf()
    {
        var model = new ModelBuilder();
        ShopModel.Register(model);
        return model.BuildEventTypes().Get(typeof(EverythingHappened));
    }
}
