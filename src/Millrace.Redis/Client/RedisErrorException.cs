namespace Millrace.Redis;

/// <summary>Redis did not do what it was asked for, and says why. The connection goes on, unless the server is a replica.</summary>
internal sealed class RedisErrorException(string text) : Exception(text)
{
    /// <summary>The first word of what it says: <c>WRONGTYPE</c>, <c>NOGROUP</c>.</summary>
    public string Code { get; } = text.Split(' ', 2)[0];

    /// <summary>
    /// Whether a server says that it is a replica, or one that has no contact with the server that it copies; in the words of a script as
    /// well, where Redis before 7 puts it.
    /// </summary>
    public static bool IsOfReplica(ReadOnlySpan<byte> error) =>
        error.StartsWith("READONLY "u8) || error.StartsWith("MASTERDOWN "u8)
        || (error.StartsWith("ERR "u8) && error.IndexOf("-READONLY "u8) >= 0);

    /// <summary>Whether it stays so until somebody changes a right, a name or the server.</summary>
    public bool IsLasting => Code is "WRONGTYPE" or "NOPERM" or "NOAUTH" or "WRONGPASS" or "DENIED" or "MOVED" or "ERR";
}
