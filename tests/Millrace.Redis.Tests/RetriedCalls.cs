namespace Millrace.Redis.Tests;

/// <summary>What is tried again and again while a server is away.</summary>
internal static class RetriedCalls
{
    /// <summary>Whether a lock was taken; false as well when no server takes it, which a replica says too.</summary>
    public static async Task<bool> TryTake(RedisLocks locks, string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await locks.TryTake(name, "ada", TimeSpan.FromMinutes(1), cancellationToken)).IsTaken;
        }
        catch (TransportUnavailableException)
        {
            return false;
        }
    }

    /// <summary>A receiver; null when no server can be asked.</summary>
    public static async Task<IReceiver?> TryReceive(
        RedisTransport transport, Subscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.Receive(subscription, cancellationToken);
        }
        catch (TransportUnavailableException)
        {
            return null;
        }
    }
}
