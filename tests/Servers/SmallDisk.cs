using System.Globalization;

namespace Servers;

/// <summary>
/// A file system in memory that a test can fill, for a tablespace. The process needs the permission to mount.
/// </summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const string Prefix = "millrace-disk-";

    private readonly string _root;

    private SmallDisk(string root) => _root = root;

    /// <summary>Gets whether this process may mount. Otherwise a full disk would affect other programs.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && TryMount();

    /// <summary>Gets an empty directory on the file system that belongs to the user of the servers.</summary>
    public string Directory => Path.Combine(_root, "disk", "space");

    private string FillerFile => Path.Combine(_root, "disk", "ballast");

    /// <summary>Mounts a file system.</summary>
    /// <param name="megabytes">The size of the file system.</param>
    public static async Task<SmallDisk> Mount(int megabytes)
    {
        await RemoveLeftovers();
        var root = System.IO.Directory.CreateTempSubdirectory(Prefix).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(root, "owner"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var mount = System.IO.Directory.CreateDirectory(Path.Combine(root, "disk")).FullName;
        await PostgreSqlServer.Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0777", "millrace", mount);
        var disk = new SmallDisk(root);
        System.IO.Directory.CreateDirectory(disk.Directory);
        await PostgreSqlServer.Run("chown", WatchedProgram.User, disk.Directory);
        await PostgreSqlServer.Run("chmod", "755", root);
        return disk;
    }

    /// <summary>Fills the free space with a file, even while other programs write.</summary>
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
            // The disk is full.
        }
    }

    /// <summary>Frees the space again.</summary>
    public void Empty() => File.Delete(FillerFile);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Remove(_root);

    private static bool TryMount()
    {
        var mount = System.IO.Directory.CreateTempSubdirectory(Prefix + "try-").FullName;
        try
        {
            PostgreSqlServer.Run("mount", "-t", "tmpfs", "-o", "size=1m", "millrace", mount).GetAwaiter().GetResult();
            PostgreSqlServer.Run("umount", mount).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            System.IO.Directory.Delete(mount);
        }
    }

    /// <summary>Removes the file systems of killed processes.</summary>
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
            // The file system is no longer mounted.
        }
        ServerDirectory.Remove(root);
    }
}
