using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Generators.Tests.Shop;
using Millrace.Serialization;

namespace Millrace.Generators.Tests;

/// <summary>
/// Tests that generated CBOR code reads or refuses any bytes without other exceptions and with limited memory.
/// </summary>
public sealed class HostileCborTests
{
    private static readonly EventType Type = TypeOf();

    private static readonly byte[] ValidBytes = Type.Write(Samples.Everything, EventContentType.Cbor);

    private static readonly byte[] RepresentativeBytes = Convert.FromHexString(
        "001b203b405b5f607b7f809b9fa0bbbfc2c4d8f6f9fbff");

    [Fact]
    public void Changed_bytes_are_read_or_refused_as_CBOR()
    {
        var changes = Gen.ArrayOf(
            from index in Gen.Choose(0, ValidBytes.Length - 1)
            from value in Gen.OneOf(
                Gen.Elements(RepresentativeBytes), Gen.Choose(0, 255).Select(number => (byte)number))
            select (index, value));

        Prop.ForAll(changes.ToArbitrary(), IsReadOrRefused).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_as_CBOR() =>
        Prop.ForAll<byte[]>(IsReadOrRefused).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Cut_bytes_are_refused_as_CBOR()
    {
        for (var length = 0; length < ValidBytes.Length; length++)
            Assert.Throws<MalformedCborException>(() => Type.Read(ValidBytes.AsSpan(0, length), EventContentType.Cbor));
    }

    [Fact]
    public void Bytes_after_the_value_are_refused_as_CBOR()
    {
        Assert.Throws<MalformedCborException>(() => Type.Read([.. ValidBytes, 0x00], EventContentType.Cbor));
        // The prefix is the tag that identifies CBOR.
        Assert.NotNull(Type.Read([0xd9, 0xd9, 0xf7, .. ValidBytes], EventContentType.Cbor));
    }

    private static bool IsReadOrRefused((int Index, byte Value)[] changes)
    {
        var bytes = (byte[])ValidBytes.Clone();
        foreach (var (index, value) in changes)
            bytes[index] = value;
        return IsReadOrRefused(bytes);
    }

    private static bool IsReadOrRefused(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Type.Read(bytes, EventContentType.Cbor);
        }
        catch (Exception exception) when (exception is JsonException or MalformedCborException)
        {
            // The bytes are refused, as expected.
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
