using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Servers;

/// <summary>Reserves ports on 127.0.0.1 for servers that listen later, and again after a crash.</summary>
/// <remarks>
/// The system may assign one of its ports to another program before the server listens or while the server is
/// stopped. The ports of this class are below the range of the system, and each is reserved for one test process.
/// </remarks>
public static class FreePorts
{
    private const int First = 12_000;
    private const int PortRange = 32_000;
    private const int MaxAttempts = 1_000;

    private static readonly Lock Gate = new();
    private static readonly List<FileStream> ReservedPorts = [];

    /// <summary>Returns a free port, which no other test receives while this process runs.</summary>
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

    /// <summary>Opens a file that only one process can open. The file is deleted when the process ends.</summary>
    private static FileStream? TryReserve(int port)
    {
        var path = Path.Combine(
            Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"millrace-port-{port}"));
        try
        {
            return new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
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
