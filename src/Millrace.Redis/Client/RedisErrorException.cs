using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>Thrown when Redis answers a command with an error. The connection stays open, unless the server is a
/// replica.</summary>
internal sealed class RedisErrorException(string text, Exception? innerException = null)
    : Exception(text, innerException)
{
    private const string Kind = "SimpleError: ";

    /// <summary>What a server has said, before which the library may say what kind of answer it is.</summary>
    public static string TextOf(RedisServerException error) =>
        error.Message.StartsWith(Kind, StringComparison.Ordinal) ? error.Message[Kind.Length..] : error.Message;

    /// <summary>The first word of what it says: <c>WRONGTYPE</c>, <c>NOGROUP</c>.</summary>
    public string Code { get; } = text.Split(' ', 2)[0];

    /// <summary>
    /// Whether a server says that it is a replica, or one that has no contact with the server that it copies; in the
    /// words of a script as well, where Redis before 7 puts it.
    /// </summary>
    public bool IsOfReplica =>
        Code is "READONLY" or "MASTERDOWN"
        || (Code == "ERR" && Message.Contains("-READONLY ", StringComparison.Ordinal));

    /// <summary>
    /// Whether the error is permanent until a right, a name or the server is changed. Errors during a fail-over are
    /// transient.
    /// </summary>
    public bool IsPermanent =>
        Code is "WRONGTYPE" or "NOPERM" or "NOAUTH" or "WRONGPASS" or "DENIED" or "ERR" && !IsOfReplica;
}
