using System.Buffers.Binary;
using System.Text;

namespace Millrace.Telemetry.Tests.Otlp;

/// <summary>A field of a protobuf message. Fields of unknown numbers are read as well.</summary>
/// <param name="Number">The number of the field.</param>
/// <param name="Bits">The value of a number.</param>
/// <param name="Bytes">The value of a text, of bytes or of a message.</param>
internal readonly record struct ProtobufField(int Number, ulong Bits, ReadOnlyMemory<byte> Bytes)
{
    private const int VariableLength = 0;
    private const int EightBytes = 1;
    private const int LengthDelimited = 2;
    private const int FourBytes = 5;

    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public string Hex => Convert.ToHexStringLower(Bytes.Span);

    public double Double => BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>Returns the fields of a message with a number.</summary>
    public static IEnumerable<ProtobufField> All(ReadOnlyMemory<byte> message, int number) =>
        Read(message).Where(field => field.Number == number);

    /// <summary>Returns the fields that a path of numbers leads to.</summary>
    public static IEnumerable<ProtobufField> All(ReadOnlyMemory<byte> message, params int[] path) =>
        path.Length == 1
            ? All(message, path[0])
            : All(message, path[0]).SelectMany(field => All(field.Bytes, path[1..]));

    private static List<ProtobufField> Read(ReadOnlyMemory<byte> message)
    {
        var fields = new List<ProtobufField>();
        while (message.Length > 0)
        {
            var tag = ReadNumber(ref message);
            var number = (int)(tag >> 3);
            switch ((int)(tag & 7))
            {
                case VariableLength:
                    fields.Add(new(number, ReadNumber(ref message), default));
                    break;
                case EightBytes:
                    fields.Add(new(number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span), message[..8]));
                    message = message[8..];
                    break;
                case LengthDelimited:
                    var length = (int)ReadNumber(ref message);
                    fields.Add(new(number, 0, message[..length]));
                    message = message[length..];
                    break;
                case FourBytes:
                    fields.Add(new(number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span), message[..4]));
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException($"Field {number} has an unknown wire type.");
            }
        }
        return fields;
    }

    private static ulong ReadNumber(ref ReadOnlyMemory<byte> message)
    {
        var value = 0UL;
        for (var i = 0; ; i++)
        {
            var part = message.Span[i];
            value |= (ulong)(part & 0x7f) << (7 * i);
            if (part >= 0x80)
                continue;
            message = message[(i + 1)..];
            return value;
        }
    }
}
