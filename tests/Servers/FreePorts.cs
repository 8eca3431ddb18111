using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Servers;

/// <summary>Ports on 127.0.0.1 for servers that listen only some time after they get one, and reuse it after a
/// crash.</summary>
/// <remarks>
/// A port assigned by the system may be assigned to another program before the server listens, or while it is down.
/// These ports are below the range of the system, and each is reserved for one test process while it runs.
/// </remarks>
public static class FreePorts
{
    private const int First = 12_000;
    private const int PortRange = 32_000;
    private const int MaxAttempts = 1_000;

    private static readonly Lock Gate = new();
    private static readonly List<FileStream> ReservedPorts = [];

    /// <summary>Returns a free port, which no other test gets while this process runs.</summary>
    public static int Take()
    {
        lock (Gate)
        {
            for (var tries = 0; tries < MaxAttempts; tries++)
            {
                var port = Random.Shared.Next(First, PortRange);
                if (TryReserve(port) is not { } kept)
                    continue;
                ReservedPorts.Add(kept);
                if (IsFree(port))
                    return port;
            }
        }
        throw new InvalidOperationException(
            $"No port from {First} to {PortRange} is free, or {Path.GetTempPath()} cannot be written to.");
    }

    /// <summary>A file that only one process can have open, and that is deleted with it.</summary>
    private static FileStream? TryReserve(int port)
    {
        var path = Path.Combine(
            Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"millrace-port-{port}"));
        try
        {
            return new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
