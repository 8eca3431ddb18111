using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Generators.Tests.Shop;
using Millrace.Serialization;
using Independent = System.Formats.Cbor;

namespace Millrace.Generators.Tests;

/// <summary>Tests that the CBOR of a model has the same content as its JSON.</summary>
public sealed class ModelCborTests
{
    private const long LastTick = 3_100_000_000_000_000_000;

    private static readonly string[] OtherJson =
        ["null", "true", "[1]", "{\"a\":{}}", "1.5", "-1e400", "70000", "\"\\u0000\"", "\"\"", "\"2011-12-05\""];

    private static readonly EventTypeMap Types = TypesOf();

    private static readonly OrderId Order = new(Guid.Parse("0193f0c2-0000-7000-8000-000000000001"));

    [Fact]
    public void An_event_is_a_map_of_its_members()
    {
        var cbor = Write(new OrderPlaced(Order, new Money(12.50m, "EUR"), new DateOnly(2011, 12, 5)));

        Assert.Equal(
            "a3" // A map of three:
            + "65" + Hex("order") + "d825500193f0c2000070008000000000000001" // a UUID,
            + "65" + Hex("total") + "a2" + "66" + Hex("amount") + "c4822119" + "04e2" // 1250 · 10⁻²,
            + "68" + Hex("currency") + "63" + Hex("EUR")
            + "63" + Hex("day") + "d864193bd1", // and a day counted from 1970.
            Convert.ToHexStringLower(cbor));
    }

    [Fact]
    public void Members_of_every_type_are_read_back_unchanged_from_CBOR()
    {
        var again = Read<EverythingHappened>(Write(Samples.Everything));

        Assert.Equal(JsonOf(Samples.Everything), JsonOf(again));
        Assert.Equal(Samples.Everything.Optional with { Names = null }, again.Optional with { Names = null });
        Assert.Equal(Samples.Everything.Collections.ByDay, again.Collections.ByDay);
        Assert.Equal(Samples.Everything.Instant.Offset, again.Instant.Offset);
    }

    [Fact]
    public void The_CBOR_of_an_event_converts_to_its_JSON() =>
        Assert.Equal(JsonOf(Samples.Everything), Encoding.UTF8.GetString(CborJson.ToJson(Write(Samples.Everything))));

    [Fact]
    public void An_event_is_read_from_CBOR_that_was_converted_from_JSON()
    {
        var again = Read<EverythingHappened>(CborJson.FromJson(Encoding.UTF8.GetBytes(JsonOf(Samples.Everything))));

        Assert.Equal(JsonOf(Samples.Everything), JsonOf(again));
    }

    [Fact]
    public void An_event_is_read_from_CBOR_with_indefinite_lengths_and_long_numbers()
    {
        var again = Read<EverythingHappened>(Reencode(Write(Samples.Everything)));

        Assert.Equal(JsonOf(Samples.Everything), JsonOf(again));
    }

    [Fact]
    public void Any_event_has_the_same_values_in_CBOR_and_in_JSON() => Prop.ForAll(AnyEvent().ToArbitrary(), happened =>
    {
        var (json, cbor) = (JsonOf(happened), Write(happened));
        return Encoding.UTF8.GetString(CborJson.ToJson(cbor)) == json
            && JsonOf(Read<EverythingHappened>(cbor)) == json
            && Write(Read<EverythingHappened>(cbor)).AsSpan().SequenceEqual(cbor)
            && JsonOf(Read<EverythingHappened>(CborJson.FromJson(Encoding.UTF8.GetBytes(json)))) == json
            && IsAccepted(cbor);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void A_missing_member_is_reported_by_its_name_in_CBOR()
    {
        var complete = JsonNode.Parse(JsonOf(Samples.Everything))!.AsObject();

        foreach (var name in complete.Select(member => member.Key))
        {
            var without = complete.DeepClone().AsObject();
            without.Remove(name);

            var refused = Assert.Throws<JsonException>(() => Read<EverythingHappened>(Cbor(without)));

            Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void JSON_and_CBOR_with_the_same_mistake_are_refused_with_the_same_message()
    {
        var complete = JsonNode.Parse(JsonOf(Samples.Everything))!.AsObject();
        foreach (var name in complete.Select(member => member.Key))
        {
            foreach (var other in OtherJson)
            {
                var changed = complete.DeepClone().AsObject();
                changed[name] = JsonNode.Parse(other);
                var json = Problem(() =>
                    JsonSerializer.Deserialize<EverythingHappened>(changed.ToJsonString(), ShopModel.Json));
                var cbor = Problem(() => Read<EverythingHappened>(Cbor(changed)));

                Assert.True(json == cbor, $"{name} = {other}: {json} / {cbor}");
            }
        }
    }

    [Fact]
    public void Unknown_members_of_CBOR_are_skipped_in_any_order()
    {
        var placed = Read<OrderPlaced>(CborJson.FromJson("""
            {"more":{"a":[1,{"b":null}]},"day":"2011-12-05","total":{"currency":"EUR","x":[],"amount":1},
            "order":"0193f0c2-0000-7000-8000-000000000001","z":1}
            """u8));

        Assert.Equal(new OrderPlaced(Order, new Money(1, "EUR"), new DateOnly(2011, 12, 5)), placed);
    }

    [Fact]
    public void A_duplicate_member_is_refused()
    {
        var cbor = Write(new OrderPlaced(Order, new Money(1, "EUR"), new DateOnly(2011, 12, 5)));
        byte[] twice = [(byte)(cbor[0] + 1), .. cbor[1..], .. Convert.FromHexString("63" + Hex("day") + "d86400")];

        var refused = Assert.Throws<MalformedCborException>(() => Read<OrderPlaced>(twice));

        Assert.Contains("twice", refused.Message, StringComparison.Ordinal);
        Assert.Equal(cbor.Length, refused.Offset);
    }

    [Fact]
    public void A_value_that_contains_itself_is_refused()
    {
        var branches = new List<Branch>();
        branches.Add(new Branch("a", branches));

        Assert.Throws<InvalidOperationException>(() => Write(Samples.Everything with { Tree = branches[0] }));
    }

    [Fact]
    public void Lone_surrogates_and_values_that_are_not_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Write(Samples.Everything with { Text = "\ud800" }));
        Assert.Throws<ArgumentException>(() => Write(Samples.Everything with { Double = double.NaN }));
        Assert.Throws<ArgumentException>(() => Write(Samples.Everything with { Single = float.PositiveInfinity }));
    }

    [Fact]
    public void Texts_of_every_length_are_read_back_unchanged()
    {
        int[] lengths =
        [
            0,
            7,
            8,
            22,
            23,
            24,
            85,
            86,
            127,
            128,
            255,
            256,
            341,
            342,
            1023,
            1024,
            1025,
            5_000,
            65_535,
            65_536,
            100_000,
        ];
        foreach (var length in lengths)
        {
            foreach (var text in new[] { new string('a', length), new string('é', length), new string('水', length) })
                Assert.Equal(text, Read<EverythingHappened>(Write(Samples.Everything with { Text = text })).Text);
        }
    }

    private static EventTypeMap TypesOf()
    {
        var model = new ModelBuilder();
        ShopModel.Register(model);
        return model.BuildEventTypes();
    }

    private static byte[] Write(object value) => Types.Get(value.GetType()).Write(value, EventContentType.Cbor);

    private static T Read<T>(ReadOnlySpan<byte> cbor) => (T)Types.Get(typeof(T)).Read(cbor, EventContentType.Cbor);

    private static byte[] Cbor(JsonObject json) => CborJson.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string JsonOf(EverythingHappened value) => JsonSerializer.Serialize(value, ShopModel.Json);

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private static string? Problem(Action read) => Record.Exception(read) switch
    {
        null => null,
        JsonException exception => exception.Message.Split(" Path:")[0],
        var other => throw other,
    };

    private static bool IsAccepted(byte[] cbor)
    {
        var reader = new Independent.CborReader(cbor, Independent.CborConformanceMode.Strict);
        reader.SkipValue();
        return reader.BytesRemaining == 0;
    }

    /// <summary>
    /// Returns the same CBOR as another program could write it, with indefinite lengths and long numbers.
    /// </summary>
    private static byte[] Reencode(byte[] cbor)
    {
        var reader = new Independent.CborReader(cbor);
        var writer = new Independent.CborWriter();
        Reencode(reader, writer);
        return writer.Encode();
    }

    private static void Reencode(Independent.CborReader reader, Independent.CborWriter writer)
    {
        switch (reader.PeekState())
        {
            case Independent.CborReaderState.StartMap:
                reader.ReadStartMap();
                writer.WriteStartMap(null);
                var pairs = new List<(byte[] Key, byte[] Value)>();
                while (reader.PeekState() != Independent.CborReaderState.EndMap)
                    pairs.Add((reader.ReadEncodedValue().ToArray(), reader.ReadEncodedValue().ToArray()));
                foreach (var (key, value) in pairs)
                {
                    writer.WriteEncodedValue(key);
                    Reencode(new Independent.CborReader(value), writer);
                }
                reader.ReadEndMap();
                writer.WriteEndMap();
                break;
            case Independent.CborReaderState.StartArray:
                reader.ReadStartArray();
                writer.WriteStartArray(null);
                while (reader.PeekState() != Independent.CborReaderState.EndArray)
                    Reencode(new Independent.CborReader(reader.ReadEncodedValue()), writer);
                reader.ReadEndArray();
                writer.WriteEndArray();
                break;
            case Independent.CborReaderState.TextString:
                var text = reader.ReadTextString();
                writer.WriteStartIndefiniteLengthTextString();
                foreach (var rune in text.EnumerateRunes())
                    writer.WriteTextString(rune.ToString());
                writer.WriteEndIndefiniteLengthTextString();
                break;
            case Independent.CborReaderState.UnsignedInteger:
                var number = reader.ReadUInt64();
                writer.WriteEncodedValue([0x1b, .. BitConverter.GetBytes(number).Reverse()]);
                break;
            default:
                writer.WriteEncodedValue(reader.ReadEncodedValue().Span);
                break;
        }
    }

    private static Gen<EverythingHappened> AnyEvent() =>
        from text in ArbMap.Default.GeneratorFor<string>()
        from integer in ArbMap.Default.GeneratorFor<long>()
        from small in ArbMap.Default.GeneratorFor<int>()
        from number in ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite)
        from single in ArbMap.Default.GeneratorFor<float>().Where(float.IsFinite)
        from amount in Decimals()
        from id in ArbMap.Default.GeneratorFor<Guid>()
        from ticks in Gen.Choose(0, int.MaxValue)
        from unit in Gen.Elements(1L, 10L, 10_000L, 10_000_000L, 864_000_000_000L)
        from minutes in Gen.Elements(0, 0, 60, -570, 840)
        from bytes in ArbMap.Default.GeneratorFor<byte[]>()
        let instant = new DateTimeOffset(
            (long)((Int128)ticks * unit % LastTick) + TimeSpan.TicksPerDay, TimeSpan.FromMinutes(minutes))
        select Samples.Everything with
        {
            Text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")),
            Int64 = integer,
            UInt64 = unchecked((ulong)integer),
            Int32 = small,
            Double = number,
            Single = single,
            Decimal = amount,
            Guid = id,
            Instant = instant,
            DateTime = DateTime.SpecifyKind(
                instant.DateTime, minutes == 0 ? DateTimeKind.Utc : DateTimeKind.Unspecified),
            Day = DateOnly.FromDateTime(instant.DateTime),
            Duration = TimeSpan.FromTicks(integer),
            Bytes = bytes ?? [],
        };

    private static Gen<decimal> Decimals() =>
        from low in ArbMap.Default.GeneratorFor<int>()
        from middle in Gen.Elements(0, 1, -1, int.MinValue)
        from high in Gen.Elements(0, 0, 1, -1)
        from isNegative in Gen.Elements(true, false)
        from scale in Gen.Choose(0, 28)
        select new decimal(low, middle, high, isNegative, (byte)scale);
}
