using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Millrace;

/// <summary>
/// A token for a position in the log, such as the position that a command has reached. Pass the token to queries that
/// must reflect the events up to that position.
/// </summary>
/// <remarks>
/// A token contains the epoch of the log and a position. The epoch shows whether a token was created before a restore.
/// The text of a token is safe in URLs and headers. With the default value, queries do not wait for any event.
/// </remarks>
public readonly record struct ConsistencyToken : IParsable<ConsistencyToken>
{
    private const byte FormatVersion = 1;
    private const int ByteCount = 17;
    private const int MaxCharacters = 24;

    internal ConsistencyToken(long logEpoch, long position)
    {
        LogEpoch = logEpoch;
        Position = position;
    }

    internal long LogEpoch { get; }

    internal long Position { get; }

    /// <summary>Gets whether this is the default value, with which queries do not wait for any event.</summary>
    public bool IsNone => Position == 0;

    /// <inheritdoc/>
    /// <exception cref="FormatException">The text is not a token.</exception>
    public static ConsistencyToken Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var token)
            ? token
            : throw new FormatException("The text is not a consistency token: pass the token of a command's answer.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ConsistencyToken result)
    {
        result = default;
        Span<byte> bytes = stackalloc byte[ByteCount];
        if (string.IsNullOrEmpty(s) || s.Length > MaxCharacters)
            return false;
        // For invalid Base64, DecodeFromChars returns a status, but TryDecodeFromChars throws an exception.
        var status = Base64Url.DecodeFromChars(s, bytes, out _, out var written);
        if (status != OperationStatus.Done || written != ByteCount || bytes[0] != FormatVersion)
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
        Span<byte> bytes = stackalloc byte[ByteCount];
        bytes[0] = FormatVersion;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], LogEpoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], Position);
        return Base64Url.EncodeToString(bytes);
    }
}
