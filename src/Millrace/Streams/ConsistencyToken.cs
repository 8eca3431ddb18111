using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Millrace;

/// <summary>Opaque: the place in the log that a command reached, to be handed to queries that must see its
/// effect.</summary>
/// <remarks>
/// It names the epoch of the log and a position in it, so that a token from before a restore is not taken for the
/// present. Its text is safe in URLs and headers. The default value asks for nothing.
/// </remarks>
public readonly record struct ConsistencyToken : IParsable<ConsistencyToken>
{
    private const byte Form = 1;
    private const int Bytes = 17;
    private const int MaxCharacters = 24;

    internal ConsistencyToken(long logEpoch, long position) => (LogEpoch, Position) = (logEpoch, position);

    internal long LogEpoch { get; }

    internal long Position { get; }

    /// <summary>True for the default value, which asks for nothing.</summary>
    public bool IsNone => Position == 0;

    /// <inheritdoc/>
    /// <exception cref="FormatException">The text is not a token.</exception>
    public static ConsistencyToken Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var token)
            ? token
            : throw new FormatException("The text is not a consistency token: hand back what a command's answer gave.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ConsistencyToken result)
    {
        result = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (string.IsNullOrEmpty(s) || s.Length > MaxCharacters)
            return false;
        // The status tells of what is not Base64; the method that answers true or false throws for it.
        var status = Base64Url.DecodeFromChars(s, bytes, out _, out var written);
        if (status != OperationStatus.Done || written != Bytes || bytes[0] != Form)
            return false;
        var epoch = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        var position = BinaryPrimitives.ReadInt64BigEndian(bytes[9..]);
        if (epoch < 1 || position < 0)
            return false;
        result = new ConsistencyToken(epoch, position);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        if (IsNone)
            return "";
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes[0] = Form;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], LogEpoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], Position);
        return Base64Url.EncodeToString(bytes);
    }
}
