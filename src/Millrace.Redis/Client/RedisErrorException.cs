using StackExchange.Redis;

namespace Millrace.Redis.Client;

/// <summary>Thrown when Redis answers a command with an error. The connection stays open, unless the server is a
/// replica.</summary>
internal sealed class RedisErrorException(string text, Exception? innerException = null)
    : Exception(text, innerException)
{
    private const string Kind = "SimpleError: ";

    /// <summary>Returns the server's text, without the kind of answer that the library may prepend.</summary>
    public static string TextOf(RedisServerException error) =>
        error.Message.StartsWith(Kind, StringComparison.Ordinal) ? error.Message[Kind.Length..] : error.Message;

    /// <summary>Gets the first word of the text: <c>WRONGTYPE</c>, <c>NOGROUP</c>.</summary>
    public string Code { get; } = text.Split(' ', 2)[0];

    /// <summary>
    /// True if the server reports that it is a replica, or a replica without contact to its master. Redis before
    /// version 7 reports this within the error of a script.
    /// </summary>
    public bool IsReplicaError =>
        Code is "READONLY" or "MASTERDOWN"
        || (Code == "ERR" && Message.Contains("-READONLY ", StringComparison.Ordinal));

    /// <summary>
    /// True if the error is permanent until a permission, a name or the server is changed. Errors during a fail-over
    /// are transient.
    /// </summary>
    public bool IsPermanent =>
        Code is "WRONGTYPE" or "NOPERM" or "NOAUTH" or "WRONGPASS" or "DENIED" or "ERR" && !IsReplicaError;
}
