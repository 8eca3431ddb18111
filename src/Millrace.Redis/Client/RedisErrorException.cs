namespace Millrace.Redis;

/// <summary>Redis did not do what it was asked for, and says why. The connection goes on.</summary>
internal sealed class RedisErrorException(string text) : Exception(text)
{
    /// <summary>The first word of what it says: <c>WRONGTYPE</c>, <c>NOGROUP</c>.</summary>
    public string Code { get; } = text.Split(' ', 2)[0];

    /// <summary>Whether it stays so until somebody changes a right, a name or the server.</summary>
    public bool IsLasting => Code is "WRONGTYPE" or "NOPERM" or "NOAUTH" or "WRONGPASS" or "DENIED" or "MOVED" or "ERR";
}
