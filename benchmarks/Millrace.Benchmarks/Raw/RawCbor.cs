using System.Formats.Cbor;

namespace Millrace.Benchmarks.Raw;

/// <summary>Writes and reads one event type as CBOR, with hand-written code on System.Formats.Cbor.</summary>
internal static class RawCbor
{
    private const CborTag UuidTag = (CborTag)37;
    private const CborTag DaysTag = (CborTag)100;
    private const CborTag ExtendedTimeTag = (CborTag)1001;
    private const int EpochDay = 719_162;

    private static readonly CborWriter Writer = new(CborConformanceMode.Lax);

    public static byte[] Write(DeviceMeasured value)
    {
        var writer = Writer;
        writer.Reset();
        writer.WriteStartMap(8);
        writer.WriteTextString("device");
        writer.WriteTag(UuidTag);
        Span<byte> id = stackalloc byte[16];
        value.Device.TryWriteBytes(id, bigEndian: true, out _);
        writer.WriteByteString(id);
        writer.WriteTextString("sequence");
        writer.WriteInt64(value.Sequence);
        writer.WriteTextString("at");
        writer.WriteTag(ExtendedTimeTag);
        writer.WriteStartMap(2);
        writer.WriteInt32(1);
        writer.WriteInt64(value.At.ToUnixTimeSeconds());
        writer.WriteInt32(-3);
        writer.WriteInt32(value.At.Millisecond);
        writer.WriteEndMap();
        writer.WriteTextString("celsius");
        writer.WriteDecimal(value.Celsius);
        writer.WriteTextString("volts");
        writer.WriteDecimal(value.Volts);
        writer.WriteTextString("humidity");
        writer.WriteInt32(value.Humidity);
        writer.WriteTextString("isCharging");
        writer.WriteBoolean(value.IsCharging);
        writer.WriteTextString("calibratedOn");
        writer.WriteTag(DaysTag);
        writer.WriteInt32(value.CalibratedOn.DayNumber - EpochDay);
        writer.WriteEndMap();
        return writer.Encode();
    }

    public static DeviceMeasured Read(byte[] payload)
    {
        var reader = new CborReader(payload, CborConformanceMode.Lax);
        var (device, sequence, at, celsius, volts) = (Guid.Empty, 0L, default(DateTimeOffset), 0m, 0m);
        var (humidity, isCharging, calibrated) = (0, false, default(DateOnly));
        for (var remaining = reader.ReadStartMap(); remaining > 0; remaining--)
        {
            switch (reader.ReadTextString())
            {
                case "device":
                    reader.ReadTag();
                    device = new Guid(reader.ReadByteString(), bigEndian: true);
                    break;
                case "sequence":
                    sequence = reader.ReadInt64();
                    break;
                case "at":
                    at = ReadTime(reader);
                    break;
                case "celsius":
                    celsius = reader.ReadDecimal();
                    break;
                case "volts":
                    volts = reader.ReadDecimal();
                    break;
                case "humidity":
                    humidity = reader.ReadInt32();
                    break;
                case "isCharging":
                    isCharging = reader.ReadBoolean();
                    break;
                case "calibratedOn":
                    reader.ReadTag();
                    calibrated = DateOnly.FromDayNumber(reader.ReadInt32() + EpochDay);
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }
        reader.ReadEndMap();
        return new DeviceMeasured(device, sequence, at, celsius, volts, humidity, isCharging, calibrated);
    }

    private static DateTimeOffset ReadTime(CborReader reader)
    {
        reader.ReadTag();
        reader.ReadStartMap();
        reader.ReadInt32();
        var time = DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64());
        reader.ReadInt32();
        time = time.AddMilliseconds(reader.ReadInt32());
        reader.ReadEndMap();
        return time;
    }
}
