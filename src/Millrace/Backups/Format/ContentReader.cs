using System.Buffers.Binary;
using System.Text;

namespace Millrace.Backups.Format;

/// <summary>Reads the values that <see cref="ContentWriter"/> wrote.</summary>
internal sealed class ContentReader(ReadOnlyMemory<byte> content)
{
    private int _next;

    public bool IsAtEnd => _next == content.Length;

    public long Number()
    {
        var bits = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var one = Take(1).Span[0];
            bits |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
                return (long)(bits >> 1) ^ -(long)(bits & 1);
        }
        throw new BackupFormatException("it contains an invalid number");
    }

    public int Count()
    {
        var count = Number();
        return count is >= 0 and <= int.MaxValue
            ? (int)count
            : throw new BackupFormatException("it contains an invalid count");
    }

    public ReadOnlyMemory<byte> Bytes() => Take(Count());

    public string? Text()
    {
        var length = Number();
        return length switch
        {
            -1 => null,
            >= 0 and <= int.MaxValue => Encoding.UTF8.GetString(Take((int)length).Span),
            _ => throw new BackupFormatException("it contains an invalid length"),
        };
    }

    /// <summary>Reads text that is not null.</summary>
    public string RequiredText() => Text() ?? throw new BackupFormatException("it lacks a required text");

    public Guid Id() => new(Take(16).Span, bigEndian: true);

    public Guid? OptionalId() => Number() == 0 ? null : Id();

    public double Real() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)).Span);

    /// <summary>Reads everything that remains.</summary>
    public ReadOnlyMemory<byte> Rest() => Take(content.Length - _next);

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > content.Length - _next)
            throw new BackupFormatException("it ends too early");
        var taken = content.Slice(_next, length);
        _next += length;
        return taken;
    }
}
