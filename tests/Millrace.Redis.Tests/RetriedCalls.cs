namespace Millrace.Redis.Tests;

/// <summary>Calls that a test repeats while a server is unavailable.</summary>
internal static class RetriedCalls
{
    /// <summary>Returns whether the lock was taken, or false if the server is unavailable or a replica.</summary>
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

    /// <summary>Returns a receiver, or null if no server is available.</summary>
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
