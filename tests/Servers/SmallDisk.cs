using System.Globalization;

namespace Servers;

/// <summary>A separate file system in memory that can be made full, for a tablespace. Needs the right to
/// mount.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const string Prefix = "millrace-disk-";

    private readonly string _root;

    private SmallDisk(string root) => _root = root;

    /// <summary>Whether this process may mount; elsewhere nothing can be made full without harm to others.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && TryMount();

    /// <summary>An empty directory on it that belongs to the servers' user.</summary>
    public string Directory => Path.Combine(_root, "disk", "space");

    private string FillerFile => Path.Combine(_root, "disk", "ballast");

    /// <summary>Mounts one.</summary>
    /// <param name="megabytes">How much it holds.</param>
    public static async Task<SmallDisk> Mount(int megabytes)
    {
        await RemoveLeftovers();
        var root = System.IO.Directory.CreateTempSubdirectory(Prefix).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(root, "owner"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var place = System.IO.Directory.CreateDirectory(Path.Combine(root, "disk")).FullName;
        await PostgreSqlServer.Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0777", "millrace", place);
        var disk = new SmallDisk(root);
        System.IO.Directory.CreateDirectory(disk.Directory);
        await PostgreSqlServer.Run("chown", WatchedProgram.User, disk.Directory);
        await PostgreSqlServer.Run("chmod", "755", root);
        return disk;
    }

    /// <summary>Leaves no room: what is free is taken by a ballast, whatever others write at the same time.</summary>
    public async Task Fill()
    {
        await using var ballast = new FileStream(
            FillerFile, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
                await ballast.WriteAsync(page);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(FillerFile);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Remove(_root);

    private static bool TryMount()
    {
        var place = System.IO.Directory.CreateTempSubdirectory(Prefix + "try-").FullName;
        try
        {
            PostgreSqlServer.Run("mount", "-t", "tmpfs", "-o", "size=1m", "millrace", place).GetAwaiter().GetResult();
            PostgreSqlServer.Run("umount", place).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            System.IO.Directory.Delete(place);
        }
    }

    /// <summary>Those of processes that were killed before they could remove them.</summary>
    private static async Task RemoveLeftovers()
    {
        foreach (var root in System.IO.Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            if (ServerDirectory.OwnerOf(root) is { } id && !System.IO.Directory.Exists($"/proc/{id}"))
                await Remove(root);
        }
    }

    private static async Task Remove(string root)
    {
        try
        {
            await PostgreSqlServer.Run("umount", "-l", Path.Combine(root, "disk"));
        }
        catch (InvalidOperationException)
        {
            // It is not mounted any more.
        }
        ServerDirectory.Remove(root);
    }
}
