namespace Millrace.Redis;

/// <summary>Whether a server is the replica of another. A user who may not ask (<c>+role</c>) is not told, and takes it for none.</summary>
internal static class ServerRole
{
    /// <summary>Asks for the role behind other commands.</summary>
    public static RedisCommands Ask(RedisCommands commands) => commands.Begin(1).Add("ROLE"u8);

    /// <summary>Whether an answer says that the server is a replica.</summary>
    public static bool IsReplica(RespValue answer) => answer.Items is [{ Bytes: { } role }, ..] && role.AsSpan().SequenceEqual("slave"u8);

    /// <exception cref="RedisLostException">The connection is broken.</exception>
    public static async ValueTask<bool> IsReplica(IRedisConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        var replies = await connection.Send(Ask(new RedisCommands()), limit, cancellationToken).ConfigureAwait(false);
        await replies.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        return replies.Failure is { } failure
            ? throw new RedisLostException(failure.Message, failure)
            : IsReplica(replies[0]);
    }
}
