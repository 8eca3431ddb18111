using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Millrace.Streams;

namespace Millrace;

/// <summary>
/// A token for a position in the log, such as the position that a command has reached. Pass the token to queries that
/// must reflect the events up to that position.
/// </summary>
/// <remarks>
/// A token contains the epoch of the log and a position. The epoch shows whether a token was created before a restore.
/// If the streams of an application are in several shards, a token contains an epoch and a position for each shard that
/// it refers to. The text of a token is safe in URLs and headers. With the default value, queries do not wait for any
/// event.
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

    private ConsistencyToken(ShardPositions shards) => Shards = shards;

    /// <summary>Gets the epoch of the log; 0 if the token is for shards, so that no log has it.</summary>
    internal long LogEpoch { get; }

    internal long Position { get; }

    /// <summary>Gets the positions in shards; null if the token is for the log of a single store.</summary>
    internal ShardPositions? Shards { get; }

    /// <summary>Gets whether this is the default value, with which queries do not wait for any event.</summary>
    public bool IsNone => Position == 0 && Shards is null;

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
        if (string.IsNullOrEmpty(s))
            return false;
        if (s.Length > MaxCharacters || s[0] == ShardPositions.FirstCharacter)
            return TryParseShards(s, out result);
        Span<byte> bytes = stackalloc byte[ByteCount];
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

    /// <summary>
    /// Combines two tokens. A query with the result reflects the events up to the positions of both tokens.
    /// </summary>
    /// <remarks>
    /// Use it if a query must reflect several commands. Of two positions in the same log, the later one applies. A
    /// position of a later epoch replaces a position of an earlier epoch.
    /// </remarks>
    public ConsistencyToken With(ConsistencyToken other) =>
        other.IsNone ? this
        : IsNone ? other
        : Shards is null && other.Shards is null ? Later(this, other)
        : new ConsistencyToken(ShardPositions.Latest(AsShards(), other.AsShards()));

    /// <inheritdoc/>
    public override string ToString()
    {
        if (Shards is not null)
            return Shards.ToString();
        if (IsNone)
            return "";
        Span<byte> bytes = stackalloc byte[ByteCount];
        bytes[0] = FormatVersion;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], LogEpoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], Position);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Creates a token for a position in a shard.</summary>
    internal static ConsistencyToken InShard(string shard, long logEpoch, long position) =>
        new(ShardPositions.Of([new ShardPosition(shard, logEpoch, position)]));

    /// <summary>Creates a token for positions in shards; none if there are no positions.</summary>
    internal static ConsistencyToken InShards(IEnumerable<ShardPosition> positions) =>
        ShardPositions.Of(positions) is { All.Length: > 0 } shards ? new ConsistencyToken(shards) : default;

    /// <summary>
    /// Returns the token for the log of one shard; none if this token does not refer to the shard. A token from before
    /// there were shards refers to the home shard, whose log has the earlier events.
    /// </summary>
    internal ConsistencyToken For(string shard, bool isHome)
    {
        if (Shards is null)
            return isHome ? this : default;
        var found = Shards.Find(shard) ?? (isHome ? Shards.Find("") : null);
        return found is { } one ? new ConsistencyToken(one.LogEpoch, one.Position) : default;
    }

    /// <summary>
    /// Returns the positions in shards. The empty name is the single log from before there were shards.
    /// </summary>
    private ShardPositions AsShards() => Shards ?? ShardPositions.Of([new ShardPosition("", LogEpoch, Position)]);

    private static ConsistencyToken Later(ConsistencyToken one, ConsistencyToken other) =>
        (one.LogEpoch, one.Position).CompareTo((other.LogEpoch, other.Position)) >= 0 ? one : other;

    private static bool TryParseShards(string text, out ConsistencyToken result)
    {
        var shards = ShardPositions.TryParse(text);
        result = shards is null ? default : new ConsistencyToken(shards);
        return shards is not null;
    }
}
